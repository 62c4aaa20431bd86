// Package hints finds what an editor writes between the words of a plan: types that nobody wrote, the version that a pattern
// means now, what an expression gives, and what the arguments of a function are.
package hints

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/value"
)

// Kinds says which hints are wanted.
type Kinds struct{ Types, Versions, Values, Parameters bool }

// A Kind is the reason of a hint.
type Kind uint8

// The kinds of hints.
const (
	Type Kind = iota
	Version
	Value
	Parameter
)

// A Hint is a text that stands at an offset of a plan without being part of it.
type Hint struct {
	Off  int
	Kind Kind
	// Label is the text. A part of it may lead to a place, whose file is nil otherwise.
	Label []Part
	// Tooltip is Markdown that says why, with no text of the plan but names.
	Tooltip string
}

// A Part is a piece of a label.
type Part struct {
	Text string
	File *source.File
	Span source.Span
}

// Text returns the label.
func (h *Hint) Text() string {
	var out strings.Builder
	for _, p := range h.Label {
		out.WriteString(p.Text)
	}
	return out.String()
}

// Of returns the hints of a plan whose places lie in a span, in order. recorder tells of deployments.
func Of(an *cache.Analyzed, span source.Span, kinds Kinds, recorder value.Recorder) []Hint {
	f := finder{an: an, span: span}
	if kinds.Values && recorder != nil {
		f.deployments = recorder(an)
	}
	if kinds.Types {
		f.types()
	}
	if kinds.Versions {
		f.versions()
	}
	f.expressions(kinds)
	slices.SortStableFunc(f.out, func(a, b Hint) int { return cmp.Compare(a.Off, b.Off) })
	mask := value.RedactorOf(an, f.deployments)
	for i := range f.out {
		f.out[i].Tooltip = mask.String(f.out[i].Tooltip)
		for j := range f.out[i].Label {
			f.out[i].Label[j].Text = mask.String(f.out[i].Label[j].Text)
		}
	}
	return f.out
}

type finder struct {
	an   *cache.Analyzed
	span source.Span
	out  []Hint
	// deployments are those of the plan that are recorded.
	deployments []*value.Deployment
}

func (f *finder) add(h Hint) {
	if f.span.Contains(h.Off) {
		f.out = append(f.out, h)
	}
}

// types adds the types of inputs and outputs that say none.
func (f *finder) types() {
	for _, v := range f.an.Plan.AllVariables() {
		if v.Type.Set() || v.NoType || !v.ID.Set() || !f.span.Contains(int(v.ID.Raw().End)) {
			continue
		}
		why := "No type is written, so it is text."
		if v.Var.IsMagic() || v.Var.Name != "string" {
			why = "No type is written. The id, or the default, decides it."
		}
		f.add(Hint{Off: int(v.ID.Raw().End), Kind: Type, Label: []Part{{Text: ": " + v.Var.String()}}, Tooltip: why})
	}
}

// versions adds which version a pattern means now.
func (f *finder) versions() {
	for _, n := range f.an.Plan.Needs() {
		f.version(n.Release, n.Alias)
	}
}

func (f *finder) version(t plan.Text, alias string) {
	if !f.span.Contains(int(t.Span().End)) {
		return
	}
	id, err := release.ParseID(t.Value)
	if err != nil || !id.NeedsResolving() {
		return
	}
	m := f.an.ReleaseOf(t, alias)
	if m == nil || m.Version == "" {
		return
	}
	h := Hint{Off: int(t.Span().End), Kind: Version, Label: []Part{{Text: "= "}, {Text: m.Version}}}
	h.Tooltip = "The newest release that is at hand. Which one it is, is decided when the plan is built."
	if f.an.Env.Origin != nil {
		if o := f.an.Env.Origin(m); o != nil && o.File != nil {
			h.Label[1].File, h.Label[1].Span = o.File, o.Places[check.Place{Field: "version"}]
			h.Tooltip = "The version that the plan of the workspace has."
		}
	}
	f.add(h)
}

