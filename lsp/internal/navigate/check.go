package navigate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// check says why a symbol cannot get its new name.
func (r *renaming) check() error {
	s := r.found.Symbol
	for _, o := range r.found.Owners {
		if err := canChange(o); err != nil {
			return err
		}
		for _, an := range r.found.Plans {
			if err := cmp.Or(typedByName(an, o.ID), errandToo(an, o.ID)); err != nil {
				return err
			}
			if v := symbol.VariableOf(an, o.ID); v != nil && !v.Short && v.Type.Value == "" && types.KnownVar(r.name) {
				return fmt.Errorf("%q is a type: the %s would become one of that type; write \"type\" first", r.name, s.Kind)
			}
		}
	}
	if s.Kind == symbol.Variable && hasVariable(s, r.name) {
		return fmt.Errorf("the script uses the name %q already", r.name)
	}
	if err := r.shared(); err != nil {
		return err
	}
	asked, named := map[*cache.Analyzed]bool{}, map[*cache.Analyzed]bool{}
	files := map[string]bool{}
	for i := range r.found.Uses {
		u := &r.found.Uses[i]
		if !asked[u.Plan] {
			asked[u.Plan] = true
			if err := r.readable(u.Plan); err != nil {
				return err
			}
		}
		if u.Package == symbol.PackageOf(u.Plan) && !named[u.Plan] { // else it is the name of something of another package
			named[u.Plan] = true
			if err := r.free(u.Plan); err != nil {
				return err
			}
		}
		if !files[u.File.Name()] {
			files[u.File.Name()] = true
			if err := r.file(u); err != nil {
				return err
			}
		}
		if err := r.use(u); err != nil {
			return err
		}
	}
	return nil
}

// errandToo says why an input of a plan, or of an errand, cannot get another name alone: the errand gets the value of the input
// of the plan because the names are the same.
func errandToo(an *cache.Analyzed, id symbol.ID) error {
	if id.Kind != symbol.Input && id.Kind != symbol.ErrandInput || symbol.PackageOf(an) != id.Package {
		return nil
	}
	if id.Kind == symbol.ErrandInput && symbol.VariableOf(an, symbol.ID{Kind: symbol.Input, Package: id.Package, Name: id.Name}) == nil {
		return nil
	}
	for _, e := range an.Plan.Errands {
		if e != nil && slices.ContainsFunc(e.Inputs, func(v *plan.Variable) bool { return v != nil && v.ID.Value == id.Name }) {
			return fmt.Errorf("the errand %q starts from the value of the input %q, because it has one of the same name", e.Name.Value, id.Name)
		}
	}
	return nil
}

// typedByName says why a variable of a plan cannot get another name: its name is its type.
func typedByName(an *cache.Analyzed, id symbol.ID) error {
	if v := symbol.VariableOf(an, id); v != nil && !v.Short && v.Type.Value == "" && types.KnownVar(id.Name) {
		return fmt.Errorf("the %s %q has its type from its name; write \"type\" first", id.Kind, id.Name)
	}
	return nil
}

// readable says why a plan cannot be changed: nobody knows what its text is.
func (r *renaming) readable(an *cache.Analyzed) error {
	for i := range an.Findings {
		if x := &an.Findings[i]; x.Code.IsText() && x.Severity == diag.Error {
			return fmt.Errorf("%s cannot be read in full; mend it first: line %d", r.rel(an.Source), an.Source.LineOf(int(x.Span.Start)))
		}
	}
	return nil
}

// free says why the name cannot be given in a plan: it has it already.
func (r *renaming) free(an *cache.Analyzed) error {
	s := r.found.Symbol
	taken := func(what string) error { return fmt.Errorf("%s has %s %q already", r.rel(an.Source), what, r.name) }
	switch s.Kind {
	case symbol.Input, symbol.Output, symbol.Metadata, symbol.Errand, symbol.ErrandInput, symbol.Tag:
		id := s.ID
		id.Package, id.Name = symbol.PackageOf(an), r.name
		if s.Kind == symbol.Output {
			id.Within = ""
		}
		if has(r.snap, an, id) {
			return taken(article(s.Kind))
		}
		if id.Within = ""; s.Kind == symbol.ErrandInput {
			if id.Kind = symbol.Input; has(r.snap, an, id) {
				return taken("an input")
			}
		}
		return r.mapped(an)
	case symbol.Dependency, symbol.Extension, symbol.Consumer:
		for _, kind := range []symbol.Kind{symbol.Dependency, symbol.Extension, symbol.Consumer} {
			if has(r.snap, an, symbol.ID{Kind: kind, Package: symbol.PackageOf(an), Name: r.name}) {
				return taken(article(kind))
			}
		}
	case symbol.Package:
		if file := r.snap.Workspace(dirOf(an)).File(qualified(r.name)); file != "" {
			return fmt.Errorf("there is a plan of the package %q already", qualified(r.name))
		}
	}
	return nil
}

