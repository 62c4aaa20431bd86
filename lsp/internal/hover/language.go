package hover

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/symbol"
)

// field explains a field or key of the plan, or a key of the language such as "inputs" in "$this.inputs".
func (e *explainer) field(s *symbol.Symbol) {
	switch row := s.Def.(type) {
	case *plan.Field:
		e.fieldRow(row)
	case *plan.Key:
		e.keyRow(s.Within, row)
	default:
		e.languageKey(s.Name)
	}
}

func (e *explainer) fieldRow(row *plan.Field) {
	e.line(title(e.spelled(row)), say(" — "+row.Shape.String()))
	e.line(e.doc(row.Doc))
	if row.Required {
		e.item(say("Required."))
	}
	if row.Stages != 0 {
		e.item(say("Stage: " + row.Stages.String() + "."))
	}
	if row.Phase != plan.Never {
		e.item(say("Expressions are evaluated at " + row.Phase.String() + "."))
	}
	e.code(convert.Example(row, e.an.Syntax.Notation))
}

// doc is a text of our own tables as the notation of the plan spells it.
func (e *explainer) doc(text string) part { return doc(e.an.Plan.Say(text)) }

func (e *explainer) keyRow(within string, k *plan.Key) {
	name := k.Name
	if e.an.Syntax.Notation == syntax.HCL && e.file.Slice(e.span) == k.Block() {
		name = k.Block()
	}
	e.line(title(name), say(" — key of "), word(within), say(", "+k.Shape.String()))
	e.line(e.doc(k.Doc))
	switch {
	case k.Required:
		e.item(say("Required."))
	case k.Default != "":
		e.item(say("Default: "), word(convert.Value(k.Default, e.an.Syntax.Notation)))
	}
	if len(k.Enum) > 0 {
		parts := []part{say("One of ")}
		for i, name := range k.Enum {
			if i > 0 {
				parts = append(parts, say(", "))
			}
			parts = append(parts, word(convert.Value(name, e.an.Syntax.Notation)))
		}
		e.item(parts...)
	}
	if k.Phase != plan.Never {
		e.item(say("Expressions are evaluated at " + k.Phase.String() + "."))
	}
	if k.Ignored {
		e.item(say("Deprecated: it has no effect."))
	}
}

// languageKey explains a key that every package has.
func (e *explainer) languageKey(name string) {
	x, ok := e.an.Info.At(e.off)
	if !ok || e.file != e.an.Source {
		e.line(title("fact"), say(" "), word(name))
		e.line(doc("A fact about the release, which every template can use."))
		return
	}
	at := e.selected(&x)
	if at == nil {
		return
	}
	e.line(word(e.an.Plan.Say(expr.String(at))), say(": "), word(x.TypeOf(at).String()))
	if f := x.FieldOf(at); f != nil {
		if f.Doc != "" {
			e.line(doc(f.Doc))
		}
		if f.Absent != "" {
			e.line(say("It cannot be used here: " + f.Absent + "."))
			return
		}
	}
	if name != "inputs" && name != "outputs" && name != "metadata" {
		e.valueAt(&x, at)
	}
}

// selected returns the part of an expression that ends with the key at the offset; nil if there is none.
func (e *explainer) selected(x *check.Expr) expr.Expr {
	var at expr.Expr
	expr.Walk(x.Root, func(n expr.Expr) bool {
		if s, ok := n.(*expr.Select); ok && x.Text.At(s.Name.Pos).Contains(e.off) {
			at = s
		}
		return x.Text.At(n.Span()).Contains(e.off)
	})
	return at
}

// builtin explains a function.
func (e *explainer) builtin(name string) {
	b, ok := builtin.Lookup(name)
	if !ok {
		return
	}
	signature := e.an.Plan.Spelled("$__", "") + b.Signature(false)
	if syntax.NotationOf(e.an.Source.Name()) != syntax.HCL && len(b.Params) > 0 && !(b.Variadic && len(b.Params) == 1) {
		signature += "\n" + b.Recv.String() + "." + b.Signature(true)
	}
	e.code("", signature)
	e.line(e.doc(b.Doc))
	for i, p := range b.Params {
		kind := p.Type.String()
		if p.Or != nil {
			kind += " or " + p.Or.String()
		}
		switch {
		case b.Variadic && i == len(b.Params)-1:
			kind += ", any number"
		case i >= len(b.Params)-b.Optional:
			kind += ", optional"
		}
		parts := []part{word(p.Name), say(": " + kind)}
		if p.Doc != "" {
			parts = append(parts, say(" — "), e.doc(p.Doc))
		}
		e.item(parts...)
	}
	if b.Effects != builtin.Pure {
		e.line(say("It " + b.Effects.String() + "."))
	}
	var examples []string
	for _, x := range b.Examples {
		examples = append(examples, e.an.Plan.Say(x.Expr)+" = "+x.Want)
	}
	e.code("", strings.Join(examples, "\n"))
}

// typeDocs says what the types of variables are for.
var typeDocs = map[string]string{
	"string":      "Text. It is the type of a variable that names none.",
	"bool":        "`true` or `false`. Scripts see `1` or `0`.",
	"integer":     "A whole number of 64 bits.",
	"list":        "A list of texts, or of what stands in brackets: `list[integer]`. Scripts see JSON.",
	"version":     "The version of the release. Escape fills it in.",
	"client":      "The version of Escape that runs. Escape fills it in.",
	"project":     "The project that keeps the state. Escape fills it in.",
	"deployment":  "The name of the deployment. Escape fills it in.",
	"environment": "The name of the environment. Escape fills it in.",
}

func (e *explainer) typeName(name string) {
	if text, ok := typeDocs[name]; ok {
		e.line(title("type"), say(" "), word(name))
		e.line(doc(e.an.Plan.Spelled(text, strings.ReplaceAll(text, "list[integer]", "list(integer)"))))
	}
}

// version explains the version of a release id, or of the plan.
func (e *explainer) version() bool {
	p := e.an.Plan
	if t := p.Version; t.Set() && t.Expr == nil && t.Span().Contains(e.off) {
		e.span = t.Span()
		e.line(title("version"), say(" "), word(t.Value))
		if prefix, ok := strings.CutSuffix(t.Value, "@"); ok {
			e.nextVersion(prefix)
		} else {
			e.line(say("A release gets exactly this version, which must not be there yet."))
		}
		return true
	}
	for _, n := range e.an.Plan.Needs() {
		if !n.Release.Span().Contains(e.off) {
			continue
		}
		at := constraintAt(n)
		if at < 0 {
			return false
		}
		span := n.Release.At(source.Span{Start: int32(at), End: int32(len(n.Release.Value))})
		if !span.Contains(e.off) {
			return false
		}
		e.span = span
		e.constraint(n)
		return true
	}
	return false
}

func (e *explainer) nextVersion(prefix string) {
	switch prefix {
	case "":
		e.line(doc("The release gets the next free number: one more than the newest release has, `0` if there is none."))
	default:
		e.line(doc(fmt.Sprintf("The release gets the next free version that begins with `%s`: one more than the newest of them has, `%s0` if there is none.", prefix, prefix)))
	}
}
