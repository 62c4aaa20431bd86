// Package compile turns a decoded plan into release metadata. It looks at the folder of the package (scripts,
// templates, included files), at git, and through a Resolver at other packages. It runs nothing of the plan and writes
// nothing.
//
// Read compile.go (the order of the steps), then resolve.go (other packages), entries.go and merge.go (what becomes
// of the entries), values.go (version and metadata) and files.go.
package compile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"escape.build/escape/eval"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Options say what Compile works with. The zero value compiles in the current folder, without git and without other
// packages.
type Options struct {
	// Dir is the folder of the package; "" is the current one.
	Dir string
	// EscapeVersion is written as built_with_escape_version.
	EscapeVersion string
	// Version replaces the version of the plan if it is not empty. It is read like the field.
	Version string
	// Deps are the packages the plan names. If nil, Compile calls Resolve, and reports what check.Check finds about packages
	// that it knows.
	Deps *Deps
	// Resolver finds other packages and the next version; if it is nil, no other package is found, and nothing was released
	// before.
	Resolver Resolver
	// Git says that facts about the commit are looked for.
	Git bool
	// Facts are those facts if somebody asked for them before; Git does not matter then.
	Facts *Git
	// Environ is the environment of git; nil is that of this process.
	Environ []string
	// StateFile is the path of the state file below Dir, which a wide pattern such as "*" does not pack; "" is
	// "escape_state.json".
	StateFile string
}

// Compile compiles p, which was decoded without errors. With errors among the findings there is no metadata. The error
// says that the work could not be done: a file that cannot be read, an Inventory that cannot be reached, or the end of
// ctx.
func Compile(ctx context.Context, p *plan.Plan, opts Options) (*release.Metadata, diag.List, error) {
	c := &compiler{ctx: ctx, plan: p, opts: opts, meta: release.New(), nodes: map[any]syntax.Node{}}
	if opts.Git && opts.Facts == nil {
		// Started first and asked last, so that git works while we do.
		c.opts.Facts = StartGit(ctx, opts.Dir, opts.Environ)
		defer c.opts.Facts.Stop()
	}
	err := c.run()
	if err == nil {
		err = ctx.Err()
	}
	findings := c.findings.Sort()
	if err != nil || findings.HasErrors() {
		return nil, findings, err
	}
	return c.meta, findings, nil
}

type compiler struct {
	ctx      context.Context
	plan     *plan.Plan
	opts     Options
	meta     *release.Metadata
	findings diag.List
	deps     *Deps
	files    *fileSet
	// generated are the patterns that extensions generate; they are passed on, behind the plan's own.
	generated []string
	names     *eval.Scope // made on first use
	// nodes says where the parts of meta are written, for the findings of the last step.
	nodes map[any]syntax.Node
}

// run does the steps in the order of 20-plan-and-release, 5.4: later ones see what earlier ones made.
func (c *compiler) run() error {
	c.files = newFileSet(c)
	c.basics()
	c.consumers()
	if err := c.resolve(); err != nil {
		return err
	}
	if c.deps != nil {
		for _, e := range c.deps.Extensions {
			if err := c.extend(e); err != nil {
				return err
			}
		}
		c.depend()
	}
	if err := c.values(); err != nil {
		return err
	}
	c.steps()
	c.variables()
	c.errands()
	c.templates()
	if err := c.allFiles(); err != nil {
		return err
	}
	if err := c.logo(); err != nil {
		return err
	}
	c.gitFacts()
	c.validate()
	return nil
}

// report adds a finding at a node; nil is the plan as a whole.
func (c *compiler) report(code *diag.Entry, n syntax.Node, format string, args ...any) *diag.Diagnostic {
	var span source.Span
	if n != nil {
		span = n.Span()
	}
	return c.reportAt(code, span, format, args...)
}

func (c *compiler) reportAt(code *diag.Entry, span source.Span, format string, args ...any) *diag.Diagnostic {
	c.findings = append(c.findings, diag.New(code, c.source(), span, fmt.Sprintf(format, args...)))
	return &c.findings[len(c.findings)-1]
}

func (c *compiler) source() *source.File {
	if c.plan.File == nil {
		return nil
	}
	return c.plan.File.Source
}

// basics takes over what needs no other package.
func (c *compiler) basics() {
	m, p := c.meta, c.plan
	m.Project, m.Name = release.SplitName(p.Name.Value)
	if m.Name == "" {
		c.report(diag.PlanWithoutName, p.Name.Node, "Missing build name. Add a 'name' field to your Escape plan")
	}
	m.BuiltWithEscapeVersion = c.opts.EscapeVersion
	m.Description = strings.TrimSpace(p.Description.Value)
	m.License = p.License.Value
	for _, t := range p.Provides {
		c.provide(t.Value)
	}
	for _, d := range p.Downloads {
		if d != nil {
			c.download(d)
		}
	}
}

func (c *compiler) provide(name string) {
	for _, p := range c.meta.Provides {
		if p.Name == name {
			return
		}
	}
	c.meta.Provides = append(c.meta.Provides, &release.Provider{Name: name})
}

// validate makes the final check; what it finds was hardly ever missed before, but then it must not be released.
func (c *compiler) validate() {
	if c.findings.HasErrors() {
		return
	}
	err := c.meta.Validate()
	if err == nil {
		return
	}
	var inv *release.Invalid
	if !errors.As(err, &inv) {
		inv = &release.Invalid{Index: -1}
	}
	c.report(diag.InvalidRelease, c.nodeOf(inv), "%s", err)
}

func (c *compiler) nodeOf(inv *release.Invalid) syntax.Node {
	m := c.meta
	at := func(part any) syntax.Node { return c.nodes[part] }
	switch inv.Field {
	case "name", "project":
		return c.plan.Name.Node
	case "version":
		return c.plan.Version.Node
	case "inputs":
		return at(m.Inputs[inv.Index])
	case "outputs":
		return at(m.Outputs[inv.Index])
	case "depends":
		return at(m.Depends[inv.Index])
	case "consumes":
		return at(m.Consumes[inv.Index])
	case "downloads":
		return at(m.Downloads[inv.Index])
	case "templates":
		return at(m.Templates[inv.Index])
	case "stages":
		return at(m.Stages[inv.Key])
	case "errands":
		return at(m.Errands[inv.Key])
	}
	return nil
}
