package grammars

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A snippet is a text with places to fill in, as VS Code has them in a file. Many other editors read the same form.
type snippet struct {
	Prefix      string   `json:"prefix"`
	Body        []string `json:"body"`
	Description string   `json:"description"`
}

// newPlan are the fields of a plan to start from.
var newPlan = []string{"name", "version", "description", "inputs", "build", "deploy"}

func snippetsYAML() string { return snippets(syntax.YAML) }
func snippetsHCL() string  { return snippets(syntax.HCL) }

// snippets has the example of every field, with its values as the places to fill in, and one plan to start from.
func snippets(n syntax.Notation) string {
	list := map[string]snippet{}
	start := ""
	for i := range plan.Fields {
		f := &plan.Fields[i]
		prefix := f.Name
		if n == syntax.HCL && f.Block != "" {
			prefix = f.Block
		}
		list["Escape: "+f.Name] = snippet{prefix, body(example(f.Example, n), n), plain(f.Doc)}
		if slices.Contains(newPlan, f.Name) {
			start += f.Example
		}
	}
	list["Escape: a new plan"] = snippet{"plan", body(example(start, n), n), "A plan with a name, a version, an input, and steps that build and deploy it."}
	return encode(list)
}

// plain removes the backquotes of Markdown.
func plain(doc string) string { return strings.ReplaceAll(doc, "`", "") }

// example returns a fragment of a plan in YAML in notation n.
func example(text string, n syntax.Notation) string {
	if n == syntax.YAML {
		return text
	}
	converted, findings, err := convert.To(source.NewFile("escape.yml", text), n)
	if err != nil || findings.HasErrors() {
		panic(fmt.Sprintf("grammars: an example that is no plan: %v %v\n%s", err, findings, text))
	}
	return strings.TrimSpace(converted) + "\n"
}

// body returns the lines of text with placeholders for its values.
func body(text string, n syntax.Notation) []string {
	name := planLanguages()[n].FileNames[0]
	tree, _ := notation.Parse(source.NewFile(name, text))
	p := places{}
	if m, ok := tree.Root.(*syntax.Mapping); ok {
		p.fields(m)
	}
	slices.SortStableFunc(p.found, func(a, b place) int { return int(a.span.Start - b.span.Start) })
	var out strings.Builder
	end := int32(0)
	for i, at := range p.found {
		out.WriteString(escaped(text[end:at.span.Start], `\$`))
		out.WriteString(at.write(i+1, text, n))
		end = at.span.End
	}
	out.WriteString(escaped(text[end:], `\$`))
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

// A place is where a snippet is filled in.
type place struct {
	span    source.Span
	choices []string
}

// write returns the placeholder number i, with what text has there as what it is first.
func (at place) write(i int, text string, n syntax.Notation) string {
	now := text[at.span.Start:at.span.End]
	if len(at.choices) == 0 {
		return fmt.Sprintf("${%d:%s}", i, escaped(now, `\$}`))
	}
	list := []string{now}
	for _, c := range at.choices {
		if n == syntax.HCL {
			c = strings.NewReplacer("[", "(", "]", ")").Replace(c)
		}
		if c != now {
			list = append(list, c)
		}
	}
	for j := range list {
		list[j] = escaped(list[j], `\$}|,`)
	}
	return fmt.Sprintf("${%d|%s|}", i, strings.Join(list, ","))
}

// escaped puts a backslash before each of the characters in special.
func escaped(s, special string) string {
	var out strings.Builder
	for _, r := range s {
		if strings.ContainsRune(special, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// places collects the values of a plan.
type places struct{ found []place }

func (p *places) fields(m *syntax.Mapping) {
	for i := range m.Entries {
		e := &m.Entries[i]
		at := slices.IndexFunc(plan.Fields, func(f plan.Field) bool {
			return f.Name == e.Key.Text && !e.Block || e.Block && (f.Block == e.Key.Text || f.Name == e.Key.Text)
		})
		if at < 0 {
			continue
		}
		f := &plan.Fields[at]
		for _, label := range e.Labels {
			p.scalar(label, nil)
		}
		p.value(e.Value, f.Keys, f.Shape, e.Block)
	}
}

// value collects the values of n. The keys of a mapping that people choose are places too.
func (p *places) value(n syntax.Node, keys []plan.Key, shape plan.Shape, block bool) {
	switch n := n.(type) {
	case *syntax.Scalar:
		p.scalar(n, nil)
	case *syntax.Sequence:
		for i := range n.Items {
			p.value(n.Items[i].Value, keys, shape, false)
		}
	case *syntax.Mapping:
		free := shape == plan.ShapePairs || shape == plan.ShapeValues || shape == plan.ShapeErrands && !block
		for i := range n.Entries {
			e := &n.Entries[i]
			if free {
				p.scalar(e.Key, nil)
				p.value(e.Value, keys, plan.ShapeStep, false)
				continue
			}
			p.key(e, keys)
		}
	}
}

func (p *places) key(e *syntax.Entry, keys []plan.Key) {
	at := slices.IndexFunc(keys, func(k plan.Key) bool { return k.Name == e.Key.Text })
	s, isScalar := e.Value.(*syntax.Scalar)
	switch {
	case at < 0:
		p.value(e.Value, nil, plan.ShapeText, false)
	case isScalar && keys[at].Shape == plan.ShapeText:
		p.scalar(s, keys[at].Enum)
	case isScalar && keys[at].Shape == plan.ShapeBool:
		p.scalar(s, []string{"true", "false"})
	default:
		p.value(e.Value, keys[at].Keys, keys[at].Shape, e.Block)
	}
}

// scalar adds the text of s without its quotes; nothing if it takes several lines.
func (p *places) scalar(s *syntax.Scalar, choices []string) {
	text := strings.TrimSuffix(s.Text, "\n")
	if text == "" || strings.Contains(text, "\n") {
		return
	}
	span := s.Source(source.Span{End: int32(len(text))})
	if s.Style == syntax.Native {
		span = s.Pos
	}
	p.found = append(p.found, place{span, choices})
}
