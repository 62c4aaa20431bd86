package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// A variable is a declared input or output, from all fields that declare it, over what it inherits.
type variable struct {
	*plan.Variable
	stages plan.Stages
	typ    types.Var
	eager  bool // its value is there before dependencies are deployed
	// inherits is what extensions and dependencies say about it; nil if they do not have it.
	inherits *inheritedVar
}

// An edge says that the default of an input refers to another input.
type edge struct {
	to   *plan.Variable
	span source.Span
}

// A declared holds the variables of one kind, one per id.
type declared struct {
	list  []*variable
	index map[string]int // in list, by id
	// of are the variables of all entries that declare one, in their order.
	of []*variable
}

// get returns the variable with an id; nil if there is none.
func (d *declared) get(id string) *variable {
	if i, ok := d.index[id]; ok {
		return d.list[i]
	}
	return nil
}

// variables checks inputs and outputs.
func (c *checker) variables() {
	p := c.p
	inputs := [][]*plan.Variable{p.Inputs, p.BuildInputs, p.DeployInputs}
	outputs := [][]*plan.Variable{p.Outputs, p.BuildOutputs, p.DeployOutputs}
	c.inputs = c.merge(&c.inherited.inputs, 0, inputs)
	c.outputs = c.merge(&c.inherited.outputs, 1, outputs)
	n := 0
	for _, list := range inputs {
		for _, v := range list {
			m := c.inputs.of[n]
			n++
			when := eagerly
			if !m.eager {
				when = beforeMain
			}
			c.variableOnce(v, m, scopeKey{v.Scopes.Stages(), when})
		}
	}
	n = 0
	for _, list := range outputs {
		for _, v := range list {
			c.variableOnce(v, c.outputs.of[n], scopeKey{v.Scopes.Stages(), afterMain})
			n++
		}
	}
	c.cycles()
	c.unsetOutputs()
}

// refers notes that the default of v refers to an input.
func (c *checker) refers(v, to *plan.Variable, at source.Span) {
	if c.edges == nil {
		c.edges = map[*plan.Variable][]edge{}
	}
	c.edges[v] = append(c.edges[v], edge{to: to, span: at})
}

// variableOnce checks an entry of the variable m, unless it has been checked before an edit and there was nothing to say.
func (c *checker) variableOnce(v *plan.Variable, m *variable, key scopeKey) {
	if c.again(v, m, key) {
		return
	}
	u := use{key: key}
	if key.moment != afterMain {
		u.of = v
		u.see = func(e expr.Expr, f *types.Field) {
			if to, ok := f.Def.(*plan.Variable); ok {
				c.refers(v, to, e.Span())
			}
		}
	}
	said, exprs, edges := len(c.list), len(c.info.Exprs), len(c.edges[v])
	c.consumed = false
	c.variable(typed(v, m), u)
	if len(c.list) == said && !c.consumed {
		c.keep(v, m, key, c.info.Exprs[exprs:], c.edges[v][edges:])
	}
}

// merge brings the three fields of inputs or outputs together, over what is inherited. Two declarations of one id are an
// error where they meet in a stage, and where they differ. The number is that of their Kept.ids.
func (c *checker) merge(inherited *inheritedVars, number int, lists [][]*plan.Variable) declared {
	n := 0
	for _, list := range lists {
		n += len(list)
	}
	d := declared{list: make([]*variable, 0, n)}
	room := make([]variable, n)
	for i, list := 0, slices.Concat(lists...); i < n; i++ {
		v := list[i]
		m := &room[i]
		m.Variable, m.stages, m.typ, m.eager = v, v.Scopes.Stages(), v.Var, v.EvalBeforeDependencies.Value
		d.list = append(d.list, m)
	}
	d.of = d.list
	if d.index = c.env.Kept.indexOf(number, d.list); d.index == nil {
		ids := idsOf(d.of)
		c.unite(&d, ids)
		c.env.Kept.keepIDs(number, keptIDs{ids, d.index})
	}
	if len(inherited.list) > 0 {
		for _, m := range d.list {
			m.inherit(inherited.byID[m.ID.Value])
		}
	}
	return d
}

