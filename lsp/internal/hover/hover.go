// Package hover explains what stands at a place of a plan, or of a script or template that a plan uses: what it means, what
// type and default it has, what its value is as far as anybody can know, and where it comes from. It is written for people, as
// Markdown or as plain text, and never shows what is secret.
//
// Read hover.go (which explanation a place gets), page.go (how it is written), then the file of what is explained.
package hover

import (
	"strings"

	"escape.build/escape/eval/redact"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
	"escape.build/escape/lsp/internal/value"
)

// An Answer is an explanation and what it is about.
type Answer struct {
	Span source.Span
	page page
	mask *redact.Redactor
}

// Text returns the explanation as Markdown or as plain text; never empty.
func (a *Answer) Text(markdown bool) string {
	if markdown {
		return a.mask.String(a.page.Markdown())
	}
	return a.mask.String(a.page.Plain())
}

// At returns an explanation of what stands at an offset; false if there is nothing to say. recorder tells of deployments.
func At(snap *cache.Snapshot, d *cache.Document, off int, recorder value.Recorder) (Answer, bool) {
	if d == nil {
		return Answer{}, false
	}
	e := explainer{snap: snap, file: d.Source, off: off, recorder: recorder}
	if an := snap.Analyze(d); an != nil {
		e.an = an
		e.plan()
	} else if s, ok := symbol.At(snap, d, off); ok {
		e.an = s.Plan
		e.symbol(&s)
	} else if end := variableEnd(d.Source.Text(), off); end > 0 {
		if s, ok := symbol.At(snap, d, end); ok && s.Env != "" {
			e.an = s.Plan
			e.symbol(&s)
		}
	}
	if len(e.page.blocks) == 0 {
		return Answer{}, false
	}
	return Answer{e.span, e.page, value.RedactorOf(e.an, e.deployments)}, true
}

// An explainer writes one explanation.
type explainer struct {
	page
	snap     *cache.Snapshot
	an       *cache.Analyzed // the plan
	file     *source.File    // that is shown
	off      int
	span     source.Span
	recorder value.Recorder // nil once it was asked
	// deployments are those of the plan, once somebody has asked for them.
	deployments []*value.Deployment
}

// plan explains a place of the plan.
func (e *explainer) plan() {
	if e.version() {
		return
	}
	if s, ok := symbol.In(e.snap, e.an, e.file.Name(), e.off); ok {
		e.symbol(&s)
		if len(e.blocks) > 0 {
			return
		}
	}
	if e.expression() {
		return
	}
	if end := variableEnd(e.file.Text(), e.off); end > 0 {
		if s, ok := symbol.In(e.snap, e.an, e.file.Name(), end); ok && s.Env != "" {
			e.symbol(&s)
			return
		}
	}
	e.valueOfKey()
}

// variableEnd returns the end of the variable of Escape, such as INPUT_zone, whose name an offset stands on; 0 if it stands on
// none. What the variable means hangs on the end of its name.
func variableEnd(text string, off int) int {
	part := func(c byte) bool { return c == '_' || isLetter(c) }
	from, to := off, off
	for from > 0 && part(text[from-1]) {
		from--
	}
	for to < len(text) && part(text[to]) {
		to++
	}
	if script.IsEscape(text[from:to]) {
		return to
	}
	return 0
}

// symbol explains a word that means something.
func (e *explainer) symbol(s *symbol.Symbol) {
	e.span = s.Span
	if before := int(s.Span.Start) - len(s.Env); s.Env != "" && before >= 0 && strings.HasPrefix(e.file.Text()[before:], s.Env) {
		e.span.Start = int32(before)
	}
	switch s.Kind {
	case symbol.Input, symbol.Output, symbol.ErrandInput:
		e.variable(s)
	case symbol.Package:
		e.packageName(s)
	case symbol.Dependency:
		e.dependency(s)
	case symbol.Extension:
		e.extension(s)
	case symbol.Consumer, symbol.Interface:
		e.consumer(s)
	case symbol.Errand:
		e.errand(s)
	case symbol.Step:
		e.step(s)
	case symbol.File:
		e.path(s)
	case symbol.Template:
		e.template(s)
	case symbol.Tag, symbol.Metadata:
		e.pair(s)
	case symbol.Builtin:
		e.builtin(s.Name)
	case symbol.Field:
		e.field(s)
	case symbol.Deployment:
		e.line(title("deployment name"), say(" "), word(s.Name))
		e.line(doc("What the dependency is called inside this deployment; its alias if this is left out."))
	case symbol.Parameter:
		e.line(title("parameter"), say(" "), word(s.Name))
		e.line(doc("A parameter of the lambda `$func` around it. Its type is that of what it is applied to."))
	case symbol.Type:
		e.typeName(s.Name)
	case symbol.Variable:
		e.line(title("script variable"), say(" "), word(s.Name))
		e.line(doc("The script sets it itself."))
	}
}