func article(kind symbol.Kind) string {
	if kind == symbol.Input || kind == symbol.Output || kind == symbol.Errand || kind == symbol.ErrandInput || kind == symbol.Extension {
		return "an " + kind.String()
	}
	return "a " + kind.String()
}

// has reports whether something with an id is declared in a plan or brought into it.
func has(snap *cache.Snapshot, an *cache.Analyzed, id symbol.ID) bool {
	return slices.ContainsFunc(symbol.Resolve(snap, an, id), func(o symbol.Owner) bool { return len(o.Places) > 0 || o.Version != "" })
}

// mapped says why a tag cannot get the new name: where it stands, that is another tag.
func (r *renaming) mapped(an *cache.Analyzed) error {
	s := r.found.Symbol
	if s.Kind != symbol.Input && s.Kind != symbol.Tag {
		return nil
	}
	rendered := map[string]bool{} // the files in which the symbol is a tag
	for i := range r.found.Uses {
		if u := &r.found.Uses[i]; u.Plan == an && u.File != an.Source && u.Env == "" {
			rendered[u.File.Name()] = true
		}
	}
	for _, t := range an.Plan.AllTemplates() {
		for i := range t.Mapping {
			if t.Mapping[i].Key.Value == r.name && rendered[within(an, t.File.Value)] {
				return fmt.Errorf("the template %s has a value %q already", t.File.Value, r.name)
			}
		}
	}
	var err error
	symbol.Of(r.snap, an).Named(r.name, func(o *symbol.Occurrence) {
		if o.Name == r.name && rendered[o.File.Name()] && o.Env == "" {
			err = fmt.Errorf("the template %s has a tag %q already", r.rel(o.File), r.name)
		}
	})
	return err
}

// shared says why a word cannot be replaced: an anchor makes it the name of something else, too.
func (r *renaming) shared() error {
	type place struct {
		file string
		at   source.Span
	}
	words := map[place]bool{}
	for i := range r.found.Uses {
		u := &r.found.Uses[i]
		words[place{u.File.Name(), u.Span}] = true
	}
	for _, an := range r.found.Plans {
		if !strings.Contains(an.Source.Text(), "&") {
			continue
		}
		var err error
		symbol.Of(r.snap, an).Named(r.found.Symbol.Name, func(o *symbol.Occurrence) {
			if o.File == an.Source && o.Kind != symbol.Interface && words[place{o.File.Name(), o.Span}] && !isOwned(r.found, symbol.Resolve(r.snap, an, o.ID)) {
				err = fmt.Errorf("an anchor gives this text to the %s %q, too: %s, line %d", o.Kind, o.Name, r.rel(o.File), o.File.LineOf(int(o.Span.Start)))
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// file says why a file cannot be changed.
func (r *renaming) file(u *Use) error {
	path := u.File.Name()
	if !r.snap.CanWrite(path) {
		return fmt.Errorf("%s cannot be written", r.rel(u.File))
	}
	if u.File == u.Plan.Source || r.found.Symbol.Kind == symbol.File {
		return nil
	}
	for _, an := range r.snap.Users(path) {
		if r.found.Plans[an.Source.Name()] != nil && r.same(an, u) {
			continue
		}
		return fmt.Errorf("%s uses %s too, where the name means something else", r.rel(an.Source), r.rel(u.File))
	}
	return nil
}

// same reports whether a word of a file means the symbol, and nothing else, to a plan that uses the file.
func (r *renaming) same(an *cache.Analyzed, u *Use) bool {
	ok := true
	symbol.Of(r.snap, an).Named(r.found.Symbol.Name, func(o *symbol.Occurrence) {
		if o.File.Name() == u.File.Name() && o.Name == u.Name && o.Use != symbol.Mention && !isOwned(r.found, symbol.Resolve(r.snap, an, o.ID)) {
			ok = ok && o.Span != u.Span
		}
	})
	return ok
}

func isOwned(f *Found, list []symbol.Owner) bool {
	return slices.ContainsFunc(list, func(o symbol.Owner) bool {
		return slices.ContainsFunc(f.Owners, func(x symbol.Owner) bool { return x.ID == o.ID && x.Version == o.Version })
	})
}

// use says why a word cannot be replaced.
func (r *renaming) use(u *Use) error {
	if r.captured(u) {
		return fmt.Errorf("%q means something else in a function around the name: line %d", r.name, u.File.LineOf(int(u.Span.Start)))
	}
	if u.Env != "" && strings.Contains(r.name, "-") && r.isShell(u) {
		return fmt.Errorf("a shell cannot read %s%s: %s, line %d", u.Env, r.name, r.rel(u.File), u.File.LineOf(int(u.Span.Start)))
	}
	return nil
}

// isShell reports whether the word stands in a shell script.
func (r *renaming) isShell(u *Use) bool {
	for _, s := range u.Plan.Info.Scripts() {
		if (s.Path == "") == (u.File == u.Plan.Source) && (s.Path == "" || s.File.Name() == u.File.Name()) && s.Lang != script.Shell {
			return false
		}
	}
	return true
}
