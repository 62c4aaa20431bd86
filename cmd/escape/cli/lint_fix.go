package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/cmd/escape/cli/internal/lintcache"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/format"
	"escape.build/escape/lang/source"
)

// maxRounds is how often fixes are made in a plan: each may make way for another.
const maxRounds = 50

// A fixer makes the preferred fixes of findings, first in memory.
type fixer struct {
	l       *linter
	names   map[string]string   // of changed files, by absolute path
	before  map[string]string   // their texts as they were read
	users   map[string][]string // plans that look at a file, by its absolute path
	refused map[string]bool     // fixes that would have made an error
	harmful map[string]bool     // fixes that another plan does not bear
}

func (l *linter) newFixer(results []linted) *fixer {
	f := &fixer{
		l: l, names: map[string]string{}, before: map[string]string{}, users: map[string][]string{},
		refused: map[string]bool{}, harmful: map[string]bool{},
	}
	for _, r := range results {
		for _, path := range r.looked {
			f.users[path] = append(f.users[path], r.file)
		}
	}
	return f
}

// fix makes the fixes of what was found in plans, one plan after another, until nothing changes any more. It returns what
// remains.
func (l *linter) fix(results []linted) ([]linted, *fixer) {
	l.pending = map[string]string{}
	f := l.newFixer(results)
	files := make([]string, len(results))
	for i, r := range results {
		files[i] = r.file
		f.plan(r)
	}
	for {
		rest := l.lintAll(files)
		if !f.giveUp(results, rest) {
			return rest, f
		}
	}
}

// plan makes the fixes in one plan and its scripts.
func (f *fixer) plan(now linted) {
	if slices.ContainsFunc(now.looked, func(path string) bool { _, ok := f.l.pending[path]; return ok }) {
		now = f.l.lint(now.file) // another plan has changed a script of this one
	}
	seen := map[string]bool{} // what the plan was: two rules may want the opposite of each other
	for range maxRounds {
		if now.err != nil || seen[f.state(now)] {
			return
		}
		seen[f.state(now)] = true
		next, changed := f.round(now)
		if !changed {
			return
		}
		now = next
	}
}

// state tells whether a plan and all that was changed is what it was once.
func (f *fixer) state(now linted) string {
	parts := []string{now.source.Text()}
	for _, path := range f.paths() {
		parts = append(parts, path, f.l.pending[path])
	}
	return lintcache.Key(parts...)
}

// giveUp takes back the changes of files that a plan with a new error looks at, and reports whether there was one. It can be
// one that shares a script with the plan for which that was changed.
func (f *fixer) giveUp(before, after []linted) bool {
	found := false
	for i := range after {
		if after[i].err != nil || !worse(before[i].findings, after[i].findings) {
			continue
		}
		for _, path := range slices.Concat(before[i].looked, after[i].looked) {
			if _, ok := f.l.pending[path]; ok {
				delete(f.l.pending, path)
				f.refused[path] = true
				found = true
			}
		}
	}
	return found
}

// round makes all fixes of a plan that do not overlap and make no new error.
func (f *fixer) round(now linted) (next linted, changed bool) {
	fixes := f.choose(now)
	if len(fixes) == 0 {
		return now, false
	}
	if next, ok := f.try(now, fixes); ok {
		return next, true
	}
	var good []chosen
	for _, x := range fixes {
		old := maps.Clone(f.l.pending)
		if _, ok := f.try(now, []chosen{x}); ok {
			f.l.pending = old
			good = append(good, x)
			continue
		}
		f.refused[x.String()] = true
	}
	for n := len(good); n > 0; n /= 2 { // together they may be no good either
		if next, ok := f.try(now, good[:n]); ok {
			return next, true
		}
	}
	return now, false
}

// A chosen is a fix that is to be made in a file.
type chosen struct {
	file  *source.File
	edits []source.Edit
}

func (x chosen) String() string { return fmt.Sprint(x.file.Name(), x.edits) }

// choose returns the preferred fixes of findings, those that overlap an earlier one left out.
func (f *fixer) choose(now linted) []chosen {
	var fixes []chosen
	taken := map[string][]source.Span{}
	for _, d := range now.findings {
		i := slices.IndexFunc(d.Fixes, func(x diag.Fix) bool { return x.Preferred })
		if i < 0 || len(d.Fixes[i].Edits) == 0 {
			continue
		}
		x := chosen{d.Edited(&d.Fixes[i]), d.Fixes[i].Edits}
		if x.file == nil || !f.mayWrite(now, x.file) || f.harmful[x.String()] {
			continue
		}
		name := x.file.Name()
		free := !slices.ContainsFunc(x.edits, func(e source.Edit) bool {
			return slices.ContainsFunc(taken[name], func(s source.Span) bool { return meet(s, e.Span) })
		})
		if !free {
			continue
		}
		for _, e := range x.edits {
			taken[name] = append(taken[name], e.Span)
		}
		fixes = append(fixes, x)
	}
	return fixes
}

