package navigate

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/edit"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// A Move is a file or folder that gets another path.
type Move struct{ Old, New string }

// Moved returns the edits that keep plans, scripts and templates right when files and folders move. They are edits of the files
// where they are now.
func Moved(snap *cache.Snapshot, moves []Move) Edits {
	m := mover{snap: snap, moves: moves}
	for _, an := range m.plans() {
		symbol.Of(snap, an).Each(func(o *symbol.Occurrence) { m.word(an, o) })
		for _, list := range [][]plan.Text{an.Plan.Includes, an.Plan.Generates} {
			for _, t := range list {
				m.pattern(an, t)
			}
		}
	}
	return m.edits
}

type mover struct {
	snap  *cache.Snapshot
	moves []Move
	edits Edits
}

// plans are those that may name something that moves: in the folders above it, and in what moves itself, where paths that lead
// to the folder of the plan or below stay right.
func (m *mover) plans() []*cache.Analyzed {
	var all []*cache.Analyzed
	for _, move := range m.moves {
		for _, an := range above(m.snap, move.Old) {
			if !slices.Contains(all, an) {
				all = append(all, an)
			}
		}
	}
	return all
}

// above returns the plans in the folders above a path, up to the root of its workspace.
func above(snap *cache.Snapshot, file string) (all []*cache.Analyzed) {
	for _, dir := range snap.Above(file) {
		for _, name := range workspace.Names {
			if an := snap.Analyze(snap.File(filepath.Join(dir, name))); an != nil {
				all = append(all, an)
			}
		}
	}
	return all
}

// moved returns where a path is then.
func (m *mover) moved(file string) string {
	for _, move := range m.moves {
		if file == move.Old {
			return move.New
		}
		if rest, ok := strings.CutPrefix(file, move.Old+string(filepath.Separator)); ok {
			return filepath.Join(move.New, rest)
		}
	}
	return file
}

// word changes a path that a plan, or one of its files, names.
func (m *mover) word(an *cache.Analyzed, o *symbol.Occurrence) {
	if o.Kind != symbol.File && o.Kind != symbol.Template {
		return
	}
	there := m.moved(o.Name)
	text := o.File.Slice(o.Span)
	// What the path is relative to: the folder of the plan, or that of the file which names it.
	for _, base := range []string{dirOf(an), filepath.Dir(o.File.Name())} {
		old, ok := relative(base, o.Name)
		if !ok {
			continue
		}
		now, ok := relative(m.moved(base), there)
		prefix, suffix := text, ""
		if o.Kind == symbol.Template && old == text+path.Ext(old) && o.File != an.Source {
			suffix = path.Ext(old) // a partial is named without it
		}
		prefix = strings.TrimSuffix(prefix, path.Clean(text)) // such as "./"
		if path.Clean(text)+suffix != old {
			continue
		}
		if !ok || now == old || suffix != "" && path.Ext(now) != suffix || !canStand(now, an, o) {
			return
		}
		m.edits.add(o.File, source.Edit{Span: o.Span, New: prefix + strings.TrimSuffix(now, suffix)})
		return
	}
}

// canStand reports whether a path can be written where another one stands.
func canStand(file string, an *cache.Analyzed, o *symbol.Occurrence) bool {
	if edit.IsPath(file) {
		return true
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
	plain := o.File == an.Source && o.Scalar != nil && o.Scalar.Style == syntax.Plain
	return !plain && strings.Trim(file, letters) == ""
}

// relative returns the path of a file from a folder in which it lies.
func relative(base, file string) (string, bool) {
	rel, err := filepath.Rel(base, file)
	return filepath.ToSlash(rel), err == nil && filepath.IsLocal(rel)
}

// pattern changes a pattern whose first folders move.
func (m *mover) pattern(an *cache.Analyzed, t plan.Text) {
	i := strings.IndexAny(t.Value, `*?[\`)
	if i < 0 || !t.Set() {
		return
	}
	folder := path.Dir(t.Value[:i] + "x")
	old := within(an, folder)
	now := m.moved(old)
	if folder == "." || now == old {
		return
	}
	if rel, ok := relative(m.moved(dirOf(an)), now); ok && edit.IsPath(rel) && rel != path.Clean(folder) {
		m.edits.add(an.Source, source.Edit{Span: t.At(source.Span{End: int32(len(folder))}), New: rel})
	}
}

// Deleted returns the edits that take what names files and folders that are deleted out of plans: includes, templates and
// steps. What cannot be taken out safely stays, and is a finding then.
func Deleted(snap *cache.Snapshot, paths []string) Edits {
	var edits Edits
	gone := func(file string) bool {
		return slices.ContainsFunc(paths, func(p string) bool {
			return file == p || strings.HasPrefix(file, p+string(filepath.Separator))
		})
	}
	seen := map[*cache.Analyzed]bool{}
	for _, p := range paths {
		for _, an := range above(snap, p) {
			if !seen[an] && !gone(an.Doc.Path) {
				seen[an] = true
				removed(an, gone, &edits)
			}
		}
	}
	return edits
}

// touch reports whether edits overlap with those of a file that are there.
func (e *Edits) touch(f *source.File, edits []source.Edit) bool {
	for _, there := range *e {
		if there.File.Name() != f.Name() {
			continue
		}
		for _, a := range there.Edits {
			if slices.ContainsFunc(edits, func(b source.Edit) bool { return a.Span.Start < b.Span.End && b.Span.Start < a.Span.End }) {
				return true
			}
		}
	}
	return false
}

// removed adds the edits that take what is gone out of a plan.
func removed(an *cache.Analyzed, gone func(string) bool, edits *Edits) {
	p := edit.Of(an.Syntax)
	apply := func(fixes []diag.Fix) {
		if len(fixes) > 0 && !edits.touch(an.Source, fixes[0].Edits) {
			for _, e := range fixes[0].Edits {
				edits.add(an.Source, e)
			}
		}
	}
	for _, field := range []string{"includes", "generates"} {
		for _, t := range map[string][]plan.Text{"includes": an.Plan.Includes, "generates": an.Plan.Generates}[field] {
			if t.Set() && gone(within(an, t.Value)) {
				apply(p.RemoveFrom(field, t.Node, true))
			}
		}
	}
	for _, t := range an.Plan.AllTemplates() {
		if gone(within(an, t.File.Value)) {
			apply(p.RemoveFrom(t.Field.Name, t.Node, true))
		}
	}
	for _, run := range an.Info.Runs() {
		if run.Step.Form == plan.File && run.Errand == nil && run.Step.Path.Set() && gone(within(an, run.Step.Path.Value)) {
			if root, ok := an.Syntax.Root.(*syntax.Mapping); ok {
				apply(p.Drop(root, run.Name))
			}
		}
	}
}
