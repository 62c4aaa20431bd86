// Package infer finds the type of an expression, and what is wrong with it, before anything is evaluated: names, keys
// and functions that do not exist, wrong arguments, and constants that can only fail.
//
// It does not know plans: the caller says which names a place may use, and which exist but not there (Scope). Whatever
// it knows nothing about has the type Any, about which nothing is ever reported. Read scope.go, then infer.go.
package infer

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// Infer returns the type of e in scope s and everything wrong with it. Findings have no file and spans within the text
// of e. What could not be parsed, or is not known, has type Any and silences what follows.
func Infer(e expr.Expr, s Scope) (types.Type, diag.List) {
	r := Work(e, s)
	return r.Type, r.Findings
}

// A Result is all that is known of an expression.
type Result struct {
	Type types.Type
	// Value is a string, int64, bool or []any of these: what the expression will give, if that can be worked out now; else
	// nil.
	Value    any
	Findings diag.List
}

// Work does what Infer does, and works out the value of an expression that is made of constants.
func Work(e expr.Expr, s Scope) Result {
	c := checker{scope: s, root: e}
	r := Result{Type: c.infer(e)}
	r.Findings = c.found
	if v, ok := c.valueOf(e); ok && len(c.found) == 0 {
		r.Value = plain(v)
	}
	return r
}

// plain returns a value as a plain one; nil for what is none.
func plain(v cty.Value) any {
	switch t := v.Type(); {
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t == cty.Number:
		if n, exact := v.AsBigFloat().Int64(); exact == big.Exact {
			return n
		}
	case t.IsTupleType():
		list := make([]any, 0, v.LengthInt())
		for _, e := range v.AsValueSlice() {
			one := plain(e)
			if one == nil {
				return nil
			}
			list = append(list, one)
		}
		return list
	}
	return nil
}

type checker struct {
	scope Scope
	root  expr.Expr
	found diag.List
	// values are those of calls that can be worked out now.
	values map[expr.Expr]cty.Value
	bound  []param
	// loose are the parameters of all lambdas of the expression, made on first need: the body of a lambda that is passed
	// on sees the parameters of whoever applies it.
	loose map[string]bool
}

type param struct {
	name string
	t    types.Type
}

func (c *checker) report(code *diag.Entry, span source.Span, original, format string, args ...any) *diag.Diagnostic {
	d := diag.New(code, nil, span, fmt.Sprintf(format, args...))
	d.Original = original
	c.found = append(c.found, d)
	return &c.found[len(c.found)-1]
}

func (c *checker) infer(e expr.Expr) types.Type {
	var t types.Type
	var field *types.Field
	switch e := e.(type) {
	case *expr.Literal:
		t = types.String
		if e.Kind == expr.IntLit {
			t = types.Int
		}
	case *expr.Ref:
		t, field = c.ref(e)
	case *expr.Select:
		t, field = c.selected(e)
	case *expr.Index:
		t = c.index(e)
	case *expr.Slice:
		t = c.slice(e)
	case *expr.Call:
		t = c.call(e)
	case *expr.Func:
		t = c.lambda(e)
	}
	if field != nil && field.Const != nil && field.Absent == "" {
		c.keep(e, cty.StringVal(*field.Const))
	}
	if c.scope.Observe != nil && e != nil {
		c.scope.Observe(e, t, field)
	}
	return t
}

func (c *checker) ref(e *expr.Ref) (types.Type, *types.Field) {
	name := e.Name.Text
	if name == "" {
		return types.Any, nil
	}
	for i := len(c.bound) - 1; i >= 0; i-- {
		if c.bound[i].name == name {
			return c.bound[i].t, nil
		}
	}
	if f, ok := c.scope.Names.Field(name); ok {
		if f.Absent != "" {
			c.report(diag.NotAvailable, e.Pos, notFound(name, c.scope.Names), "%q is not known here: %s", "$"+name, f.Absent)
			return types.Any, &f
		}
		return f.Type, &f
	}
	if c.scope.Names.Open() || c.isLoose(name) {
		return types.Any, nil
	}
	d := c.report(diag.UnknownName, e.Pos, notFound(name, c.scope.Names), "%q is not known here", "$"+name)
	names := listable(c.scope.Names)
	if near, ok := diag.Nearest(name, names); ok {
		d.Message += fmt.Sprintf("; did you mean %q?", "$"+near)
		d.Fixes = replaceWith(e.Name.Pos, near)
	} else if _, ok := builtin.Lookup(name); ok {
		d.Message += c.spelled(fmt.Sprintf("; the function is called %q", "$__"+name), fmt.Sprintf("; to call the function, write %q", name+"(...)"))
	} else if len(names) == 0 && len(c.scope.Names.Fields()) <= maxSearched {
		d.Hint = "no names can be used at this place"
	} else if len(names) > 0 && len(names) <= maxListed {
		d.Hint = "known are $" + strings.Join(names, ", $")
	}
	return types.Any, nil
}

