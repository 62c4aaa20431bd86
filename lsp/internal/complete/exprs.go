package complete

import (
	"cmp"
	"fmt"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// An input is an expression up to the cursor.
type input struct {
	script string // in Escape Script
	word   string // what was typed of the name at the end
	scope  infer.Scope
	want   types.Type // what fits best
	native bool       // it is written as in HCL
	called bool       // a "(" or the rest of a word follows the cursor
}

// scope returns what an expression at the place may use.
func (c *completer) scope(slot *slot) (infer.Scope, bool) {
	if c.Info == nil {
		return infer.Scope{}, false
	}
	s := &c.spot
	spot := check.Spot{Field: slot.field.Name, Stages: s.stages()}
	if slot.key != nil {
		spot.Key = slot.key.Name
	}
	if slot.field.Shape == plan.ShapeErrands {
		spot.Key = "run"
		if len(s.trail) > 2 {
			spot.Key = s.trail[2]
		}
	}
	spot.Late = strings.HasPrefix(s.entry["eval_before_dependencies"], "false")
	scope, _, ok := c.Info.ScopeAt(spot)
	if ok && slot.field.Shape == plan.ShapeDependencies {
		scope.Names = c.earlier(scope.Names)
	}
	return scope, ok
}

// earlier leaves out the dependency at hand and those behind it: they are deployed later.
func (c *completer) earlier(names types.Type) types.Type {
	if c.Plan == nil {
		return names
	}
	late := map[string]bool{}
	for _, d := range c.Plan.Depends {
		if spec := c.spot.entry["release_id"]; len(late) > 0 || d.Spec.Value == spec || d.Release.Value == spec {
			late[d.Alias()] = true
		}
	}
	if len(late) == 0 {
		return names
	}
	var kept []types.Field
	for _, f := range names.Fields() {
		if !late[f.Name] {
			kept = append(kept, f)
		}
	}
	return types.Object(names.Open(), kept...)
}

// wanted returns the type that the value at the place should have; Any if that is not known.
func (c *completer) wanted(slot *slot) types.Type {
	switch slot.field.Shape {
	case plan.ShapeVariables, plan.ShapeErrands:
		if slot.name() == "items" {
			return types.List(types.Any)
		}
		if slot.name() == "default" {
			v, _ := types.ParseVar(c.variableType())
			if len(c.spot.trail) > 0 && c.spot.trail[len(c.spot.trail)-1] == "-" {
				return v.Type().Elem()
			}
			return v.Type()
		}
		return types.String
	case plan.ShapeDependencies:
		if slot.name() == "consumes" {
			return types.String
		}
		if m := c.dependency(); m != nil {
			for _, v := range m.Inputs {
				if v.ID == slot.free {
					t, _ := types.StoredVar(v.Type, v.Options)
					return t.Type()
				}
			}
		}
	case plan.ShapeStep, plan.ShapeScript, plan.ShapePairs:
		return types.String
	}
	return types.Any
}

// variableType is the type of the variable at hand as a plan in YAML says it.
func (c *completer) variableType() string {
	t := strings.NewReplacer("(", "[", ")", "]", `"`, "").Replace(c.spot.entry["type"])
	if t == "" {
		if types.KnownVar(c.spot.entry["id"]) {
			return c.spot.entry["id"]
		}
		switch c.spot.entry["default"] {
		case "true", "false":
			return "bool"
		}
		return "string"
	}
	return t
}

// expression offers what continues the expression at the place; false if there is none.
func (c *completer) expression(slot *slot) bool {
	s := &c.spot
	scope, ok := c.scope(slot)
	in := input{scope: scope, want: c.wanted(slot)}
	switch {
	case s.style == native, s.style == literal && c.Notation == syntax.HCL:
		if !ok || s.style == literal {
			return false
		}
		in.native = true
		in.script = nativeTail(s.text)
	case c.Notation == syntax.HCL && s.function != "script":
		return false // a text
	case !expr.IsScript(s.text):
		return false
	case !ok:
		return true // nothing can be said
	default:
		in.script = s.text
		if s.block && strings.Contains(in.script, "\n") {
			in.script = strings.ReplaceAll(in.script, "\n", " ")
		}
	}
	in.word = tailWord(in.script)
	tail := c.Source.Text()[c.Offset:]
	n := wordLen(tail)
	in.called = n > 0 || strings.HasPrefix(tail, "(")
	c.over(c.Offset-len(in.word), n)
	c.continued(in)
	return true
}

// tailWord is the name that a text ends with.
func tailWord(text string) string {
	i := len(text)
	for i > 0 && isWord(text[i-1]) {
		i--
	}
	return text[i:]
}

// nativeTail returns the path of names that an expression of HCL ends with, as Escape Script.
func nativeTail(text string) string {
	i := len(text)
	for i > 0 && (isWord(text[i-1]) || text[i-1] == '.' || text[i-1] == ']') {
		if text[i-1] == ']' {
			n := strings.LastIndexByte(text[:i], '[')
			if n < 0 {
				break
			}
			i = n
			continue
		}
		i--
	}
	return "$" + text[i:]
}

// continued offers names, members or functions, whatever can stand at the end of an expression.
func (c *completer) continued(in input) {
	head := in.script[:len(in.script)-len(in.word)]
	root, _ := expr.Parse(in.script)
	if inString(in.script) {
		return
	}
	want := in.want
	if t, ok := argumentType(root, len(in.script)); ok {
		want = t
	}
	switch path := strings.TrimRight(head, " "); {
	case strings.HasSuffix(path, "."):
		c.members(in, root, len(path)-1, want)
	case strings.HasSuffix(head, "$"):
		if in.native && head != "$" {
			return
		}
		c.names(in, root, want)
	}
}

// inString reports whether an expression ends inside of a string.
func inString(script string) bool {
	open := false
	for i := 0; i < len(script); i++ {
		switch script[i] {
		case '\\':
			if open {
				i++
			}
		case '"':
			open = !open
		}
	}
	return open
}

// argumentType returns the type of the parameter that the end of an expression gives.
func argumentType(root expr.Expr, at int) (types.Type, bool) {
	call, n := callAt(root, at)
	if call == nil {
		return types.Any, false
	}
	b, ok := builtin.Lookup(call.Name.Text)
	if !ok || len(b.Params) == 0 || n >= len(b.Params) && !b.Variadic {
		return types.Any, true
	}
	return b.Param(n).Type, true
}

// callAt returns the innermost call whose parentheses an offset is in, with the number of the argument, a receiver counted.
func callAt(root expr.Expr, at int) (call *expr.Call, arg int) {
	expr.Walk(root, func(e expr.Expr) bool {
		c, ok := e.(*expr.Call)
		if !ok || c.Args.Open < 0 || at <= int(c.Args.Open) || c.Args.Close >= 0 && at > int(c.Args.Close) {
			return true
		}
		call, arg = c, 0
		if c.Method() {
			arg++
		}
		for _, comma := range c.Args.Commas {
			if int(comma) < at {
				arg++
			}
		}
		return true
	})
	return call, arg
}

// fit says how well a type fits: the smaller the better.
func fit(t, want types.Type) int {
	if want.IsAny() {
		return 0
	}
	switch types.Assignable(t, want) {
	case types.Fits:
		if t.IsAny() || t.Kind() != want.Kind() {
			return 1
		}
		return 0
	case types.FitsAsJSON, types.FitsPerhaps:
		return 2
	}
	return 3
}

// holds says how well a value fits that something is selected on: nothing that fits may be inside of it.
func holds(t, want types.Type) int {
	switch t.Kind() {
	case types.KindObject, types.KindMap:
		return 1
	}
	return fit(t, want)
}

// members offers what can stand behind the "." at an offset: keys and methods.
func (c *completer) members(in input, root expr.Expr, dot int, want types.Type) {
	var recv expr.Expr
	lambdas := false
	expr.Walk(root, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Func:
			lambdas = true
		case *expr.Select:
			if int(e.Dot) == dot {
				recv = e.X
			}
		case *expr.Call:
			if e.Recv != nil && int(e.Recv.Span().End) == dot {
				recv = e.Recv
			}
		}
		return true
	})
	if recv == nil {
		return
	}
	t := types.Any
	var consumer *plan.Consumer // whose provider has what recv is
	scope := in.scope
	scope.Observe = func(e expr.Expr, of types.Type, f *types.Field) {
		if e == recv {
			t = of
		}
		if sel, ok := recv.(*expr.Select); ok && e == sel.X && f != nil && sel.Name.Text == "outputs" {
			consumer, _ = f.Def.(*plan.Consumer)
		}
	}
	if lambdas {
		infer.Infer(root, scope) // their parameters may be in it
	} else {
		infer.Infer(recv, scope)
	}
	if consumer != nil {
		c.provided(consumer.Interface.Value)
	}
	fields := t.Fields()
	for _, i := range c.best(fields, want) {
		f := &fields[i]
		it := Item{Label: f.Name, Kind: KindMember, Detail: f.Type.String(), Doc: f.Doc, Rank: 100*holds(f.Type, want) + favourite(f.Name) + min(i, 50)}
		if variable, ok := f.Def.(*plan.Variable); ok {
			it.Kind = KindVariable
			it.Detail = variable.Var.String()
			if it.Doc == "" {
				it.Doc = "Declared in this plan."
			}
		}
		if !in.native && (f.Type.Kind() == types.KindObject || f.Type.Kind() == types.KindMap) {
			it.Commits = []string{"."}
		}
		c.add(it)
	}
	if in.native {
		return // HCL writes functions in front
	}
	kind := t.Kind()
	for i, b := range builtin.MethodsOf(t) {
		rank := 400 + 100*fit(b.Result, want) + i
		if b.Recv.IsAny() || kind == types.KindObject || t.IsAny() {
			rank += 400
		}
		c.add(c.function(b, in, true, rank))
	}
}

