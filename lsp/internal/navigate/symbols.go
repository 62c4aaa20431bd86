package navigate

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"escape.build/escape/lang"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// A Declared is something that a plan of the workspace declares.
type Declared struct {
	Kind    symbol.Kind // Package, Input, Output or Errand
	Name    string
	Package string
	Place   symbol.Place
}

// maxSymbols is how many symbols are answered.
const maxSymbols = 200

// Symbols returns what the plans of all workspaces declare whose names match a query, the best matches first. Each plan is read
// once, not checked. If ctx ends before, what was found by then is returned.
func Symbols(ctx context.Context, snap *cache.Snapshot, query string) []Declared {
	type match struct {
		Declared
		score int
	}
	var all []match
	m := newMatcher(query)
	for _, file := range planFiles(snap) {
		if ctx.Err() != nil {
			break
		}
		for _, x := range declaredIn(snap.File(file)) {
			if score := m.score(x.Name); score > 0 {
				all = append(all, match{x, score})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	out := make([]Declared, min(len(all), maxSymbols))
	for i := range out {
		out[i] = all[i].Declared
	}
	return out
}

// planFiles are the files of all plans that the editor can see, each once.
func planFiles(snap *cache.Snapshot) []string {
	var files []string
	dirs := slices.Clone(snap.Folders())
	for _, d := range snap.Open() {
		if d.Kind == cache.Plan && d.Path != "" {
			files = append(files, d.Path)
			dirs = append(dirs, filepath.Dir(d.Path))
		}
	}
	for _, dir := range dirs {
		files = append(files, snap.Workspace(dir).Files()...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

type declaredKey struct{}

// declaredIn returns what a plan declares.
func declaredIn(d *cache.Document) []Declared {
	if d == nil || d.Kind != cache.Plan {
		return nil
	}
	return d.Keep(declaredKey{}, func() any {
		p, _ := lang.Decode(d.Source)
		return declared(p, d.Source)
	}).([]Declared)
}

func declared(p *plan.Plan, f *source.File) []Declared {
	pkg := qualified(p.Name.Value)
	var list []Declared
	add := func(kind symbol.Kind, t plan.Text) {
		if t.Set() && t.Value != "" {
			list = append(list, Declared{kind, strings.Clone(t.Value), pkg, symbol.Place{File: f, Span: t.Span()}})
		}
	}
	add(symbol.Package, p.Name)
	for _, v := range p.AllInputs() {
		add(symbol.Input, v.ID)
	}
	for _, v := range p.AllOutputs() {
		add(symbol.Output, v.ID)
	}
	for _, e := range p.Errands {
		add(symbol.Errand, e.Name)
	}
	return list
}

// A matcher compares names with what somebody types, without regard to case.
type matcher struct{ query []rune }

func newMatcher(query string) matcher {
	return matcher{[]rune(strings.ToLower(strings.TrimSpace(query)))}
}

// score says how well a name matches: 0 if it does not have all characters of the query in their order, more if they begin
// words or follow each other.
func (m matcher) score(name string) int {
	if len(m.query) == 0 {
		return 1
	}
	if lower := strings.ToLower(name); lower == string(m.query) {
		return 1_000
	}
	score, at, last := 1, 0, -2
	before := ' '
	for i, r := range name {
		if at < len(m.query) && unicode.ToLower(r) == m.query[at] {
			switch {
			case last == i-1 && i > 0:
				score += 4
			case !unicode.IsLetter(before) && !unicode.IsDigit(before):
				score += 6
			default:
				score++
			}
			at, last = at+1, i+utf8.RuneLen(r)-1
		}
		before = r
	}
	if at < len(m.query) {
		return 0
	}
	return score
}
