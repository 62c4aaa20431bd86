package check

import (
	"fmt"
	"path"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
)

func (c *checker) templates() {
	p := c.p
	targets := map[string][]*plan.Template{}
	for _, list := range [][]*plan.Template{p.Templates, p.BuildTemplates, p.DeployTemplates} {
		for _, t := range list {
			c.forcedScopes(t.Scopes, t.Field.Name, t.Node)
			if s := t.Scopes; s.List != nil && len(s.List) == 0 && s.Forced == 0 {
				c.ignoredKey(s.Node, t.Node, "scopes", "leave it out, or name a stage: the original never renders a template of no stage")
			}
			if !t.Target.Set() && unreadKey(t.Node, "target") {
				c.template(t, false)
				continue
			}
			c.template(t, true)
			target := path.Clean(t.TargetPath())
			for _, other := range targets[target] {
				if other.Scopes.Stages()&t.Scopes.Stages() != 0 && t.TargetPath() != "" {
					x := c.report(diag.SameTarget, first(t.Target, t.File).Span(), fmt.Sprintf("another template is written to %q too; the last one counts", target))
					x.Related = []diag.Related{{File: c.src, Span: first(other.Target, other.File).Span(), Message: "first one"}}
					if t.Field == other.Field && t.File.Value == other.File.Value && c.sameText(t.Node, other.Node) {
						x.Fixes = c.edit().RemoveFrom(t.Field.Name, t.Node, true)
					}
					break
				}
			}
			if len(targets[target]) < 3 {
				targets[target] = append(targets[target], t)
			}
		}
	}
}

// unreadKey reports whether the entry n has a key whose value could not be read.
func unreadKey(n syntax.Node, key string) bool {
	m := mappingOf(n)
	if m == nil {
		return false
	}
	for i := range m.Entries {
		if m.Entries[i].Key.Text == key {
			if s, ok := m.Entries[i].Value.(*syntax.Scalar); !ok || s.Kind != syntax.Null {
				return true
			}
		}
	}
	return false
}

// template checks one template; its target only if that could be read.
func (c *checker) template(t *plan.Template, withTarget bool) {
	stages := t.Scopes.Stages()
	for i := range t.Mapping {
		pair := &t.Mapping[i]
		c.value(&pair.Value, false, use{key: scopeKey{stages, beforeMain}, want: infer.WantAny, original: func(text, reason string) string {
			return fmt.Sprintf("Failed to compile template %s: Error in template '%s' mapping key '%s': %s", t.File.Value, t.File.Value, pair.Key.Value, failedToEvaluate(text, reason))
		}})
	}
	file := t.File.Value
	exists, known := c.isFile(file)
	missing := known && !exists && !c.isMade(file)
	if missing {
		x := c.report(diag.TemplateMissing, t.File.Span(), fmt.Sprintf("there is no file %q", file))
		c.suggestFile(x, t.File)
		x.Original = ""
	}
	if exists && !c.isRewritten(file) && !c.p.Lost.Key(t.Node, "mapping") { // else it may be another one when it is rendered
		c.templateText(t)
	} else {
		c.info.uses.unknown = true
	}
	switch target := t.TargetPath(); {
	case !withTarget:
	case target == "":
		x := c.report(diag.TemplateTarget, t.File.Span(), fmt.Sprintf("the template %q needs a \"target\": without its extension nothing is left of the name", file))
		x.Original = "Can't run template. Template target has not been defined (empty 'target' key in Escape plan?)"
	case path.Clean(target) == path.Clean(file):
		x := c.report(diag.TemplateTarget, first(t.Target, t.File).Span(), fmt.Sprintf("the template %q would be written over itself", file))
		x.Hint = "give it another \"target\", or call the file " + path.Base(file) + ".tpl"
		if strings.HasSuffix(file, ".tpl") {
			x.Hint = "give it another \"target\""
		}
	case t.Target.Value == "" && path.Ext(file) != ".tpl" && !missing:
		x := c.report(diag.ImplicitTarget, t.File.Span(), fmt.Sprintf("the template %q is written to %q", file, target))
		x.Hint = "write the \"target\" of a template that does not end in .tpl"
		x.Fixes = c.writeTarget(t, target)
	}
}

// writeTarget is the fix that says what the target of a template is anyway.
func (c *checker) writeTarget(t *plan.Template, target string) []diag.Fix {
	word, ok := c.edit().Word(target)
	if !ok {
		return nil
	}
	if !t.Short {
		m, e := edit.Entry(t.Node, "file")
		return c.edit().Add(m, e, "target", word, true)
	}
	s := t.File.Scalar()
	if s == nil || s.Props != nil || t.Node != syntax.Node(s) || strings.Contains(c.src.Slice(s.Pos), "\n") {
		return nil
	}
	entry := fmt.Sprintf("{file: %s, target: %s}", c.src.Slice(s.Pos), word)
	if c.p.File.Notation == syntax.HCL {
		entry = fmt.Sprintf("{ file = %s, target = %s }", c.src.Slice(s.Pos), word)
	} else if s.Style == syntax.Plain && strings.ContainsAny(s.Text, ",[]{}") {
		return nil // between braces it would mean something else
	}
	return replaceFix(s.Pos, entry, "write the target")
}

// sameText reports whether two nodes are written alike; the label of a block is no part of it.
func (c *checker) sameText(a, b syntax.Node) bool {
	return c.src.Slice(a.Span()) == c.src.Slice(b.Span())
}

// archives are the extensions that a download can be unpacked from.
var archives = []string{".zip", ".tgz", ".tar.gz", ".tar"}

func isArchive(name string) bool {
	for _, ext := range archives {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return false
}
