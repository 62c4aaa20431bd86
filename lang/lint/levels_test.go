package lint_test

import (
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// TestAll: the table holds each rule once, in a known category, and finds it by code and name.
func TestAll(t *testing.T) {
	changeable := 0
	for i := range lint.All() {
		r := &lint.All()[i]
		if i > 0 && lint.All()[i-1].Code.Code >= r.Code.Code {
			t.Errorf("%s is not in order", r.Code.Code)
		}
		if !slices.Contains(lint.Categories, r.Category) {
			t.Errorf("%s has the unknown category %q", r.Code.Code, r.Category)
		}
		if lint.Find(string(r.Code.Code)) != r || lint.Find(r.Code.Name) != r || lint.Of(r.Code) != r {
			t.Errorf("%s is not found", r.Code.Code)
		}
		x, _ := catalog.Explain(r.Code.Code)
		has := func(name string) bool {
			return slices.ContainsFunc(x.Files, func(f catalog.File) bool { return strings.HasPrefix(f.Name, name) })
		}
		if r.Code != diag.TooLarge && (x.Text == "" || !has("bad.") || !has("fixed.")) {
			t.Errorf("%s has no explanation, or no wrong and right example", r.Code.Code)
		}
		if r.Check != nil && r.Fixed() {
			t.Errorf("%s is a rule of this package and finds errors", r.Code.Code)
		}
		if !r.Fixed() {
			changeable++
		}
	}
	for _, r := range lint.Rules {
		if lint.Of(r.Code) == nil {
			t.Errorf("%s is in no table", r.Code.Code)
		}
	}
	t.Logf("%d rules, %d of which can be changed", len(lint.All()), changeable)
	if changeable < 60 {
		t.Errorf("%d rules can be changed, want 60 at least", changeable)
	}
}

func TestLevels(t *testing.T) {
	var l lint.Levels
	if err := l.Set("unknown-field", lint.Off); err != nil {
		t.Fatal(err)
	}
	other := l
	if err := other.Set("ESC2001", lint.Error); err != nil {
		t.Fatal(err)
	}
	rule := lint.Find("unknown-field")
	if l.Of(rule) != lint.Off || other.Of(rule) != lint.Error {
		t.Errorf("a copy changes the original: %s and %s", l.Of(rule), other.Of(rule))
	}
	if err := l.Set("unclosed-quote", lint.Error); err != nil {
		t.Errorf("an error may be called one: %v", err)
	}
	if err := l.Only([]string{"reproducibility", "ESC2001"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]lint.Level{
		"dependency-latest": lint.Warning, "unknown-field": lint.Off, "empty-step": lint.Off, "unclosed-quote": lint.Error, "unknown-name": lint.Off,
	} {
		if got := l.Of(lint.Find(name)); got != want {
			t.Errorf("with only some, %s has level %s, want %s", name, got, want)
		}
	}
	d := diag.New(diag.DuplicateAlias, nil, source.Span{}, "a warning of a code that is an error")
	d.Severity = diag.Warning
	if got := (lint.Levels{}).Apply(diag.List{d}); len(got) != 1 || got[0].Severity != diag.Warning {
		t.Errorf("without levels a finding becomes %v", got)
	}
}

func TestParseLevel(t *testing.T) {
	for _, l := range []lint.Level{lint.Off, lint.Advice, lint.Warning, lint.Error} {
		if got, ok := lint.ParseLevel(l.String()); !ok || got != l {
			t.Errorf("%s is read as %s", l, got)
		}
	}
	if _, ok := lint.ParseLevel(""); ok {
		t.Error("nothing is a level")
	}
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Advice} {
		if got := lint.LevelOf(s).String(); got != s.String() {
			t.Errorf("%s has the level %s", s, got)
		}
	}
}
