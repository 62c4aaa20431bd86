package lint

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// documented are the rules about what people read.
var documented = []Rule{
	{Code: diag.NoDescription, Category: Maintainability, Check: noDescription},
	{Code: diag.NoLicense, Category: Maintainability, Off: true, Check: noLicense},
	{Code: diag.ReadmeLeftOut, Category: Maintainability, Check: readmeLeftOut},
	{Code: diag.VariableDescription, Category: Maintainability, Off: true, Check: variableDescription},
	{Code: diag.ErrandDescription, Category: Maintainability, Check: errandDescription},
	{Code: diag.PlaceholderText, Category: Maintainability, Check: placeholderText},
	{Code: diag.EchoDescription, Category: Maintainability, Check: echoDescription},
	{Code: diag.DescriptionForm, Category: Style, Off: true, Check: descriptionForm},
}

// missing reports at the name of the plan that it lacks a text.
func (p *Pass) missing(t plan.Text, message, hint string) {
	if strings.TrimSpace(t.Value) == "" && !p.Env.Partial && p.Plan.Name.Set() {
		p.Report(p.Plan.Name.Span(), message).Hint = hint
	}
}

func noDescription(p *Pass) {
	p.missing(p.Plan.Description, "the plan does not say what the package is for", "add a \"description\" of a sentence or two")
}

func noLicense(p *Pass) {
	p.missing(p.Plan.License, "the plan does not say under which license the package may be used", "add a \"license\", such as Apache-2.0")
}

// readmeLeftOut reports a README.md beside the plan that does not go into the package.
func readmeLeftOut(p *Pass) {
	const readme = "README.md"
	if p.Env.Partial || p.Env.Stat == nil || !p.Plan.Name.Set() {
		return
	}
	if info, err := p.Env.Stat(readme); err != nil || !info.Mode().IsRegular() {
		return
	}
	taken := false
	p.patterns(func(t plan.Text, _ fileList, _ int) { taken = taken || t.Value == "." || matches(t.Value, readme) })
	if taken {
		return
	}
	x := p.Report(p.fieldKey("includes", p.Plan.Name.Span()), "the README.md beside the plan does not go into the package")
	x.Hint = "add it to \"includes\""
	list := p.listOf("includes", len(p.Plan.Includes))
	if list != nil && list.Flow && len(list.Items) > 0 && list.Props == nil {
		at := list.Items[0].Value.Span().Start
		word := readme
		if p.Plan.File.Notation == syntax.HCL {
			word = `"` + readme + `"`
		}
		if strings.HasSuffix(strings.TrimRight(p.Plan.File.Source.Text()[:at], " \t\r\n"), "[") { // else something stands in front of it
			x.Fixes = replace(source.Span{Start: at, End: at}, word+", ", "add it to \"includes\"", true)
		}
	}
	if list != nil && !list.Flow && len(list.Items) > 0 && list.Items[0].Dash >= 0 {
		f, dash := p.Plan.File.Source, list.Items[0].Dash
		indent := f.Slice(source.Span{Start: f.Line(f.LineOf(int(dash))).Start, End: dash})
		if blank(indent) {
			x.Fixes = replace(source.Span{Start: dash, End: dash}, "- "+readme+p.lineBreak()+indent, "add it to \"includes\"", true)
		}
	}
}

// fieldKey is where the field is written, else the span otherwise.
func (p *Pass) fieldKey(name string, otherwise source.Span) source.Span {
	if _, e := entryOf(p.Plan.File.Root, name); e != nil {
		return e.Key.Pos
	}
	return otherwise
}

// variableDescription reports inputs and outputs that nobody explains. Those of extensions are explained there.
func variableDescription(p *Pass) {
	if p.Env.Partial {
		return
	}
	p.ownVariables(func(v *plan.Variable) {
		if strings.TrimSpace(v.Description.Value) == "" && (len(p.Plan.Extends) == 0 || v.Type.Set()) && !v.Var.IsMagic() {
			p.Report(v.ID.Span(), fmt.Sprintf("nobody says what %q is for", v.ID.Value)).Hint = "add a \"description\""
		}
	})
}