const (
	// maxListed is how many names a hint lists.
	maxListed = 12
	// maxSearched is in how many names a similar one is looked for. Past it each of thousands of wrong names would cost
	// a walk over thousands of right ones.
	maxSearched = 300
)

// listable returns the sorted names of t, none if there are too many.
func listable(t types.Type) []string {
	if len(t.Fields()) > maxSearched {
		return nil
	}
	return t.Names()
}

func (c *checker) isLoose(name string) bool {
	if c.loose == nil {
		c.loose = map[string]bool{}
		passed := false
		expr.Walk(c.root, func(e expr.Expr) bool {
			if f, ok := e.(*expr.Func); ok {
				passed = passed || f.Args == nil
				for _, p := range f.Params {
					c.loose[p.Text] = true
				}
			}
			return true
		})
		if !passed {
			c.loose = map[string]bool{"": false}
		}
	}
	return c.loose[name]
}

// notFound is what the original says.
func notFound(key string, t types.Type) string {
	if len(t.Fields()) > maxSearched {
		return fmt.Sprintf("Field '%s' was not found", key)
	}
	names := t.Names()
	if len(names) == 0 {
		return fmt.Sprintf("Field '%s' was not found (target collection was empty)", key)
	}
	return fmt.Sprintf("Field '%s' was not found (%s)", key, strings.Join(names, ", "))
}

func replaceWith(span source.Span, text string) []diag.Fix {
	return []diag.Fix{{
		Title:     fmt.Sprintf("replace with %q", text),
		Edits:     []source.Edit{{Span: span, New: text}},
		Preferred: true,
	}}
}

func (c *checker) selected(e *expr.Select) (types.Type, *types.Field) {
	if f, ok := e.X.(*expr.Func); ok && f.Args == nil && e.Name.Text != "" {
		// Selection applies the function to the name.
		return c.apply(f, []types.Type{types.String}, e.Name.Pos), nil
	}
	x := c.infer(e.X)
	key := e.Name.Text
	if key == "" {
		return types.Any, nil
	}
	switch x.Kind() {
	case types.KindMap:
		return x.Elem(), nil
	case types.KindObject:
		return c.key(e, x)
	case types.KindString:
		if key == "file" {
			return types.String, nil
		}
		c.noKey(e, x, fmt.Sprintf("Calling unknown function '%s' on string", key))
	case types.KindFunc:
		if n := len(x.Params()); n != 1 {
			c.report(diag.ArgumentCount, e.Name.Pos, builtin.ArityText(n, 1), "selecting a key applies the function to one argument, but it takes %d", n)
		}
		return x.Result(), nil
	case types.KindInt, types.KindBool, types.KindList:
		kind := x.Kind()
		name := map[types.Kind]string{types.KindInt: "integer", types.KindBool: "bool", types.KindList: "list"}[kind]
		c.noKey(e, x, fmt.Sprintf("Expecting function, map or string for apply, but got '%s'", name))
	}
	return types.Any, nil
}