// unite makes one variable of those with the same id, and the index.
func (c *checker) unite(d *declared, ids []string) {
	d.list, d.index = make([]*variable, 0, len(d.of)), make(map[string]int, len(d.of))
	for i, m := range d.of {
		if at, ok := d.index[ids[i]]; ok {
			first := d.list[at]
			c.duplicate(first, m.Variable)
			first.stages |= m.stages
			d.of[i] = first
			continue
		}
		d.index[ids[i]] = len(d.list)
		d.list = append(d.list, m)
	}
}

// inherit gives the variable what its entry does not say.
func (v *variable) inherit(in *inheritedVar) {
	if in == nil {
		return
	}
	v.inherits = in
	v.stages |= in.stages
	if !v.Type.Set() {
		v.typ = in.Var()
	}
	if v.EvalBeforeDependencies.Node == nil {
		v.eager = in.eager
	}
}

// scriptType is the type of the variable in expressions.
func (v *variable) scriptType() types.Type {
	if v.NoType {
		return types.Any
	}
	return v.typ.Type()
}

// typed is v, an entry of m, with the type that it inherits, if it gives none.
func typed(v *plan.Variable, m *variable) *plan.Variable {
	if m.inherits == nil || v.Type.Set() {
		return v
	}
	w := *v
	w.Var = m.typ
	return &w
}

func (c *checker) duplicate(first *variable, v *plan.Variable) {
	what := "input"
	if strings.HasSuffix(v.Field.Name, "outputs") {
		what = "output"
	}
	message := fmt.Sprintf("the %s %q is declared already", what, v.ID.Value)
	if first.stages&v.Scopes.Stages() == 0 {
		if sameVariable(first.Variable, v) {
			return // one variable, declared once for each stage
		}
		message = fmt.Sprintf("the %s %q is declared already, and differently; it is one variable in both stages", what, v.ID.Value)
	}
	x := c.report(diag.DuplicateVariable, v.ID.Span(), message)
	x.Related = []diag.Related{{File: c.src, Span: first.ID.Span(), Message: "first one"}}
}

func sameVariable(a, b *plan.Variable) bool {
	return a.Var.String() == b.Var.String() && sameValue(&a.Default, &b.Default) && sameValue(&a.Items, &b.Items) &&
		a.Sensitive.Value == b.Sensitive.Value && a.EvalBeforeDependencies.Value == b.EvalBeforeDependencies.Value
}

func sameValue(a, b *plan.Value) bool {
	if a.Kind != b.Kind || a.Text != b.Text || len(a.List) != len(b.List) || len(a.Map) != len(b.Map) {
		return false
	}
	for i := range a.List {
		if !sameValue(&a.List[i], &b.List[i]) {
			return false
		}
	}
	for i := range a.Map {
		if a.Map[i].Key.Value != b.Map[i].Key.Value || !sameValue(&a.Map[i].Value, &b.Map[i].Value) {
			return false
		}
	}
	return true
}

