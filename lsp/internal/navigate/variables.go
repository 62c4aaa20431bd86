package navigate

import (
	"fmt"
	"regexp"
	"slices"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/symbol"
)

// wordIn matches a name as a whole word.
func wordIn(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^A-Za-z0-9_])(` + regexp.QuoteMeta(name) + `)(?:[^A-Za-z0-9_]|$)`)
}

// expansionOf matches what looks as if a shell put the value of a variable there.
func expansionOf(name string) *regexp.Regexp {
	return regexp.MustCompile(`\$\{?[#!]?(` + regexp.QuoteMeta(name) + `)(?:[^A-Za-z0-9_]|$)`)
}

// scriptOf returns the script in which a variable stands; nil if it is not known.
func scriptOf(s symbol.Symbol) *check.Script {
	for _, x := range s.Plan.Info.Scripts() {
		f, _ := x.Place(source.Span{})
		if f.Name() != s.File.Name() {
			continue
		}
		if x.Path != "" || x.Inline.Raw().Encloses(s.Span) {
			return x
		}
	}
	return nil
}

// hasVariable reports whether the script in which a variable stands has another one of a name, or one from elsewhere.
func hasVariable(s symbol.Symbol, name string) bool {
	x := scriptOf(s)
	return x != nil && (expansionOf(name).MatchString(x.Code()) ||
		slices.ContainsFunc(x.Locals(), func(l script.Local) bool { return l.Name == name }))
}

// canRename says why a variable of a script cannot be renamed: other programs know it by its name, or it stands where nobody
// knows what it means.
func canRename(snap *cache.Snapshot, s symbol.Symbol) error {
	x := scriptOf(s)
	switch {
	case x == nil:
		return fmt.Errorf("the script of %q is not known", s.Name)
	case s.Exported:
		return fmt.Errorf("%q is exported: programs that the script runs may read it", s.Name)
	}
	known := map[int32]bool{}
	for _, l := range x.Locals() {
		known[l.Span.Start] = true
	}
	for _, m := range expansionOf(s.Name).FindAllStringSubmatchIndex(x.Code(), -1) {
		if !known[int32(m[2])] {
			return fmt.Errorf("line %d of the script names %q where a shell may or may not read it", x.File.LineOf(m[2]), s.Name)
		}
	}
	for _, other := range s.Plan.Info.Scripts() {
		if other != x && slices.ContainsFunc(other.Runs, func(r *check.Run) bool { return slices.Contains(x.Runs, r) }) && wordIn(s.Name).MatchString(other.Code()) {
			f, _ := other.Place(source.Span{})
			return fmt.Errorf("%s may use the same variable", (&renaming{found: &Found{Symbol: s}}).rel(f))
		}
	}
	return nil
}