func (c *checker) key(e *expr.Select, x types.Type) (types.Type, *types.Field) {
	key := e.Name.Text
	if f, ok := x.Field(key); ok {
		if f.Absent != "" {
			c.report(diag.NotAvailable, e.Name.Pos, notFound(key, x), "%q is not available here: %s", expr.String(e), f.Absent)
			return types.Any, &f
		}
		return f.Type, &f
	}
	if x.Open() {
		return types.Any, nil
	}
	what := fmt.Sprintf("%q", expr.String(e.X))
	d := c.report(diag.UnknownKey, e.Name.Pos, notFound(key, x), "%s has no key %q", what, key)
	names := listable(x)
	if near, ok := diag.Nearest(key, names); ok {
		d.Message += fmt.Sprintf("; did you mean %q?", near)
		d.Fixes = replaceWith(e.Name.Pos, near)
	} else if len(names) == 0 && len(x.Fields()) <= maxSearched {
		d.Hint = what + " is empty"
	} else if len(names) > 0 && len(names) <= 2*maxListed {
		d.Hint = "its keys are " + strings.Join(names, ", ")
	}
	return types.Any, nil
}

// noKey reports a selection on something without keys; often it is a call that lacks its parentheses.
func (c *checker) noKey(e *expr.Select, x types.Type, original string) {
	d := c.report(diag.NoKeys, e.Name.Pos, original, "%s has no keys, so it has no %q", x.Describe(), e.Name.Text)
	if b, ok := builtin.Lookup(e.Name.Text); ok {
		d.Message += fmt.Sprintf("; to call the function, write %q", c.spelled("."+b.Name+"(...)", b.Name+"(...)"))
		if b.Min() <= 1 {
			if !c.scope.HCL {
				d.Message = strings.Replace(d.Message, "(...)", "()", 1)
			}
			d.Fixes = []diag.Fix{{Title: c.spelled(`add "()"`, "call the function"), Edits: []source.Edit{{Span: source.Span{Start: e.Pos.End, End: e.Pos.End}, New: "()"}}, Preferred: true}}
		}
	} else if x.Kind() == types.KindString {
		if near, ok := diag.Nearest(e.Name.Text, []string{"file"}); ok {
			d.Message += fmt.Sprintf("; did you mean %q?", near)
			d.Fixes = replaceWith(e.Name.Pos, near)
		}
	}
}

func (c *checker) list(x expr.Expr, t types.Type, where string) bool {
	if t.IsAny() || t.Kind() == types.KindList {
		return true
	}
	c.report(diag.ArgumentType, x.Span(), fmt.Sprintf("Expecting list argument in list %s call, but got '%s'", where, t),
		"only a list can be indexed, but this is %s", t.Describe())
	return false
}

func (c *checker) index(e *expr.Index) types.Type {
	x := c.infer(e.X)
	if !c.list(e.X, x, "index") || e.At == nil {
		return types.Any
	}
	if e.At.Int < 0 {
		c.negativeIndex(e.At)
		return x.Elem()
	}
	c.listOf(e, "list_index", e.X, e.At.Pos, e.At)
	return x.Elem()
}

func (c *checker) slice(e *expr.Slice) types.Type {
	x := c.infer(e.X)
	if !c.list(e.X, x, "slice") {
		return types.Any
	}
	switch lo, hi := e.Lo, e.Hi; {
	case lo != nil && lo.Int < 0:
		c.negativeStart(lo)
	case lo != nil && hi != nil && hi.Int >= 0 && lo.Int > hi.Int:
		c.report(diag.IndexRange, lo.Pos.To(hi.Pos), "", "a slice cannot end (%d) before it starts (%d)", hi.Int, lo.Int)
	case lo != nil || hi != nil:
		start := lo
		if lo == nil {
			start = &expr.Literal{} // a slice without a start begins at 0
		}
		c.listOf(e, "list_slice", e.X, e.Pos, start, hi)
	}
	return x
}