// variable checks one variable; u is where and when its default is evaluated.
func (c *checker) variable(v *plan.Variable, u use) {
	if i := strings.IndexByte(v.ID.Value, '-'); i >= 0 {
		prefix := "INPUT_"
		if strings.HasSuffix(v.Field.Name, "outputs") {
			prefix = "OUTPUT_"
		}
		x := c.report(diag.DashInID, v.ID.Span(), fmt.Sprintf("shells cannot read the variable \"%s%s\"", prefix, v.ID.Value))
		x.Hint = "use \"_\""
	}
	c.typeAsID(v)
	c.forcedScopes(v.Scopes, v.Field.Name, v.Node)
	if v.Options.Node != nil && v.Options.Set() {
		c.ignoredKey(v.Options.Node, v.Node, "options", "options are part of the type, as in "+c.p.Spelled("\"type: list[integer]\"", "type = list(integer)"))
	}
	if v.Var.MeaninglessOptions() {
		c.typeOption(v)
	}
	if v.Var.IsMagic() {
		c.magic(v)
		return
	}
	u.original = func(text, reason string) string {
		return fmt.Sprintf("Couldn't run expression in default field of variable '%s': %s in '%s'", v.ID.Value, failedToEvaluate(text, reason), text)
	}
	u.want = infer.WantValue
	one := elementOf(v.Var)
	if v.Var.Name == "list" {
		u.element = func(at plan.Text, t given) {
			if !t.IsAny() && !t.Equal(one.Type()) {
				c.report(diag.ValueType, at.Span(), fmt.Sprintf("an element of %q must be %s, but this expression gives %s", v.ID.Value, one.Type().Describe(), t.Describe()))
			}
		}
	}
	t, isExpr := c.value(&v.Default, true, u)
	if isExpr {
		c.fits(plan.Text{Value: v.Default.Text, Node: v.Default.Node}, t, target{what: fmt.Sprintf("the variable %q", v.ID.Value),
			id: v.ID.Value, typ: v.Var, items: c.allowedItems(v), typed: v.Type.Set()})
	} else if v.Default.Set() {
		c.literal(&v.Default, v.ID.Value, v.Var, c.inheritedItems(v))
		c.spelling(v)
	}
	u.want, u.see = infer.WantItems, nil
	u.element = func(at plan.Text, t given) {
		if t.Kind() == types.KindList || types.Assignable(t.Type, one.Type()) == types.FitsNot {
			c.report(diag.ItemsInvalid, at.Span(), fmt.Sprintf("%q can never have this value: it is %s", v.ID.Value, one.Type().Describe()))
		}
	}
	u.original = func(text, reason string) string {
		return fmt.Sprintf("In items field of variable '%s': %s in '%s'", v.ID.Value, failedToEvaluate(text, reason), text)
	}
	allowed, isExpr := c.value(&v.Items, true, u)
	if isExpr && allowed.value != nil && v.Default.Set() && v.Default.Expr == nil {
		c.literal(&v.Default, v.ID.Value, v.Var, allowed.value)
	}
	c.items(v)
}

// elementOf is the type of what a variable holds: of its elements if it is a list.
func elementOf(v types.Var) types.Var {
	if v.Name == "list" {
		return types.Var{Name: v.Elem}
	}
	return v
}

// forcedScopes notices scopes that are written where the field decides otherwise.
func (c *checker) forcedScopes(s plan.Scopes, field string, entry syntax.Node) {
	if s.Forced == 0 || len(s.List) == 0 || !slices.ContainsFunc(s.List, func(t plan.Text) bool { return t.Value != s.Forced.String() }) {
		return
	}
	c.ignoredKey(s.Node, entry, "scopes", fmt.Sprintf("what is in %q exists in the %s stage only", field, s.Forced))
}

// typeAsID notices a variable that is written as a word and is called like a type, which it would get as a mapping.
func (c *checker) typeAsID(v *plan.Variable) {
	id := v.ID.Value
	if !v.Short || id == "string" || !types.KnownVar(id) {
		return
	}
	would := fmt.Sprintf("has the type %q", id)
	if (types.Var{Name: id}).IsMagic() {
		would = "is filled in by Escape"
	}
	x := c.report(diag.TypeAsID, v.ID.Span(), fmt.Sprintf("%q is text here; an entry with the id %q %s", id, id, would))
	entry := c.p.Spelled(fmt.Sprintf("{id: %s", id), "{ id = "+hcltext.Quote(id))
	x.Hint = "write " + entry + c.p.Spelled(", type: string}", ", type = string }") + " if text is meant"
	if s := v.ID.Scalar(); s != nil && s.Props == nil {
		x.Fixes = replaceFix(s.Pos, entry+c.p.Spelled("}", " }"), "write a mapping")
	}
}