// provided offers the outputs of all packages that are known to provide an interface.
func (c *completer) provided(iface string) {
	if c.Env.Providers == nil {
		return
	}
	seen := map[string]bool{}
	for _, m := range c.Env.Providers(iface) {
		for _, v := range m.Outputs {
			if !seen[v.ID] && expr.IsName(v.ID) {
				seen[v.ID] = true
				c.add(Item{Label: v.ID, Kind: KindVariable, Detail: v.Type, Doc: cmp.Or(v.Description, "Output of "+m.VersionlessID()+"."), Rank: len(seen)})
			}
		}
	}
}

// best returns which keys are offered: all that can be used, or, of very many, those that fit best.
func (c *completer) best(fields []types.Field, want types.Type) []int {
	typed := c.typed()
	var ranks [3 * 4][]int
	n := 0
	for i := range fields {
		f := &fields[i]
		if f.Absent != "" || !expr.IsName(f.Name) || c.isOwn(f) {
			continue
		}
		rank := 0
		if len(fields) > maxItems {
			rank = 4*worth(typed, f.Name) + holds(f.Type, want)
		}
		ranks[rank] = append(ranks[rank], i)
		n++
	}
	if n > maxItems {
		c.list.Incomplete = true
	}
	best := make([]int, 0, min(n, maxItems))
	for _, list := range ranks {
		best = append(best, list[:min(len(list), maxItems-len(best))]...)
		if len(best) == maxItems {
			break
		}
	}
	return best
}