func (c *checker) call(e *expr.Call) types.Type {
	var args []types.Type
	var nodes []expr.Expr
	if e.Recv != nil {
		nodes = append(nodes, e.Recv)
	}
	nodes = append(nodes, e.Args.List...)
	for _, n := range nodes {
		args = append(args, c.infer(n))
	}
	if e.Name.Text == "" {
		return types.Any
	}
	b, ok := builtin.Lookup(e.Name.Text)
	if !ok {
		if e.Args.Open >= 0 { // else the name is still being written
			c.unknownFunction(e, args)
		}
		return types.Any
	}
	if b.Effects&c.scope.Deny != 0 {
		c.report(diag.NotAvailable, e.Name.Pos, "", "%q cannot be used here: %s", b.Name, c.scope.DenyReason)
	}
	if e.Args.Open < 0 || !c.arity(e, b, len(args)) {
		return b.TypeOf(args)
	}
	sound := true
	for i, t := range args {
		if p := b.Param(i); !p.Accepts(t) {
			sound = false
			c.argument(e, b, i, nodes[i], args)
		}
	}
	if sound && e.Args.Close >= 0 && !c.negative(b, nodes) {
		c.constant(e, b, nodes)
	}
	return b.TypeOf(args)
}

// foreignFunctions are functions of Terraform: the builtin that does the same, or what to do instead.
var foreignFunctions = map[string]string{
	"base64encode": "base64_encode", "base64decode": "base64_decode", "trimspace": "trim", "chomp": "trim", "file": "read_file",
	"fileexists": "file_exists", "slice": "list_slice", "element": "list_index",
	"format": "join the pieces with concat", "formatlist": "join the pieces with concat",
	"jsonencode": "write the JSON in a script", "yamlencode": "write the YAML in a script", "jsondecode": "read the JSON in a script",
	"lookup": "select a key with a dot", "coalesce": "give the input a default", "try": "give the input a default",
	"tostring": "values become text by themselves", "tonumber": "give the input the type integer", "tobool": "give the input the type bool",
	"tolist": "give the input the type list", "toset": "give the input the type list", "merge": "refer to single values",
	"templatefile": "write a template", "substr": "cut the text in a script", "regex": "match the text in a script",
	"regexreplace": "replace the text in a script", "env": "make it an input", "getenv": "make it an input",
}

// instead says what does the work of an unknown function of Terraform; false if it is none.
func (c *checker) instead(d *diag.Diagnostic, e *expr.Call) bool {
	what := foreignFunctions[e.Name.Text]
	if _, ok := builtin.Lookup(what); ok {
		d.Message += fmt.Sprintf("; did you mean %q?", what)
		d.Fixes = replaceWith(e.Name.Pos, what)
		return true
	}
	d.Hint = what
	return what != ""
}

func (c *checker) unknownFunction(e *expr.Call, args []types.Type) {
	name := e.Name.Text
	original := fmt.Sprintf("Field '__%s' was not found", name)
	if !e.Method() || c.scope.HCL {
		d := c.report(diag.UnknownFunction, e.Name.Pos, original, "there is no function %q", name)
		if c.instead(d, e) {
			return
		}
		if near, ok := diag.Nearest(name, builtin.Names()); ok {
			d.Message += fmt.Sprintf("; did you mean %q?", near)
			d.Fixes = replaceWith(e.Name.Pos, near)
		}
		return
	}
	d := c.report(diag.UnknownFunction, e.Name.Pos, original, "%s has no method %q", kindName(args[0]), name)
	if name == "file" && args[0].Kind() != types.KindObject {
		d.Message += `; "file" is no method, write ".file"`
		if e.Args.Close >= 0 && len(e.Args.List) == 0 {
			d.Fixes = []diag.Fix{{Title: `remove "()"`, Edits: []source.Edit{{Span: source.Span{Start: e.Args.Open, End: e.Args.Close + 1}}}, Preferred: true}}
		}
		return
	}
	if c.instead(d, e) {
		return
	}
	var near []string
	for _, m := range builtin.MethodsOf(args[0]) {
		near = append(near, m.Name)
	}
	word, ok := diag.Nearest(name, near)
	if !ok {
		word, ok = diag.Nearest(name, builtin.Names())
	}
	if ok {
		d.Message += fmt.Sprintf("; did you mean %q?", word)
		d.Fixes = replaceWith(e.Name.Pos, word)
	}
}