// allowedItems returns the allowed values of v, its own or inherited; nil if there are none.
func (c *checker) allowedItems(v *plan.Variable) any {
	if v.Items.Set() {
		return v.ItemsGo()
	}
	return c.inheritedItems(v)
}

// inheritedItems returns the allowed values that v takes over from another package; nil if there are none.
func (c *checker) inheritedItems(v *plan.Variable) any {
	all := &c.inputs
	switch {
	case v.Items.Set() || v.Field.Name == "errands":
		return nil
	case strings.HasSuffix(v.Field.Name, "outputs"):
		all = &c.outputs
	}
	if merged := all.get(v.ID.Value); merged != nil && merged.inherits != nil {
		return merged.inherits.v.Items
	}
	return nil
}

// typeOption reports options of a type that has none.
func (c *checker) typeOption(v *plan.Variable) {
	at := strings.IndexByte(v.Type.Value, '[')
	if at < 0 {
		return
	}
	span := v.Type.At(source.Span{Start: int32(at), End: int32(len(strings.TrimRight(v.Type.Value, " ")))})
	x := c.report(diag.TypeOption, span, fmt.Sprintf("the type %q has no options: this has no effect", v.Var.Name))
	x.Fixes = replaceFix(span, "", "remove it")
}

// magic reports what is given for a variable that Escape fills in.
func (c *checker) magic(v *plan.Variable) {
	if v.Var.Name == "client" {
		c.report(diag.ClientType, first(v.Type, v.ID).Span(), "the type \"client\" cannot be evaluated by the original Escape")
	}
	for _, given := range []struct {
		value *plan.Value
		key   string
	}{{&v.Default, "default"}, {&v.Items, "items"}} {
		if given.value.Set() {
			c.ignoredKeyAs(diag.MagicVariable, given.value.Node, v.Node, given.key,
				fmt.Sprintf("%q has no effect: Escape fills in a variable of type %q", given.key, v.Var.Name), "")
		}
	}
}

// literal checks a value without expressions against the variable v called id, and items, if they are known.
func (c *checker) literal(value *plan.Value, id string, v types.Var, items any) bool {
	for i := range value.List {
		if value.List[i].Expr != nil {
			return true // not known before it is evaluated
		}
	}
	got := value.Go()
	coerced, err := v.CoerceFor(id, got)
	if err == nil && items != nil && !holdsScript(items) {
		if err := types.CheckItems(id, v, coerced, items); err != nil {
			c.suggestItem(c.report(diag.ValueItems, spanOfValue(value), err.Error()), value, items)
			return false
		}
	}
	if err == nil {
		return true
	}
	report := func(err error, span source.Span) {
		c.report(diag.ValueType, span, fmt.Sprintf("%s for variable '%s'", err, id)).Hint = types.Advice(err)
	}
	said := false
	if strings.HasPrefix(err.Error(), "Unexpected") {
		for i := range value.List { // the elements that do not fit
			if _, err := v.Coerce([]any{value.List[i].Go()}); err != nil {
				report(err, spanOfValue(&value.List[i]))
				said = true
			}
		}
	}
	if !said {
		_, plain := v.Coerce(got)
		report(plain, spanOfValue(value))
	}
	return false
}

func holdsScript(items any) bool {
	switch items := items.(type) {
	case string:
		return expr.IsScript(items)
	case []any:
		return slices.ContainsFunc(items, holdsScript)
	}
	return false
}

// spanOfValue is the value in the file, without quotes.
func spanOfValue(v *plan.Value) source.Span {
	switch v.Kind {
	case plan.List, plan.Map:
		if s, ok := v.Node.(*syntax.Sequence); ok && !s.Flow && len(s.Items) > 0 {
			return s.Items[0].Value.Span()
		}
		return v.Node.Span()
	}
	t := plan.Text{Value: v.Text, Node: v.Node}
	if v.Text == "" {
		return t.Raw()
	}
	return t.Span()
}

