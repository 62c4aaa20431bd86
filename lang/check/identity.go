package check

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// identity checks name, version, logo and metadata.
func (c *checker) identity() {
	root, ok := c.p.File.Root.(*syntax.Mapping)
	if c.p.File.Root != nil && !ok {
		if s, isScalar := c.p.File.Root.(*syntax.Scalar); !isScalar || s.Kind != syntax.Null {
			return // not a plan at all: that is said already
		}
	}
	if root == nil || len(root.Entries) == 0 {
		if !c.env.Partial {
			x := c.report(diag.PlanWithoutName, source.Span{}, missingName)
			x.Hint = "this plan is empty; \"escape plan init\" writes a first one"
		}
		return
	}
	c.name(root)
	c.version(root)
	c.logo()
	for i := range c.p.Metadata {
		pair := &c.p.Metadata[i]
		c.expr(pair.Value, use{key: scopeKey{moment: compiling}, want: infer.WantText, original: func(_, reason string) string {
			return fmt.Sprintf("%s in metadata field '%s'.", reason, pair.Key.Value)
		}})
	}
}

// written returns the entry of the field name; false if the plan does not have it.
func written(root *syntax.Mapping, name string) (*syntax.Entry, bool) {
	if root != nil {
		for i := range root.Entries {
			if e := &root.Entries[i]; e.Key.Text == name {
				return e, true
			}
			if root.Entries[i].Key.Kind == syntax.Merge {
				return nil, true // it may be there
			}
		}
	}
	return nil, false
}

// top is where a finding about something missing goes: the start of the document.
func (c *checker) top(root *syntax.Mapping) source.Span {
	if root != nil && len(root.Entries) > 0 {
		return root.Entries[0].Key.Pos
	}
	return source.Span{}
}

const missingName = "Missing build name. Add a 'name' field to your Escape plan"

func (c *checker) name(root *syntax.Mapping) {
	t := c.p.Name
	project, name := release.SplitName(t.Value)
	if name == "" {
		e, ok := written(root, "name")
		switch {
		case t.Set():
			c.report(diag.PlanWithoutName, t.Raw(), missingName)
		case !ok && !c.env.Partial:
			c.report(diag.PlanWithoutName, c.top(root), missingName)
		case ok && e != nil && isNull(e.Value):
			c.report(diag.PlanWithoutName, e.Key.Pos, missingName)
		}
		return
	}
	start := len(t.Value) - len(name)
	c.namePart(t, name, start)
	if project != "_" {
		c.namePart(t, project, 0)
	}
}

func isNull(n syntax.Node) bool {
	s, ok := n.(*syntax.Scalar)
	return ok && s.Kind == syntax.Null
}

func (c *checker) namePart(t plan.Text, name string, start int) {
	err := release.CheckName(name)
	if err == nil {
		return
	}
	span := t.At(source.Span{Start: int32(start), End: int32(start + len(name))})
	code := diag.InvalidName
	if strings.Contains(err.Error(), "protected") {
		code = diag.ProtectedName
	}
	x := c.report(code, span, err.Error())
	if code == diag.ProtectedName {
		return
	}
	x.Hint = "two characters at least: lower case letters, digits, \"-\" and \"_\", a letter first"
	if before, _, ok := strings.Cut(name, "# "); ok && release.CheckName(before) == nil {
		x.Hint = "a comment needs a blank in front of its \"#\""
		return
	}
	if better, ok := tidyName(name); ok {
		x.Message += fmt.Sprintf("; did you mean %q?", better)
		x.Original = err.Error()
		x.Fixes = []diag.Fix{{Title: fmt.Sprintf("rename to %q", better), Edits: []source.Edit{{Span: span, New: better}}}}
	}
}

// tidyName makes a valid name of one that is nearly valid: with other capitals, and one character less or another.
func tidyName(name string) (string, bool) {
	var b strings.Builder
	changed := 0
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', b.Len() > 0 && (r >= '0' && r <= '9' || r == '-' || r == '_'):
			b.WriteRune(r)
		case b.Len() > 0:
			b.WriteByte('-')
			changed++
		default:
			changed++
		}
	}
	better := strings.Trim(b.String(), "-")
	return better, changed <= 1 && release.CheckName(better) == nil
}