// errandDescription reports errands that the list of errands cannot explain.
func errandDescription(p *Pass) {
	for _, e := range p.Plan.Errands {
		if strings.TrimSpace(e.Description.Value) == "" && !p.Env.Partial {
			p.Report(e.Name.Span(), fmt.Sprintf("the list of errands does not say what %q does", e.Name.Value)).Hint = "add a \"description\""
		}
	}
}

// descriptions calls fn for every description, with the name of what it is about; see ownVariables.
func (p *Pass) descriptions(fn func(t plan.Text, name string, of syntax.Node)) {
	fn(p.Plan.Description, p.Plan.Name.Value, p.Plan.File.Root)
	p.ownVariables(func(v *plan.Variable) { fn(v.Description, v.ID.Value, v.Node) })
	p.eachPart(func(x *part) {
		if e := x.errand; e != nil {
			fn(e.Description, e.Name.Value, e.Node)
		}
	})
}

// placeholderText reports texts that were to be replaced by real ones.
func placeholderText(p *Pass) {
	report := func(t plan.Text, key string, of syntax.Node) {
		if isPlaceholder(t.Value) {
			x := p.Report(t.Span(), fmt.Sprintf("%s was to be replaced by a real text", quoted(strings.TrimSpace(t.Value))))
			m, e := entryOf(of, key)
			x.Fixes = p.remove(m, e, true)
		}
	}
	p.descriptions(func(t plan.Text, _ string, of syntax.Node) { report(t, "description", of) })
	report(p.Plan.License, "license", p.Plan.File.Root)
}

func isPlaceholder(s string) bool {
	text := strings.Trim(s, " \t\r\n.<>[]")
	text = strings.ToLower(text[:min(len(text), 24)]) // none is longer
	switch text {
	case "todo", "tbd", "tba", "fixme", "xxx", "description", "a description", "description here", "your description here", "add description",
		"some description", "lorem ipsum", "foo", "bar", "change me", "changeme", "placeholder":
		return true
	}
	for _, begin := range []string{"todo:", "fixme:", "tbd:", "lorem ipsum "} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}

// echoDescription reports descriptions that say nothing but the name again.
func echoDescription(p *Pass) {
	p.descriptions(func(t plan.Text, name string, of syntax.Node) {
		if t.Value == "" || !sameWords(t.Value, name) {
			return
		}
		x := p.Report(t.Span(), fmt.Sprintf("this description says no more than the name %q", name))
		m, e := entryOf(of, "description")
		x.Fixes = p.remove(m, e, true)
	})
}

// sameWords reports whether two texts have the same letters and digits, in capitals or not.
func sameWords(a, b string) bool {
	found := false
	for {
		for a != "" && letter(a[0]) == 0 {
			a = a[1:]
		}
		for b != "" && letter(b[0]) == 0 {
			b = b[1:]
		}
		if a == "" || b == "" {
			return found && a == b
		}
		if letter(a[0]) != letter(b[0]) {
			return false
		}
		a, b, found = a[1:], b[1:], true
	}
}

// letter returns a byte of a letter or digit, as a small one; 0 for all others.
func letter(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c > 127:
		return c
	}
	return 0
}

// descriptionForm reports descriptions that do not begin like a sentence. One that begins with a name, such as that of a
// command or of a variable, may be small.
func descriptionForm(p *Pass) {
	p.descriptions(func(t plan.Text, _ string, _ syntax.Node) {
		word, _, more := strings.Cut(t.Value, " ")
		if !more || word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			return
		}
		first := t.At(source.Span{Start: 0, End: 1})
		x := p.Report(first, "a description begins with a capital letter")
		if first.Len() == 1 {
			x.Fixes = replace(first, strings.ToUpper(word[:1]), "write a capital letter", true)
		}
	})
}