// spelling notices numbers that lose something on their way into a string variable: in a list, which becomes JSON. A
// number by itself keeps its text.
func (c *checker) spelling(v *plan.Variable) {
	if v.Var.Name != "string" {
		return
	}
	for i := range v.Default.List {
		d := &v.Default.List[i]
		s := plan.Text{Node: d.Node}.Scalar()
		if d.Kind != plan.Int && d.Kind != plan.Uint && d.Kind != plan.Float || s == nil || s.Style != syntax.Plain {
			continue
		}
		text, err := types.ToText(d.Go())
		if err != nil || text == s.Text {
			continue
		}
		x := c.report(diag.LosesDigits, s.Pos, fmt.Sprintf("%s is a number here: it becomes %s", s.Text, text))
		x.Hint = "quote it"
		x.Fixes = replaceFix(s.Pos, `"`+s.Text+`"`, "quote it")
	}
}

// items checks the allowed values of v, and its default against them.
func (c *checker) items(v *plan.Variable) {
	items := &v.Items
	switch items.Kind {
	case plan.Absent, plan.Null:
		return
	case plan.String, plan.List:
	default:
		x := c.report(diag.ItemsInvalid, spanOfValue(items), fmt.Sprintf("Unexpected type '%s' for 'items' field of variable '%s'", plan.GoType(items.Node), v.ID.Value))
		x.Hint = "write a list of the allowed values"
		return
	}
	one := elementOf(v.Var)
	ok := items.Expr == nil
	for i := range items.List {
		item := &items.List[i]
		if item.Expr != nil {
			ok = false
			continue
		}
		if _, err := one.Coerce(item.Go()); err != nil || item.Kind == plan.List {
			c.report(diag.ItemsInvalid, spanOfValue(item), fmt.Sprintf("%q can never have this value: it is %s", v.ID.Value, one.Type().Describe()))
			ok = false
		}
	}
	d := &v.Default
	if !ok || !d.Set() || d.Expr != nil {
		return
	}
	for i := range d.List {
		if d.List[i].Expr != nil {
			return
		}
	}
	coerced, err := v.Var.Coerce(v.DefaultGo())
	if err != nil {
		return
	}
	if err := types.CheckItems(v.ID.Value, v.Var, coerced, v.ItemsGo()); err != nil {
		x := c.report(diag.ValueItems, spanOfValue(d), err.Error())
		if len(items.List) > 0 {
			x.Related = []diag.Related{{File: c.src, Span: spanOfValue(items), Message: "the allowed values"}}
		}
		c.suggestItem(x, d, v.ItemsGo())
	}
}

// suggestItem adds to x the allowed value that is most like the one that is not allowed.
func (c *checker) suggestItem(x *diag.Diagnostic, value *plan.Value, items any) {
	list, _ := items.([]any)
	var texts []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
		}
	}
	if value.Kind != plan.String || len(texts) == 0 {
		return
	}
	near, ok := c.nearest(value.Text, texts)
	if !ok {
		return
	}
	x.Original = x.Message
	x.Message += fmt.Sprintf("; did you mean %q?", near)
	if plainWord().MatchString(near) && near != "true" && near != "false" && near != "null" {
		x.Fixes = replaceFix(x.Span, near, fmt.Sprintf("replace with %q", near))
	}
}