func (c *checker) version(root *syntax.Mapping) {
	v := c.p.Version
	if v.Expr != nil {
		t, _ := c.expr(v, use{key: scopeKey{moment: compiling}, want: infer.WantText, original: func(text, reason string) string {
			return fmt.Sprintf("Couldn't evaluate expression '%s' in version field: %s", text, reason)
		}})
		c.versionValue(v, t.value)
		return
	}
	text := strings.TrimSpace(v.Value)
	if text == "" {
		e, ok := written(root, "version")
		switch {
		case !v.Set() && ok && (e == nil || !isNull(e.Value)), !ok && c.env.Partial:
		default:
			span := c.top(root)
			if v.Set() {
				span = v.Raw()
			} else if e != nil {
				span = e.Key.Pos
			}
			x := c.report(diag.InvalidVersion, span, "Invalid version string ''; a plan needs a \"version\"")
			x.Original = "Invalid version string ''."
			if e == nil {
				x.Fixes = c.addVersion(root)
			}
		}
		return
	}
	if text == "auto" || release.IsVersion(text) {
		return
	}
	start := strings.Index(v.Value, text)
	span := v.At(source.Span{Start: int32(start), End: int32(start + len(text))})
	message := fmt.Sprintf("Invalid version string '%s'.", text)
	if text == "latest" {
		x := c.report(diag.VersionLatest, span, "a release cannot be called \"latest\"; write a number, or \"@\" for the next free one")
		x.Original = message
		return
	}
	x := c.report(diag.InvalidVersion, span, message)
	x.Hint = "a version is numbers with dots between them; \".@\" at the end takes the next free number"
	if better, ok := tidyVersion(text); ok {
		x.Message = strings.TrimSuffix(message, ".") + fmt.Sprintf("; did you mean %q?", better)
		x.Original = message
		s := v.Scalar()
		if s != nil && s.Style == syntax.Plain && better == "@" {
			better = `"@"`
		}
		x.Fixes = replaceFix(span, better, "replace with "+better)
	}
}

// addVersion puts a version behind the name.
func (c *checker) addVersion(root *syntax.Mapping) []diag.Fix {
	e, ok := written(root, "name")
	if !ok || e == nil || root.Flow || c.p.Name.Scalar() == nil {
		return nil
	}
	line := c.src.Line(c.src.LineOf(int(e.Value.Span().End)))
	at := source.Span{Start: line.End, End: line.End}
	indent := c.src.Slice(source.Span{Start: c.src.Line(c.src.LineOf(int(e.Key.Pos.Start))).Start, End: e.Key.Pos.Start})
	if strings.TrimSpace(indent) != "" {
		return nil
	}
	return []diag.Fix{{Title: "add version 0.0.@", Edits: []source.Edit{{Span: at, New: "\n" + indent + c.p.Spelled("version: 0.0.@", `version = "0.0.@"`)}}}}
}

// versionValue checks what the expression of the version gives; nil is not known.
func (c *checker) versionValue(v plan.Script, value any) {
	if value == nil {
		return
	}
	text := strings.TrimSpace(fmt.Sprint(value))
	if text == "auto" || text != "latest" && release.IsVersion(text) {
		return
	}
	code := diag.InvalidVersion
	if text == "latest" {
		code = diag.VersionLatest
	}
	x := c.report(code, v.Span(), fmt.Sprintf("this expression gives %q, which is no version", text))
	x.Original = fmt.Sprintf("Invalid version string '%s'.", text)
}

// tidyVersion makes a version of text that is nearly one.
func tidyVersion(text string) (string, bool) {
	better := strings.TrimLeft(text, "vV")
	better = strings.TrimRight(better, ".")
	if rest, ok := strings.CutSuffix(better, "@"); ok && !strings.HasSuffix(rest, ".") && rest != "" {
		better = rest + ".@"
	}
	if rest, ok := strings.CutSuffix(better, ".*"); ok {
		better = rest + ".@"
	}
	if rest, ok := strings.CutSuffix(better, ".x"); ok {
		better = rest + ".@"
	}
	for strings.Contains(better, "..") {
		better = strings.ReplaceAll(better, "..", ".")
	}
	return better, better != text && release.IsVersion(better)
}

func (c *checker) logo() {
	t := c.p.Logo
	if t.Value == "" || c.env.Stat == nil {
		return
	}
	info, err := c.env.Stat(t.Value)
	switch {
	case err != nil:
		message := fmt.Sprintf("Referenced logo '%s' does not exist", t.Value)
		x := c.report(diag.FileMissing, t.Span(), message)
		c.suggestFile(x, t)
	case info.IsDir():
		c.report(diag.FileMissing, t.Span(), fmt.Sprintf("Couldn't read logo '%s': read %s: is a directory", t.Value, t.Value))
	}
}