// expression explains a part of an expression that is no name, or a name of which nothing is known.
func (e *explainer) expression() bool {
	x, ok := e.an.Info.At(e.off)
	if !ok {
		return false
	}
	var found expr.Expr
	expr.Walk(x.Root, func(n expr.Expr) bool {
		if !x.Text.At(n.Span()).Contains(e.off) {
			return false
		}
		found = n
		return true
	})
	if found == nil {
		return false
	}
	e.span = x.Text.At(found.Span())
	t := x.TypeOf(found)
	switch n := found.(type) {
	case *expr.Bad:
		return false
	case *expr.Ref:
		if n.Name.Text == "" {
			return false
		}
		e.line(word(e.an.Plan.Spelled("$", "") + n.Name.Text))
		e.line(say("Nothing is called like this here."))
	case *expr.Literal:
		e.line(title("literal"), say(" "), word(t.String()))
	default:
		if t.IsAny() {
			e.line(title("expression"))
			e.line(say("Its type is not known: it depends on another package."))
		} else {
			e.line(title("expression"), say(" "), word(t.String()))
		}
		e.valueAt(&x, found)
	}
	return true
}

// value says what a value is before anything runs, and what it is where the plan is deployed.
func (e *explainer) value(v value.Value, recorded []value.Value) {
	switch {
	case !v.Known && len(recorded) > 0:
	case !v.Known && v.Why != "":
		e.item(say("The value cannot be known now: " + v.Why + "."))
	case v.Known && v.Default && len(v.From) == 0:
		e.item(say("Value with the defaults of inputs: "), word(v.String()))
	case v.Known && v.Default:
		e.sourced("Value by default: ", v)
	case v.Known:
		e.sourced("Value: ", v)
	}
	e.recorded(recorded)
}

// maxRecorded is of how many deployments values are shown.
const maxRecorded = 3

// recorded says what a value is where the plan is deployed.
func (e *explainer) recorded(list []value.Value) {
	for i, v := range list {
		if i == maxRecorded {
			e.item(say(count(len(list)-i, "more deployment") + " in the state."))
			return
		}
		e.sourced("Value: ", v)
	}
}

// sourced says what a value is and where it comes from.
func (e *explainer) sourced(what string, v value.Value) {
	parts := []part{say(what), word(v.String())}
	if from := v.Source(); from != "" {
		parts = append(parts, say(" ("+from+")"))
	}
	e.item(parts...)
}

// deployed returns what is recorded of deployments of the plan.
func (e *explainer) deployed() []*value.Deployment {
	if e.recorder != nil {
		e.deployments, e.recorder = e.recorder(e.an), nil
	}
	return e.deployments
}

// valueOfKey explains the key or field in whose value the offset lies. Long texts are left alone.
func (e *explainer) valueOfKey() {
	root, ok := e.an.Syntax.Root.(*syntax.Mapping)
	if !ok {
		return
	}
	key, at := enclosing(root, e.off, nil)
	if key == nil || at == nil || strings.ContainsAny(e.file.Slice(at.Pos), "\r\n") {
		return
	}
	s, ok := symbol.In(e.snap, e.an, e.file.Name(), int(key.Key.Pos.Start))
	if !ok || s.Kind != symbol.Field && s.Kind != symbol.Step {
		return
	}
	e.symbol(&s)
	e.span = at.Pos
}

// enclosing returns the innermost entry whose value holds an offset, and the scalar there.
func enclosing(n syntax.Node, off int, in *syntax.Entry) (*syntax.Entry, *syntax.Scalar) {
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			if entry := &n.Entries[i]; entry.Value.Span().Contains(off) && !entry.Key.Pos.Contains(off) {
				if found, s := enclosing(entry.Value, off, entry); found != nil {
					return found, s
				}
			}
		}
	case *syntax.Sequence:
		for i := range n.Items {
			if n.Items[i].Value.Span().Contains(off) {
				return enclosing(n.Items[i].Value, off, in)
			}
		}
	case *syntax.Scalar:
		if n.Pos.Contains(off) && n.Pos.Len() > 0 {
			return in, n
		}
	}
	return nil, nil
}

// spelled is what the notation of the plan calls a field.
func (e *explainer) spelled(row *plan.Field) string {
	if e.an.Syntax.Notation == syntax.HCL && row.Block != "" {
		return row.Block
	}
	return row.Name
}
