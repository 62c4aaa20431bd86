package check

import (
	"slices"
	"strings"
	"sync/atomic"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/kept"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// Kept is what helps to check a plan again after an edit.
type Kept struct {
	scripts *kept.Map[scriptKey, *script.Script]
	// scopes are those that were asked for; former those of the check before.
	scopes, former map[scopeKey]keptScope
	// objects are the inputs and outputs that expressions see.
	objects, formerObjects map[objectKey]types.Type
	// ids are those of inputs and outputs.
	ids, formerIDs [2]keptIDs
}

// A keptIDs are the ids of variables, in order, and where each is.
type keptIDs struct {
	list  []string
	index map[string]int // not changed
}

// A keptScope is a scope, and what stands for all scopes like it, before edits and after.
type keptScope struct {
	names types.Type
	kind  *scopeKind
}

type scopeKind struct{ _ byte }

// A lastScope is the scope that was asked for last: variables that follow each other have the same.
type lastScope struct {
	key   scopeKey
	names types.Type
	kind  *scopeKind
}

// A scriptKey is what everything that is known of a script depends on.
type scriptKey struct {
	name, text string
	lang       script.Lang
}

// After returns what helps to check a plan that was checked with k before it was edited; k may be nil.
func (k *Kept) After() *Kept {
	if k == nil {
		k = &Kept{}
	}
	return &Kept{scripts: k.scripts.After(), scopes: map[scopeKey]keptScope{}, former: k.scopes, formerObjects: k.objects, formerIDs: k.ids}
}

// indexOf returns where each id is in a list of variables, if it was one with the same ids before; else nil.
func (k *Kept) indexOf(number int, list []*variable) map[string]int {
	if k == nil || len(list) == 0 {
		return nil
	}
	former := k.formerIDs[number]
	if !slices.EqualFunc(former.list, list, func(id string, v *variable) bool { return id == v.ID.Value }) {
		return nil
	}
	k.ids[number] = former
	return former.index
}

// keepIDs keeps what indexOf returns for the next list, which has no id twice.
func (k *Kept) keepIDs(number int, ids keptIDs) {
	if k != nil && len(ids.list) == len(ids.index) {
		k.ids[number] = ids
	}
}

// idsOf returns the ids of variables. They do not keep the text of the plan.
func idsOf(list []*variable) []string {
	var all strings.Builder
	for _, v := range list {
		all.WriteString(v.ID.Value)
	}
	ids, rest := make([]string, len(list)), all.String()
	for i, v := range list {
		ids[i], rest = rest[:len(v.ID.Value)], rest[len(v.ID.Value):]
	}
	return ids
}

// scopeKind returns what stands for all scopes like that of key.
func (c *checker) scopeKind(key scopeKey) *scopeKind {
	k := c.env.Kept
	if s, ok := k.scopes[key]; ok {
		return s.kind
	}
	s := keptScope{names: c.scope(key)}
	if before, ok := k.former[key]; ok && before.names.Alike(s.names) {
		s.kind = before.kind
	} else {
		s.kind = new(scopeKind)
	}
	k.scopes[key] = s
	return s.kind
}

// A keptVariable is what is known of a variable about which there was nothing to say.
type keptVariable struct {
	scope atomic.Pointer[scopeKind] // one in which that is so
	exprs []keptExpr
	needs []need
	// fields says that it depends on nothing of the scope but the fields that its expressions use.
	fields bool
}

// A keptExpr is what is known of one of its expressions.
type keptExpr struct {
	typ  types.Type
	uses *exprUses
}

// A need is an input that the default of another refers to.
type need struct {
	id   string
	span source.Span
}

// again does what variable does for v, if it would find nothing, as it found nothing before an edit.
func (c *checker) again(v *plan.Variable, m *variable, key scopeKey) bool {
	if !c.keeps(v, m) {
		return false
	}
	known, _ := v.Unit().Checked.Load().(*keptVariable)
	if known == nil {
		return false
	}
	if key != c.lastScope.key || c.lastScope.kind == nil {
		c.lastScope = lastScope{key, c.scope(key), c.scopeKind(key)}
	}
	scope := infer.Scope{Names: c.lastScope.names}
	if kind := c.lastScope.kind; known.scope.Load() != kind {
		if !known.holds(scope.Names) {
			return false
		}
		known.scope.Store(kind)
	}
	n := 0
	eachScript(v, func(s plan.Script, want infer.Want) {
		c.info.Exprs = append(c.info.Exprs, Expr{Text: s.Text, Pos: placeOf(s.Text), Root: s.Expr, Scope: scope, Want: want, Type: known.exprs[n].typ, uses: known.exprs[n].uses})
		n++
	})
	for _, need := range known.needs {
		if f, ok := c.inputsObject(key).Field(need.id); ok {
			c.refers(v, f.Def.(*plan.Variable), need.span)
		}
	}
	return true
}

// holds reports whether the same would be found out with other names: they have the same fields where it matters.
func (k *keptVariable) holds(names types.Type) bool {
	if !k.fields {
		return false
	}
	for _, x := range k.exprs {
		for _, f := range x.uses.fields {
			if t, ok := fieldOf(names, f.path); !ok || !t.Equal(f.typ) {
				return false
			}
		}
	}
	return true
}

// fieldOf returns the type of what a path of names gives; false if its type has fields itself, or if more counts than its type.
func fieldOf(t types.Type, path []expr.Name) (types.Type, bool) {
	for _, name := range path {
		f, ok := t.Field(name.Text)
		if !ok || f.Absent != "" || f.Const != nil {
			return types.Any, false
		}
		t = f.Type
	}
	return t, isFlat(t)
}

// keeps reports whether what is found out about v, an entry of m, may be kept: it inherits nothing.
func (c *checker) keeps(v *plan.Variable, m *variable) bool {
	return c.env.Kept != nil && v.Unit() != nil && m.inherits == nil
}

// keep notes what has been found out about v, an entry of m: there is nothing to say, and these are its expressions.
func (c *checker) keep(v *plan.Variable, m *variable, key scopeKey, exprs []Expr, edges []edge) {
	if !c.keeps(v, m) {
		return
	}
	k := &keptVariable{fields: !isReference(&v.Default) && !isReference(&v.Items)}
	k.scope.Store(c.scopeKind(key))
	names := c.scope(key)
	n := 0
	eachScript(v, func(plan.Script, infer.Want) { n++ })
	if n != len(exprs) {
		return
	}
	for i := range exprs {
		x := &exprs[i]
		if !isFlat(x.Type) || strings.Contains(x.Text.Value, "read_file") {
			return
		}
		uses := x.inputUses()
		k.exprs = append(k.exprs, keptExpr{x.Type, uses})
		k.fields = k.fields && uses.resolve(names)
	}
	for _, e := range edges {
		k.needs = append(k.needs, need{strings.Clone(e.to.ID.Value), e.span})
	}
	v.Unit().Checked.Store(k)
}

// isReference reports whether a value is or holds text that looks like a reference, which depends on the names that are known
// (see textReference).
func isReference(v *plan.Value) bool {
	switch v.Kind {
	case plan.String:
		return v.Expr == nil && looksReferring(v.Text)
	case plan.List:
		for i := range v.List {
			if isReference(&v.List[i]) {
				return true
			}
		}
	}
	return false
}

// isFlat reports whether a type has no fields, which may be defined in the plan.
func isFlat(t types.Type) bool {
	switch t.Kind() {
	case types.KindAny, types.KindString, types.KindInt, types.KindBool:
		return true
	case types.KindList:
		return isFlat(t.Elem())
	}
	return false
}

// eachScript calls fn for the expressions of v in the order in which they are checked.
func eachScript(v *plan.Variable, fn func(s plan.Script, want infer.Want)) {
	if v.Var.IsMagic() {
		return
	}
	each := func(value *plan.Value, want infer.Want) {
		switch value.Kind {
		case plan.String:
			if s, _ := value.Script(); s.Expr != nil {
				fn(s, want)
			}
		case plan.List:
			for i := range value.List {
				if s, _ := value.List[i].Script(); value.List[i].Kind == plan.String && s.Expr != nil {
					fn(s, infer.WantValue)
				}
			}
		}
	}
	each(&v.Default, infer.WantValue)
	each(&v.Items, infer.WantItems)
}

// parse reads a script. Equal ones are read once; each is a Script of its own.
func (e *Env) parse(name, text string, lang script.Lang) *script.Script {
	if e.Kept == nil {
		return script.ParseAs(source.NewFile(name, text), lang)
	}
	key := scriptKey{name, text, lang}
	s, ok := e.Kept.scripts.Get(key)
	if !ok {
		key.text = strings.Clone(text)
		s = script.ParseAs(source.NewFile(name, key.text), lang)
		e.Kept.scripts.Put(key, s)
	}
	own := *s
	return &own
}