// expressions adds what expressions give, and the names of parameters.
func (f *finder) expressions(kinds Kinds) {
	if !kinds.Values && !kinds.Parameters {
		return
	}
	all := f.an.Info.Exprs
	first := sort.Search(len(all), func(i int) bool { return all[i].Pos.Start >= f.span.Start })
	for first > 0 && all[first-1].Text.Raw().End >= f.span.Start {
		first--
	}
	last := source.Span{Start: -1}
	for i := first; i < len(all) && all[i].Pos.Start <= f.span.End; i++ {
		x := &all[i]
		if x.Pos == last {
			continue // an alias of YAML
		}
		last = x.Pos
		if kinds.Values {
			f.value(x)
		}
		if kinds.Parameters {
			f.parameters(x)
		}
	}
}

// maxValue is how many bytes of a value are shown.
const maxValue = 48

func (f *finder) value(x *check.Expr) {
	at := x.Text.Raw().End
	if !f.span.Contains(int(at)) {
		return
	}
	v := value.OfExpr(f.an, x, x.Root)
	switch {
	case v.Secret:
		return
	case !v.Known || v.Guess:
		f.recorded(x)
		return
	}
	h := Hint{Off: int(at), Kind: Value, Label: []Part{{Text: "= "}, {Text: value.Cut(v.String(), maxValue)}}, Tooltip: "What the expression gives."}
	if v.Default {
		h.Tooltip = "What the expression gives if inputs have their defaults."
	}
	if from := v.Source(); from != "" {
		h.Tooltip += " It comes from: " + from + "."
	}
	if d := onlyInput(x); d != nil {
		h.Label[1].File, h.Label[1].Span = f.an.Source, d.ID.Span()
	}
	f.add(h)
}

// recorded adds what an expression gives where the plan is deployed, if that is the same everywhere.
func (f *finder) recorded(x *check.Expr) {
	list := value.RecordedExpr(f.an, x, x.Root, f.deployments)
	if len(list) == 0 || slices.ContainsFunc(list, func(v value.Value) bool { return v.Secret || v.String() != list[0].String() }) {
		return
	}
	var from []string
	for _, v := range list {
		from = append(from, v.Source())
	}
	f.add(Hint{
		Off: int(x.Text.Raw().End), Kind: Value, Label: []Part{{Text: "= "}, {Text: value.Cut(list[0].String(), maxValue)}},
		Tooltip: "What the expression gives where it is deployed: " + strings.Join(slices.Compact(from), "; ") + ".",
	})
}

// onlyInput returns the input of the plan that an expression is made of, if it is one.
func onlyInput(x *check.Expr) *plan.Variable {
	var one *plan.Variable
	for _, r := range expr.Refs(x.Root) {
		if len(r.Names) < 3 || r.Names[0].Text != "this" || r.Names[1].Text != "inputs" {
			continue
		}
		this, _ := x.Scope.Names.Field("this")
		inputs, _ := this.Type.Field("inputs")
		in, _ := inputs.Type.Field(r.Names[2].Text)
		v, _ := in.Def.(*plan.Variable)
		if one != nil && one != v {
			return nil
		}
		one = v
	}
	return one
}

// parameters adds the names of parameters before arguments that do not say what they are: where there are several.
func (f *finder) parameters(x *check.Expr) {
	expr.Walk(x.Root, func(e expr.Expr) bool {
		call, ok := e.(*expr.Call)
		if !ok {
			return true
		}
		b, ok := builtin.Lookup(call.Name.Text)
		if !ok || b.Variadic {
			return true
		}
		first := 0
		if call.Method() {
			first = 1
		}
		if len(call.Args.List) < 2 {
			return true
		}
		for i, arg := range call.Args.List {
			if _, ok := arg.(*expr.Literal); !ok || first+i >= len(b.Params) {
				continue
			}
			p := b.Params[first+i]
			if at := x.Text.At(arg.Span()); at.Len() > 0 {
				f.add(Hint{Off: int(at.Start), Kind: Parameter, Label: []Part{{Text: p.Name + ":"}}, Tooltip: tooltip(b, &p)})
			}
		}
		return true
	})
}

func tooltip(b *builtin.Builtin, p *builtin.Param) string {
	text := fmt.Sprintf("`%s` of `%s`: %s.", p.Name, b.Name, p.Type)
	if p.Doc != "" {
		text += " " + p.Doc
	}
	return text
}