func kindName(t types.Type) string {
	if t.IsAny() {
		return "this value"
	}
	_, noun, _ := strings.Cut(t.Describe(), " ")
	return noun
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func (c *checker) arity(e *expr.Call, b *builtin.Builtin, got int) bool {
	if got >= b.Min() && (b.Max() < 0 || got <= b.Max()) {
		return true
	}
	if got < b.Min() && e.Args.Close < 0 {
		return true // still being written
	}
	method, hidden := c.method(e), 0
	if method {
		hidden = 1
	}
	if method && len(b.Params) == 0 {
		c.report(diag.ArgumentCount, e.Name.Pos, b.CountError(got), "%q takes no arguments and is no method; write \"$__%s()\"", b.Name, b.Name)
		return false
	}
	want := count(max(b.Min()-hidden, 0), "argument")
	switch {
	case b.Max() < 0:
		want = "at least " + want
	case b.Max() > b.Min():
		want = fmt.Sprintf("%d or %d arguments", b.Min()-hidden, b.Max()-hidden)
	}
	span := e.Name.Pos
	if got > b.Min() && len(e.Args.List) > 0 {
		first := b.Max()
		if e.Method() {
			first--
		}
		first = max(first, 0)
		span = e.Args.List[min(first, len(e.Args.List)-1)].Span().To(e.Args.List[len(e.Args.List)-1].Span())
	}
	d := c.report(diag.ArgumentCount, span, b.CountError(got), "%q takes %s, but %s given", b.Name, want, isAre(got-hidden))
	d.Hint = "it is written " + b.Signature(method)
	return false
}

// method reports whether a call is written as a method.
func (c *checker) method(e *expr.Call) bool { return e.Method() && !c.scope.HCL }

// spelled returns one of two spellings, by the notation that the expression is written in.
func (c *checker) spelled(script, hcl string) string {
	if c.scope.HCL {
		return hcl
	}
	return script
}

func isAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

func (c *checker) argument(e *expr.Call, b *builtin.Builtin, i int, node expr.Expr, args []types.Type) {
	p, t := b.Param(i), args[i]
	original := ""
	if kinds := kinds(args); !slices.Contains(kinds, "") {
		original = b.TypeError(i, kinds)
	}
	if c.method(e) && i == 0 {
		d := c.report(diag.ArgumentType, e.Name.Pos, original, "%q works on %s, but this is %s", b.Name, p.Wants(), t.Describe())
		d.Related = []diag.Related{{Span: node.Span(), Message: "this is " + t.Describe()}}
		return
	}
	c.report(diag.ArgumentType, node.Span(), original, "%q of %q must be %s, but this is %s", p.Name, b.Name, p.Wants(), t.Describe())
}

// kinds names types as messages about arguments do; one that is not known is empty.
func kinds(args []types.Type) []string {
	all := make([]string, len(args))
	for i, t := range args {
		all[i] = map[types.Kind]string{types.KindString: "string", types.KindInt: "integer", types.KindBool: "bool",
			types.KindList: "list", types.KindMap: "map", types.KindObject: "map", types.KindFunc: "lambda"}[t.Kind()]
	}
	return all
}

// negative reports a place in a list that counts from its end where none may: whatever the list, it fails.
func (c *checker) negative(b *builtin.Builtin, nodes []expr.Expr) bool {
	if b.Name != "list_index" && b.Name != "list_slice" || len(nodes) < 2 {
		return false
	}
	at, ok := nodes[1].(*expr.Literal)
	if !ok || at.Kind != expr.IntLit || at.Int >= 0 {
		return false
	}
	if b.Name == "list_index" {
		c.negativeIndex(at)
	} else {
		c.negativeStart(at)
	}
	return true
}

func (c *checker) negativeIndex(at *expr.Literal) {
	c.report(diag.IndexRange, at.Pos, "", "an index counts from 0 and cannot be negative").
		Hint = "a slice may end at a negative place, such as [0:-1]"
}

func (c *checker) negativeStart(at *expr.Literal) {
	c.report(diag.IndexRange, at.Pos, "", "a slice cannot start at a negative place")
}

// constant runs a pure function whose arguments are all written out, or come from such calls: if it fails now, it always
// will.
func (c *checker) constant(e expr.Expr, b *builtin.Builtin, nodes []expr.Expr) {
	if b.Effects != builtin.Pure || b.Name == "env_lookup" || len(nodes) == 0 {
		return
	}
	args := make([]cty.Value, len(nodes))
	for i, n := range nodes {
		v, ok := c.valueOf(n)
		if !ok {
			return
		}
		args[i] = v
	}
	result, err := b.Call(nowhere{}, args)
	switch {
	case err == nil:
		c.keep(e, result)
	case err != errTooLarge:
		c.report(diag.ArgumentValue, nodes[0].Span(), err.Error(), "%q can never work on this value: %s", b.Name, lowerFirst(err.Error()))
	}
}

// valueOf returns the value of e if it can be worked out now.
func (c *checker) valueOf(e expr.Expr) (cty.Value, bool) {
	if lit, ok := e.(*expr.Literal); ok {
		if lit.Kind == expr.StringLit {
			return cty.StringVal(lit.Str), true
		}
		return cty.NumberIntVal(lit.Int), true
	}
	v, ok := c.values[e]
	return v, ok
}

func (c *checker) keep(e expr.Expr, v cty.Value) {
	if v.Type() == cty.String && len(v.AsString()) > maxKept || v.Type().IsTupleType() && v.LengthInt() > maxKept {
		return
	}
	if c.values == nil {
		c.values = map[expr.Expr]cty.Value{}
	}
	c.values[e] = v
}

// listOf takes an element or a part out of a list that can be worked out now, by the function called name. A nil bound is
// left out.
func (c *checker) listOf(e expr.Expr, name string, list expr.Expr, span source.Span, bounds ...*expr.Literal) {
	v, ok := c.valueOf(list)
	b, known := builtin.Lookup(name)
	if !ok || !known {
		return
	}
	args := []cty.Value{v}
	for _, bound := range bounds {
		if bound != nil {
			args = append(args, cty.NumberIntVal(bound.Int))
		}
	}
	result, err := b.Call(nowhere{}, args)
	switch {
	case err == nil:
		c.keep(e, result)
	case err != errTooLarge:
		c.report(diag.IndexRange, span, err.Error(), "%s", lowerFirst(err.Error()))
	}
}

const (
	// maxConstant is how large a constant may become while it is checked.
	maxConstant = 64 << 10
	// maxKept is how many bytes or elements a constant may have that others are made of.
	maxKept = 4 << 10
)

// nowhere is the world for constants.
type nowhere struct{}

func (nowhere) Environ() *builtin.Env { return &builtin.Env{} }
func (nowhere) Globals() cty.Value    { return cty.DynamicVal }
func (nowhere) Charge(bytes int) error {
	if bytes > maxConstant {
		return errTooLarge
	}
	return nil
}

var errTooLarge = fmt.Errorf("too large to check")

func lowerFirst(s string) string {
	if _, cause, ok := strings.Cut(s, ": "); ok && strings.HasPrefix(s, "Error in call to ") {
		return cause
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func (c *checker) lambda(f *expr.Func) types.Type {
	if f.Args == nil {
		params := make([]types.Type, len(f.Params))
		return types.FuncType(c.body(f, params), params...)
	}
	args := make([]types.Type, len(f.Args.List))
	for i, a := range f.Args.List {
		args[i] = c.infer(a)
	}
	span := f.Pos
	if f.Args.Open >= 0 {
		span = source.Span{Start: f.Args.Open, End: f.Pos.End}
		if f.Args.Close < 0 && len(args) < len(f.Params) {
			for len(args) < len(f.Params) { // still being written
				args = append(args, types.Any)
			}
		}
	}
	return c.apply(f, args, span)
}

// apply returns the type of f applied to arguments of the given types.
func (c *checker) apply(f *expr.Func, args []types.Type, span source.Span) types.Type {
	if len(args) != len(f.Params) {
		c.report(diag.ArgumentCount, span, builtin.ArityText(len(f.Params), len(args)),
			"this function takes %s, but %s given", count(len(f.Params), "argument"), isAre(len(args)))
		args = make([]types.Type, len(f.Params))
	}
	return c.body(f, args)
}

func (c *checker) body(f *expr.Func, args []types.Type) types.Type {
	n := len(c.bound)
	for i, p := range f.Params {
		c.bound = append(c.bound, param{p.Text, args[i]})
	}
	t := c.infer(f.Body)
	c.bound = c.bound[:n]
	return t
}