// isOwn reports whether f is the input whose value is at hand, which cannot refer to itself.
func (c *completer) isOwn(f *types.Field) bool {
	v, ok := f.Def.(*plan.Variable)
	return ok && v.ID.Value == c.spot.entry["id"] && strings.HasSuffix(c.spot.name(0), "inputs") && strings.HasSuffix(v.Field.Name, "inputs")
}

// favourite puts the keys in front that are wanted most.
func favourite(key string) int {
	switch key {
	case "inputs", "outputs":
		return -300
	case "metadata":
		return -10
	case "version", "deployment", "environment":
		return -5
	}
	return 0
}

// function is an item for a builtin.
func (c *completer) function(b *builtin.Builtin, in input, method bool, rank int) Item {
	it := Item{Label: b.Name, Kind: KindFunction, Detail: b.Signature(method), Topic: "builtin:" + b.Name, Rank: rank}
	written := b.Name
	switch {
	case method:
	case in.native:
	default:
		written = "__" + b.Name
		it.Label, it.Filter = written, written
	}
	params := len(b.Params)
	if method && !(b.Variadic && params == 1) {
		params--
	}
	it.Text, it.Snippet = written+"()", written+"($1)"
	switch {
	case in.called:
		it.Text, it.Snippet = written, ""
	case params == 0:
		it.Snippet = ""
	}
	return it
}

