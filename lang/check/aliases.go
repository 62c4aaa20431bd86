package check

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// A named is something that has an alias.
type named struct {
	alias  string
	at     plan.Text // what gives the alias
	what   string
	stages plan.Stages
	run    bool // the alias means something at run time
	same   string
	// consumer is the entry, of a consumer.
	consumer *plan.Consumer
}

// aliases reports names that two entries share and names that cannot be used.
func (c *checker) aliases() {
	var all []named
	for _, e := range c.p.Extends {
		if c.releaseID(e.Release) && readAlias(e.Spec, e.As) {
			all = append(all, named{alias: e.Alias(), at: first(e.As, e.Release), what: "an extension", stages: plan.StageBoth})
		}
	}
	for _, d := range c.p.Depends {
		if c.releaseID(d.Release) && c.alias(d) {
			all = append(all, named{alias: d.Alias(), at: first(d.Variable, d.As, d.Release), what: "a dependency", stages: plan.StageBoth, run: true})
		}
	}
	for _, list := range [][]*plan.Consumer{c.p.Consumes, c.p.BuildConsumes, c.p.DeployConsumes} {
		for _, consumer := range list {
			all = append(all, named{alias: consumer.Alias(), at: first(consumer.As, consumer.Interface), what: "a consumer",
				stages: consumer.Scopes.Stages(), run: true, same: consumer.Interface.Value, consumer: consumer})
		}
	}
	byAlias := make(map[string][]int, len(all))
	for i := range all {
		n := &all[i]
		if n.alias == "this" || n.alias == "func" {
			c.reserved(n)
			continue
		}
		for _, j := range byAlias[n.alias] {
			if c.clash(&all[j], n) {
				break
			}
		}
		if len(byAlias[n.alias]) < 4 { // more of one name say nothing new
			byAlias[n.alias] = append(byAlias[n.alias], i)
		}
	}
}

// readAlias reports whether the alias in "RELEASE as ALIAS" could be read, if there is one.
func readAlias(spec, as plan.Text) bool { return as.Set() || len(strings.Fields(spec.Value)) < 2 }

// alias reports whether the alias of d could be read, if there is one, and notices one that no expression can spell.
func (c *checker) alias(d *plan.Dependency) bool {
	if name := d.Variable; name.Value != "" {
		if !expr.IsName(name.Value) {
			x := c.report(diag.InvalidID, name.Span(), c.p.Say(fmt.Sprintf("no expression can spell \"$%s\"", name.Value)))
			x.Severity = diag.Warning
			x.Hint = "letters, digits, \"-\" and \"_\", a letter first"
		}
		return true
	}
	return hasAlias(d)
}

// hasAlias reports whether the alias of d could be read, if there is one.
func hasAlias(d *plan.Dependency) bool {
	return d.Variable.Value != "" || readAlias(d.Spec, d.As) && (d.Short || !unreadKey(d.Node, "variable"))
}

func first(texts ...plan.Text) plan.Text {
	for _, t := range texts {
		if t.Value != "" {
			return t
		}
	}
	return plan.Text{}
}

func (c *checker) reserved(n *named) {
	why := c.p.Say("\"$this\" is this release itself")
	if n.alias == "func" {
		why = "\"$func\" begins a function"
	}
	x := c.report(diag.ReservedAlias, n.at.Span(), fmt.Sprintf("%s cannot be called %q: %s", n.what, n.alias, why))
	x.Hint = "give it another name with \"as\""
}

// clash reports that n takes the alias of first; false if they can live together.
func (c *checker) clash(first, n *named) bool {
	switch {
	case first.stages&n.stages == 0:
		return false
	case first.what == "an extension" && n.what != "a consumer" && !expr.IsName(n.alias):
		return false // a package may be extended and depended on, and named twice
	case first.run != n.run && n.what == "a consumer":
		return false // known at different moments
	}
	if first.what == "a consumer" && n.what == "a consumer" && first.same == n.same {
		x := c.report(diag.DuplicateConsumer, n.at.Span(), fmt.Sprintf("%q is consumed twice", n.same))
		x.Related = c.firstOne(first)
		if n.stages&^first.stages == 0 {
			x.Fixes = c.edit().RemoveFrom(n.consumer.Field.Name, n.consumer.Node, true)
		}
		return true
	}
	message := fmt.Sprintf("%s is called %q already", first.what, n.alias)
	x := c.report(diag.DuplicateAlias, n.at.Span(), message)
	x.Related = c.firstOne(first)
	x.Hint = "give one of them another name with \"as\""
	return true
}

func (c *checker) firstOne(n *named) []diag.Related {
	return []diag.Related{{File: c.src, Span: n.at.Span(), Message: "first one"}}
}

// releaseID checks the id of a release in depends or extends. It reports whether it can be read.
func (c *checker) releaseID(t plan.Text) bool {
	if !t.Set() {
		return false
	}
	id, err := release.ParseID(t.Value)
	if err == nil {
		if project, name := release.SplitName(c.p.Name.Value); id.Namespace == project && id.Name == name {
			x := c.report(diag.SelfDependency, t.Span(), fmt.Sprintf("%q is this package itself: every release would need an older one", id.Package()))
			x.Hint = "move what both need into a package of its own"
		}
		return true
	}
	message := err.Error()
	span := t.Span()
	_, rest, hasProject := strings.Cut(t.Value, "/")
	if !hasProject {
		rest = t.Value
	}
	at := func(from int) source.Span {
		return t.At(source.Span{Start: int32(from), End: int32(len(t.Value))})
	}
	better := ""
	switch {
	case strings.HasPrefix(message, "Invalid version string"):
		i := strings.LastIndexByte(t.Value, '-')
		span = at(i + 1)
		suffix := t.Value[i+1:]
		if v, ok := tidyVersion(suffix); ok || release.IsVersion(suffix) {
			if !ok {
				v = suffix
			}
			better = t.Value[:i+1] + "v" + v
		} else if strings.EqualFold(suffix, "latest") {
			better = t.Value[:i+1] + "latest"
		} else {
			better = t.Value + "-latest"
		}
	case strings.HasPrefix(message, "Invalid tag"):
		span = at(strings.IndexByte(t.Value, ':'))
	case strings.HasPrefix(message, "Invalid release format") && rest != "" && !strings.Contains(rest, ":"):
		better = t.Value + "-latest"
	case strings.HasPrefix(message, "Invalid name"), strings.HasPrefix(message, "The name"):
		message = fmt.Sprintf("%s in release id '%s'", strings.TrimSuffix(message, "."), t.Value)
		better = strings.ToLower(t.Value)
	}
	x := c.report(diag.InvalidReleaseID, span, message)
	x.Hint = "write project/name-v1.2.3, -v1.2.@ for the newest of a prefix, -latest, or name:tag"
	if _, err := release.ParseID(better); better != "" && err == nil {
		x.Original = message
		x.Message = strings.TrimSuffix(message, ".") + fmt.Sprintf("; did you mean %q?", better)
		x.Fixes = replaceFix(t.Span(), better, fmt.Sprintf("replace with %q", better))
	}
	return false
}