// mayWrite reports whether a file is the plan, or one below its folder or the working directory, but not of another package
// and no symbolic link.
func (f *fixer) mayWrite(now linted, file *source.File) bool {
	if file.Name() == now.name {
		return true
	}
	path := f.l.a.env.abs(filepath.FromSlash(file.Name()))
	for _, dir := range []string{filepath.Dir(f.l.a.env.abs(filepath.FromSlash(now.name))), f.l.a.env.Dir} {
		rel, err := filepath.Rel(dir, path)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		foreign := slices.ContainsFunc(strings.Split(filepath.ToSlash(rel), "/"), func(name string) bool { return slices.Contains(notWalked, name) })
		info, err := os.Lstat(path)
		return !foreign && err == nil && info.Mode().IsRegular()
	}
	return false
}

// meet reports whether two edits overlap or touch. Of two that touch, nobody knows which comes first.
func meet(a, b source.Span) bool { return a.Start <= b.End && b.Start <= a.End }

// try makes fixes in memory, lints again, and takes them back if there is an error that was not there, or another plan does not
// bear them.
func (f *fixer) try(now linted, fixes []chosen) (linted, bool) {
	old := maps.Clone(f.l.pending)
	texts := map[string]string{}
	byFile := map[*source.File][]source.Edit{}
	var order []*source.File
	for _, x := range fixes {
		if byFile[x.file] == nil {
			order = append(order, x.file)
		}
		byFile[x.file] = append(byFile[x.file], lineBreaks(x.file, x.edits)...)
	}
	for _, file := range order {
		path := f.l.a.env.abs(filepath.FromSlash(file.Name()))
		base, done := texts[path]
		if done && base != file.Text() {
			continue // another reading of the same file; next time
		}
		text, err := source.Apply(file.Text(), byFile[file])
		if err != nil || text == file.Text() {
			continue
		}
		texts[path] = text
		if _, ok := f.before[path]; !ok {
			f.before[path], f.names[path] = file.Text(), file.Name()
		}
	}
	if len(texts) == 0 {
		return now, false
	}
	maps.Copy(f.l.pending, texts)
	next := f.l.lint(now.file)
	bad := next.err != nil || worse(now.findings, next.findings)
	if !bad && f.harms(texts, old, now, next) {
		bad = true
		if len(fixes) == 1 {
			f.harmful[fixes[0].String()] = true
		}
	}
	if !bad {
		return next, true
	}
	f.l.pending = old
	return now, false
}

// harms reports whether another plan that looks at a changed script gets a finding which the plan itself does not get: what is
// right for one of them may be wrong for the other.
func (f *fixer) harms(texts, old map[string]string, now, next linted) bool {
	own := f.l.a.env.abs(filepath.FromSlash(now.name))
	usual := added(now.findings, next.findings, diag.Advice)
	asked := map[string]bool{now.file: true}
	for path := range texts {
		if path == own {
			continue
		}
		for _, file := range f.users[path] {
			if asked[file] {
				continue
			}
			asked[file] = true
			pending := f.l.pending
			after := f.l.lint(file)
			f.l.pending = old
			before := f.l.lint(file)
			f.l.pending = pending
			for key := range added(before.findings, after.findings, diag.Advice) {
				if !usual[key] {
					return true
				}
			}
		}
	}
	return false
}

// lineBreaks returns edits whose lines end as those of the file do.
func lineBreaks(file *source.File, edits []source.Edit) []source.Edit {
	if !strings.Contains(file.Text(), "\r\n") {
		return edits
	}
	edits = slices.Clone(edits)
	for i := range edits {
		edits[i].New = strings.ReplaceAll(strings.ReplaceAll(edits[i].New, "\r\n", "\n"), "\n", "\r\n")
	}
	return edits
}

// worse reports whether there is an error in next that is not in now.
func worse(now, next diag.List) bool { return len(added(now, next, diag.Error)) > 0 }

// added returns the findings, by code and message, of which there are more in next than in now, if they are at least as
// serious as least.
func added(now, next diag.List, least diag.Severity) map[string]bool {
	count := map[string]int{}
	for _, d := range now {
		count[string(d.Code.Code)+d.Message]++
	}
	more := map[string]bool{}
	for _, d := range next {
		key := string(d.Code.Code) + d.Message
		if count[key]--; count[key] < 0 && d.Severity <= least {
			more[key] = true
		}
	}
	return more
}

// paths returns the changed files in order of their names.
func (f *fixer) paths() []string {
	var paths []string
	for path, text := range f.l.pending {
		if text != f.before[path] {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(f.names[a], f.names[b]) })
	return paths
}

// diff returns what would change.
func (f *fixer) diff() string {
	var out strings.Builder
	for _, path := range f.paths() {
		out.WriteString(format.Diff(f.names[path], f.before[path], f.l.pending[path]))
	}
	return out.String()
}

// write writes all changed files, unless somebody else has changed one of them. Each is written as a whole.
func (f *fixer) write() error {
	paths := f.paths()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return named(err, f.names[path])
		}
		if string(text) != f.before[path] {
			return fmt.Errorf("%s was changed while it was read; nothing was written", f.names[path])
		}
	}
	for _, path := range paths {
		if err := f.l.a.replaceFile(filepath.FromSlash(f.names[path]), f.l.pending[path]); err != nil {
			return err
		}
	}
	return nil
}
