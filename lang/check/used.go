package check

import (
	"strings"
	"sync"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/types"
)

// inputUses says what uses inputs. It is made on first use.
type inputUses struct {
	once    sync.Once
	inputs  map[string]bool // used by expressions and templates
	passed  map[string]bool // inputs of other packages, to which the value goes
	unknown bool            // something that cannot be seen may use any
	units   []unitUses
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

// unitUses are the variables that the scripts of a step name.
type unitUses struct {
	names map[string]bool
	known bool // they use no others
}

// InputUse reports whether anything of the plan uses an input: an expression, a template, a script, or a package that
// gets it passed on. known is false if nobody can tell.
func (i *Info) InputUse(id string) (used, known bool) {
	i.uses.once.Do(i.collectUses)
	if i.uses.inputs[id] || i.uses.passed[id] {
		return true, true
	}
	known = !i.uses.unknown
	for _, u := range i.uses.units {
		name := "INPUT_" + id
		if u.names[name] || u.names["INPUT_PREVIOUS_"+id] {
			return true, true
		}
		known = known && u.known
	}
	return false, known
}

func (i *Info) collectUses() {
	u := &i.uses
	u.unknown = u.unknown || len(i.Plan.Provides) > 0 // consumers read inputs of their provider
	for _, x := range i.Exprs {
		for _, ref := range expr.Refs(x.Root) {
			if n := ref.Names; len(n) < 3 && n[0].Text == "this" && (len(n) == 1 || n[1].Text == "inputs") {
				u.unknown = true // all of them
			}
		}
		x.each(func(e expr.Expr, _ types.Type, f *types.Field) {
			if f == nil {
				return
			}
			if v, ok := f.Def.(*plan.Variable); ok && v.Field != nil && strings.HasSuffix(v.Field.Name, "inputs") {
				note(&u.inputs, v.ID.Value)
			}
		})
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
		names, known := run.Unit.Names()
		u.units = append(u.units, unitUses{names, known})
	}
}
