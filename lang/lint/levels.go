package lint

import (
	"fmt"
	"slices"

	"escape.build/escape/lang/diag"
)

// A Level is how serious findings of a rule are taken. The zero value is Off.
type Level uint8

// The levels.
const (
	Off Level = iota
	Advice
	Warning
	Error
)

var levelNames = []string{"off", "advice", "warning", "error"}

// String returns the word that ParseLevel reads.
func (l Level) String() string { return levelNames[l] }

// ParseLevel reads "off", "advice", "warning" or "error".
func ParseLevel(s string) (Level, bool) {
	i := slices.Index(levelNames, s)
	return Level(max(i, 0)), i >= 0
}

// LevelOf returns the level that is as serious as s.
func LevelOf(s diag.Severity) Level { return Error - Level(s) }

func (l Level) severity() diag.Severity { return diag.Severity(Error - l) }

// Default returns the level of a rule for which nothing is set.
func (r *Rule) Default() Level {
	if r.Off {
		return Off
	}
	return LevelOf(r.Code.Severity)
}

// Levels are the levels of all rules. The zero value has the default of each. It may be copied.
type Levels struct {
	set  map[*diag.Entry]Level
	only map[*diag.Entry]bool // nil is all
}

// Set gives a level to the rules that a selector means: the one of that code or name, or all of a category that can be
// changed. It replaces what was set before. It fails with an error for people if there is no such rule, or if it is one
// whose level cannot be changed.
func (l *Levels) Set(selector string, level Level) error {
	rules, err := Select(selector)
	if err != nil {
		return err
	}
	next := make(map[*diag.Entry]Level, len(l.set)+len(rules))
	for code, old := range l.set {
		next[code] = old
	}
	for _, r := range rules {
		switch {
		case !r.Fixed():
			next[r.Code] = level
		case len(rules) == 1 && level != Error:
			return fmt.Errorf("%s (%s) is an error and cannot be set to %s", r.Code.Name, r.Code.Code, level)
		}
	}
	l.set = next
	return nil
}

// Only switches off all rules but those which the selectors mean, and on those of them that are off by default. That a
// text cannot be read is said all the same.
func (l *Levels) Only(selectors []string) error {
	only := map[*diag.Entry]bool{}
	for _, s := range selectors {
		rules, err := Select(s)
		if err != nil {
			return err
		}
		for _, r := range rules {
			only[r.Code] = true
		}
	}
	l.only = only
	return nil
}

// Select returns the rules that a code, a name or a category means. The error is one for people.
func Select(selector string) ([]*Rule, error) {
	if r := Find(selector); r != nil {
		return []*Rule{r}, nil
	}
	var rules []*Rule
	for i := range All() {
		if r := &All()[i]; string(r.Category) == selector {
			rules = append(rules, r)
		}
	}
	if rules != nil || slices.Contains(Categories, Category(selector)) {
		return rules, nil
	}
	names := Names()
	for _, c := range Categories {
		names = append(names, string(c))
	}
	if near, ok := diag.Nearest(selector, names); ok {
		return nil, fmt.Errorf("there is no rule %q; did you mean %q?", selector, near)
	}
	return nil, fmt.Errorf("there is no rule %q; 'escape lint --rules' shows all", selector)
}

// Of returns the level of a rule.
func (l Levels) Of(r *Rule) Level {
	level, isSet := l.set[r.Code]
	if !isSet {
		level = r.Default()
	}
	switch {
	case l.only == nil:
	case !l.only[r.Code] && !(r.Code.IsText() && r.Fixed()):
		return Off
	case level == Off && !isSet:
		return LevelOf(r.Code.Severity)
	}
	return level
}

// On reports whether a rule has any other level than Off.
func (l Levels) On(r *Rule) bool { return l.Of(r) != Off }

// Apply gives findings the severity of their rule and returns those whose rule is on. A finding whose severity differs
// from that of its code keeps it unless a level is set.
func (l Levels) Apply(list diag.List) diag.List {
	out := list[:0:0]
	for _, d := range list {
		r := Of(d.Code)
		if r == nil {
			out = append(out, d)
			continue
		}
		if level := l.Of(r); level == Off {
			continue
		} else if _, isSet := l.set[r.Code]; isSet {
			d.Severity = level.severity()
		}
		out = append(out, d)
	}
	return out
}
