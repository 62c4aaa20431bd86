package lint

import (
	"slices"
	"sync"

	"escape.build/escape/lang/diag"
)

// Categories are all categories in the order of documents.
var Categories = []Category{Correctness, Reproducibility, Security, Shell, Maintainability, Portability, Style}

// other are the codes of the checker and of this package which are not about correctness.
var other = map[*diag.Entry]Category{
	diag.ClientType:        Portability,
	diag.BooleanID:         Portability,
	diag.UnknownTag:        Portability,
	diag.DashInID:          Shell,
	diag.ScriptVariable:    Shell,
	diag.EmptyStep:         Maintainability,
	diag.UnusedConsumer:    Maintainability,
	diag.ErrandInput:       Maintainability,
	diag.IgnoredKey:        Maintainability,
	diag.RunAndScript:      Maintainability,
	diag.ImplicitTarget:    Maintainability,
	diag.DuplicateConsumer: Maintainability,
	diag.TypeOption:        Maintainability,
	diag.UnusedMapping:     Maintainability,
	diag.DoubledDependency: Maintainability,
	diag.IgnoreReason:      Maintainability,
	diag.UnusedIgnore:      Maintainability,
	diag.UnknownIgnore:     Maintainability,
	diag.IgnoredError:      Maintainability,
	diag.BadIgnore:         Maintainability,
}

type table struct {
	rules  []Rule
	byCode map[*diag.Entry]*Rule
}

var all = sync.OnceValue(func() *table {
	own := make(map[*diag.Entry]*Rule, len(Rules))
	for i := range Rules {
		own[Rules[i].Code] = &Rules[i]
	}
	rows := slices.DeleteFunc(diag.Catalog(), func(e *diag.Entry) bool { return !static(e) })
	t := &table{rules: make([]Rule, len(rows)), byCode: make(map[*diag.Entry]*Rule, len(rows))}
	for i, e := range rows {
		r := &t.rules[i]
		if own[e] != nil {
			*r = *own[e]
		} else if *r = (Rule{Code: e, Category: Correctness}); other[e] != "" {
			r.Category = other[e]
		}
		t.byCode[e] = r
	}
	return t
})

// byName holds the rules by code and by name.
var byName = sync.OnceValue(func() map[string]*Rule {
	rules := make(map[string]*Rule, 2*len(All()))
	for i := range All() {
		r := &All()[i]
		rules[string(r.Code.Code)], rules[r.Code.Name] = r, r
	}
	return rules
})

// later are the codes of what is found only when a plan is compiled or an expression evaluated.
var later = []*diag.Entry{
	diag.ExprFailed, diag.ReleaseUnresolved, diag.ReleaseNotFound, diag.VersionFailed, diag.MetadataFailed,
	diag.FileSkipped, diag.InvalidRelease,
}

// static reports whether findings of a code come from the text of a plan alone, and not when it is compiled, planned or run.
func static(e *diag.Entry) bool {
	return !e.Retired && !slices.Contains(later, e) && (e.Code < "ESC5000" || e.Code >= "ESC6000")
}

// All returns every rule in the order of codes: those of Rules, and one for each other code that a plan can be given
// without running anything. The list must not be changed.
func All() []Rule { return all().rules }

// Find returns the rule with a code, such as "ESC6101", or a name; nil if there is none.
func Find(codeOrName string) *Rule { return byName()[codeOrName] }

// Of returns the rule to which findings of a code belong; nil for codes that are not found in plans.
func Of(code *diag.Entry) *Rule { return all().byCode[code] }

// Names returns the names of all rules, for suggestions.
func Names() []string {
	names := make([]string, 0, len(All()))
	for i := range All() {
		names = append(names, All()[i].Code.Name)
	}
	return names
}

// Fixed reports whether the level of the rule cannot be changed: it finds what is an error.
func (r *Rule) Fixed() bool { return r.Code.Severity == diag.Error }

// FromChecker reports whether the findings of the rule are made without being asked for.
func FromChecker(r *Rule) bool { return r.Check == nil }