// plainWord are texts that mean themselves with and without quotes, in every notation; shorter ones may be truth values.
var plainWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_-]{3,}$`) })

// cycles reports inputs whose defaults need each other.
func (c *checker) cycles() {
	if len(c.edges) == 0 {
		return
	}
	const (
		fresh = iota
		open
		done
	)
	state := map[*plan.Variable]int{}
	var path []*plan.Variable
	var visit func(v *plan.Variable)
	visit = func(v *plan.Variable) {
		state[v] = open
		path = append(path, v)
		for _, e := range c.edges[v] {
			switch {
			case state[e.to] == open:
				c.cycle(path[slices.Index(path, e.to):], e)
			case state[e.to] == fresh && len(path) < 10_000:
				visit(e.to)
			}
		}
		path = path[:len(path)-1]
		state[v] = done
	}
	for _, v := range c.inputs.list { // in the order of the plan, so that the same cycle is always told the same way
		if state[v.Variable] == fresh {
			visit(v.Variable)
		}
	}
}

func (c *checker) cycle(path []*plan.Variable, last edge) {
	if len(path) == 1 {
		c.report(diag.InputCycle, c.edgeSpan(path[0], last), fmt.Sprintf("the default of %q refers to itself", path[0].ID.Value))
		return
	}
	names := make([]string, 0, len(path)+1)
	for _, v := range path {
		names = append(names, v.ID.Value)
	}
	if len(names) > 8 {
		names = append(names[:8], "...")
	}
	from := path[len(path)-1]
	x := c.report(diag.InputCycle, c.edgeSpan(from, last), fmt.Sprintf("defaults refer to each other in a circle: %s → %s", strings.Join(names, " → "), path[0].ID.Value))
	for i, v := range path[:min(len(path)-1, 8)] {
		for _, e := range c.edges[v] {
			if e.to == path[i+1] {
				x.Related = append(x.Related, diag.Related{File: c.src, Span: c.edgeSpan(v, e), Message: fmt.Sprintf("%q needs %q", v.ID.Value, e.to.ID.Value)})
				break
			}
		}
	}
}

func (c *checker) edgeSpan(v *plan.Variable, e edge) source.Span {
	if v.Default.Kind != plan.String {
		return spanOfValue(&v.Default)
	}
	return plan.Text{Value: v.Default.Text, Node: v.Default.Node}.At(e.span)
}

// unsetOutputs reports outputs without a default in stages that run no script which could set them.
func (c *checker) unsetOutputs() {
	if c.inherited.unknownExtension || c.env.Partial || c.p.Lost.Field("build", "post_build", "deploy", "post_deploy") {
		return
	}
	p, in := c.p, c.inherited.steps
	runs := func(s *plan.Step, name string) bool { return s != nil && s.Form != plan.Empty || s == nil && in[name] }
	build := runs(p.Build, "build") || runs(p.PostBuild, "post_build")
	deploy := runs(p.Deploy, "deploy") || runs(p.PostDeploy, "post_deploy")
	if build && deploy {
		return
	}
	for _, v := range c.outputs.list {
		if v.Default.Node != nil || v.typ.IsMagic() || v.inherits != nil && v.inherits.v.HasDefault() {
			continue
		}
		var unset plan.Stages
		if !build {
			unset |= v.stages & plan.StageBuild
		}
		if !deploy {
			unset |= v.stages & plan.StageDeploy
		}
		if unset == 0 {
			continue
		}
		message := fmt.Sprintf("nothing can set the output %q in the %s stage: it has no default, and there is no %s step", v.ID.Value, unset, unset)
		hint := "add a default"
		if unset == plan.StageBoth {
			message = fmt.Sprintf("nothing can set the output %q: it has no default, and there are no build and deploy steps", v.ID.Value)
		} else if v.stages != unset {
			hint = fmt.Sprintf("move it to %q, or add a default", plan.Stages(v.stages&^unset).String()+"_outputs")
		}
		c.report(diag.OutputNeverSet, v.ID.Span(), message).Hint = hint
	}
}

// ignoredKey reports a key that is accepted without effect.
func (c *checker) ignoredKey(value, entry syntax.Node, key, hint string) {
	c.ignoredKeyAs(diag.IgnoredKey, value, entry, key, fmt.Sprintf("%q has no effect", key), hint)
}

func (c *checker) ignoredKeyAs(code *diag.Entry, value, entry syntax.Node, key, message, hint string) {
	span := value.Span()
	m, e := edit.Entry(mappingOf(entry), key)
	if e != nil {
		span = e.Key.Pos
	}
	x := c.report(code, span, message)
	x.Hint = hint
	if entry == syntax.Node(m) && e != nil && e.Value.Span() == value.Span() {
		x.Fixes = c.edit().Remove(m, e, true)
	}
}