// names offers what can stand behind "$", or at the start of an expression of HCL.
func (c *completer) names(in input, root expr.Expr, want types.Type) {
	for i, p := range parameters(root, len(in.script)) {
		c.add(Item{Label: p, Kind: KindVariable, Detail: "parameter", Rank: i})
	}
	fields := in.scope.Names.Fields()
	for _, i := range c.best(fields, types.Any) {
		f := &fields[i]
		it := Item{Label: f.Name, Kind: KindVariable, Detail: f.Doc, Rank: 50 + min(i, 900)}
		if f.Name == "this" {
			it.Rank = 49
		}
		if !in.native {
			it.Commits = []string{"."}
		}
		c.add(it)
	}
	for i, b := range builtin.Table() {
		c.add(c.function(b, in, false, 1000+100*fit(b.Result, want)+i))
	}
	if !in.native && want.Kind() == types.KindFunc {
		c.add(Item{Label: "func", Kind: KindFunction, Detail: "func(x) { ... }", Text: "func(x) {$x}", Snippet: "func(${1:x}) {\\$${1:x}}", Rank: 40})
	}
}

// parameters returns those of the lambdas around the end of an expression, the innermost first.
func parameters(root expr.Expr, at int) []string {
	var names []string
	expr.Walk(root, func(e expr.Expr) bool {
		if f, ok := e.(*expr.Func); ok && f.Body != nil && f.Body.Span().Contains(at) {
			for _, p := range f.Params {
				if p.Text != "" {
					names = append([]string{p.Text}, names...)
				}
			}
		}
		return true
	})
	return names
}

// starts offers expressions where nothing is written yet.
func (c *completer) starts(slot *slot, prefix, suffix string, rank int) {
	scope, ok := c.scope(slot)
	if !ok {
		return
	}
	for i, f := range scope.Names.Fields() {
		if f.Absent != "" || !expr.IsName(f.Name) {
			continue
		}
		label := prefix + f.Name + suffix
		c.add(Item{Label: label, Kind: KindVariable, Detail: f.Doc, Text: c.write(label), Rank: rank + min(i, 90)})
	}
	t := types.Any
	if this, ok := scope.Names.Field("this"); ok && this.Absent == "" {
		inputs, _ := this.Type.Field("inputs")
		t = inputs.Type
	}
	want := c.wanted(slot)
	for i, f := range t.Fields() {
		if f.Absent != "" || f.Name == c.spot.entry["id"] && slot.field.Shape == plan.ShapeVariables || i > 100 {
			continue
		}
		label := prefix + "this.inputs." + f.Name + suffix
		c.add(Item{Label: label, Kind: KindVariable, Detail: f.Type.String(), Doc: f.Doc, Text: c.write(label), Rank: rank + 100*(1+fit(f.Type, want)) + min(i, 90)})
	}
}

// quote writes a text in double quotes, as both notations read it.
func quote(text string) string {
	return fmt.Sprintf("%q", text)
}
