package check

import (
	"strings"
	"sync"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/types"
)

// inputUses says what uses inputs. It is made on first use.
type inputUses struct {
	once    sync.Once
	inputs  map[string]bool
	unknown bool // something that cannot be seen may use any
}

// tag notes a tag of a template: what it begins with may be an input.
func (u *inputUses) tag(name string) {
	first, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(name, "&")), ".")
	note(&u.inputs, first)
}

func note(set *map[string]bool, id string) {
	if *set == nil {
		*set = map[string]bool{}
	}
	(*set)[id] = true
}

// InputUse reports whether anything of the plan uses an input: an expression, a template, a script, or a package that
// gets it passed on. known is false if nobody can tell.
func (i *Info) InputUse(id string) (used, known bool) {
	i.uses.once.Do(i.collectUses)
	if i.uses.inputs[id] {
		return true, true
	}
	return false, !i.uses.unknown
}

// An exprUses says which inputs an expression uses.
type exprUses struct {
	ids     []string
	unknown bool // it may use others
	// fields are all that it uses of its scope.
	fields []fieldUse
}

// A fieldUse is a path of names, and the type of what it gives. That is not known before resolve.
type fieldUse struct {
	path []expr.Name
	typ  types.Type
}

// resolve finds the types of fields. It fails for an expression that depends on more than these.
func (u *exprUses) resolve(names types.Type) bool {
	for i := range u.fields {
		f := &u.fields[i]
		var ok bool
		if f.typ, ok = fieldOf(names, f.path); !ok || f.path[0].Text != "this" { // other names may be those of consumers
			return false
		}
	}
	return true
}

// noUses is what expressions without names use.
var noUses = &exprUses{}

func (x *Expr) inputUses() *exprUses {
	u := exprUses{unknown: strings.Contains(x.Text.Value, "env_lookup")} // which may look up any name
	refs := expr.Refs(x.Root)
	if len(refs) > 0 {
		u.fields = make([]fieldUse, 0, len(refs))
	}
	for _, ref := range refs {
		u.fields = append(u.fields, fieldUse{path: ref.Names})
		switch n := ref.Names; {
		case n[0].Text == "":
			u.unknown = true // somebody is writing it
		case n[0].Text != "this" || len(n) > 1 && n[1].Text != "inputs":
		case len(n) < 3:
			u.unknown = true // all of them
		default:
			u.ids = append(u.ids, n[2].Text)
		}
	}
	if len(refs) == 0 && !u.unknown {
		return noUses
	}
	return &u
}

func (i *Info) collectUses() {
	u := &i.uses
	u.unknown = u.unknown || len(i.Plan.Provides) > 0 // consumers read inputs of their provider
	if u.inputs == nil {
		u.inputs = make(map[string]bool, len(i.Plan.Inputs)) // most are used
	}
	for n := range i.Exprs {
		x := &i.Exprs[n]
		uses := x.uses
		if uses == nil {
			uses = x.inputUses()
		}
		u.unknown = u.unknown || uses.unknown
		for _, id := range uses.ids {
			note(&u.inputs, id)
		}
	}
	seen := map[*script.Unit]bool{}
	for _, run := range i.Runs() {
		if run.Unit == nil {
			u.unknown = true
			continue
		}
		if seen[run.Unit] {
			continue
		}
		seen[run.Unit] = true
		all := run.Unit.Names(func(name string) {
			if id, ok := strings.CutPrefix(name, "INPUT_"); ok {
				note(&u.inputs, id)
				if id, ok := strings.CutPrefix(id, "PREVIOUS_"); ok {
					note(&u.inputs, id)
				}
			}
		})
		u.unknown = u.unknown || !all
	}
}
