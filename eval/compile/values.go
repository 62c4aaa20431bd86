package compile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"escape.build/escape/eval"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// values settles the version and the metadata, whose expressions are evaluated now.
func (c *compiler) values() error {
	if err := c.version(); err != nil {
		return err
	}
	for _, p := range c.plan.Metadata {
		text, failed := c.text(p.Value)
		if failed != nil {
			if c.resolved() {
				c.reportAt(diag.MetadataFailed, p.Value.At(failed.span), "%s in metadata field '%s'.", failed.reason, p.Key.Value)
			}
			continue
		}
		c.meta.Metadata[p.Key.Value] = text
	}
	return nil
}

func (c *compiler) version() error {
	v := c.plan.Version
	if c.opts.Version != "" {
		v = plan.Script{Text: plan.Text{Value: c.opts.Version}}
		if expr.IsScript(v.Value) {
			e, findings := expr.Parse(v.Value)
			if findings.HasErrors() {
				c.reportAt(diag.VersionFailed, v.Span(), "Couldn't parse expression '%s' in version field: %s", v.Value, reason(findings[0]))
				return nil
			}
			v.Expr = e
		}
	}
	text, failed := c.text(v)
	if failed != nil {
		if c.resolved() {
			c.reportAt(diag.VersionFailed, v.At(failed.span), "Couldn't evaluate expression '%s' in version field: %s", v.Value, failed.reason)
		}
		return nil
	}
	text = strings.TrimSpace(text)
	switch text {
	case "auto": // old spelling
		text = "@"
	case "latest":
		c.reportAt(diag.VersionLatest, v.Span(), "Invalid version string 'latest'.")
		return nil
	}
	if p, err := release.ParsePattern(text); err == nil {
		if c.meta.Name == "" {
			return nil // reported; there is nobody to ask about
		}
		next, err := c.nextVersion(p)
		if err != nil {
			return err
		}
		text = string(next)
	}
	if _, err := release.ParseVersion(text); err != nil {
		c.reportAt(diag.InvalidVersion, v.Span(), "%s", err)
		return nil
	}
	c.meta.Version = text
	return nil
}

// nextVersion completes a pattern.
func (c *compiler) nextVersion(p release.Pattern) (release.Version, error) {
	if c.opts.Resolver == nil {
		return p.Next(nil), nil
	}
	return c.opts.Resolver.NextVersion(c.ctx, c.meta.Project, c.meta.Name, p)
}

// reason is what the original says about a finding, where it says something else.
func reason(d diag.Diagnostic) string {
	if d.Original != "" {
		return d.Original
	}
	return d.Message
}

// resolved reports whether all packages are known; without them expressions must fail, which is no news.
func (c *compiler) resolved() bool {
	n := 0
	for _, e := range c.plan.Extends {
		if e != nil {
			n++
		}
	}
	for _, d := range c.plan.Depends {
		if d != nil {
			n++
		}
	}
	return c.deps == nil && n == 0 || c.deps != nil && len(c.deps.Extensions)+len(c.deps.Depends) >= n
}

// text returns the value of a script that must be text. Literals are taken as they are.
func (c *compiler) text(s plan.Script) (string, *failure) {
	if s.Expr == nil {
		return s.Value, nil
	}
	v, err := eval.Eval(s.Expr, c.scope(), eval.Limits{})
	if err != nil {
		return "", failed(s, err)
	}
	plain, _, err := eval.ToGo(v)
	if err != nil {
		return "", failed(s, err)
	}
	switch v := plain.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	}
	return "", &failure{s.Expr.Span(), fmt.Sprintf("Expression '%s' did not return a string value", s.Value)}
}

// A failure is why an expression has no value, with the place in its text.
type failure struct {
	span   source.Span
	reason string
}

func failed(s plan.Script, err error) *failure {
	f := &failure{s.Expr.Span(), err.Error()}
	var e *eval.Error
	if errors.As(err, &e) {
		f.span = e.Span
	}
	return f
}

// scope returns what expressions see while a plan is compiled: the packages it names, under their aliases. Files can be
// read, not written.
func (c *compiler) scope() *eval.Scope {
	if c.names != nil {
		return c.names
	}
	env := eval.OSEnv(c.opts.Dir)
	env.TempFile = nil
	c.names = eval.NewScope(env)
	if c.deps != nil {
		for alias, m := range c.deps.ByAlias() {
			c.names.Set(alias, unit(m).Value())
		}
	}
	return c.names
}

func unit(m *release.Metadata) eval.Unit {
	return eval.Unit{
		Project: m.Project, Name: m.Name, Version: m.Version, Description: m.Description, License: m.License, Logo: m.Logo,
		Branch: m.Branch, Repository: m.Repository, Revision: m.Revision, RevisionMessage: m.RevisionMessage,
		RevisionAuthor: m.RevisionAuthor, Metadata: m.Metadata,
	}
}
