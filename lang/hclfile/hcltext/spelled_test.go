package hcltext_test

import (
	"testing"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile/hcltext"
)

// TestSpelled: texts about Escape Script become such about HCL.
func TestSpelled(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		`"$db" is not known here`:         `"db" is not known here`,
		"known are $this, $db":            "known are this, db",
		"write $this.inputs.zone.":        "write this.inputs.zone.",
		"use $__concat(...) for it":       "use concat(...) for it",
		"`$alias.metadata.<key>`":         "`alias.metadata.<key>`",
		`$a.b.upper()`:                    `upper(a.b)`,
		`$__upper($a.b)`:                  `upper(a.b)`,
		`$__split("a(,b", ",").join(";")`: `join(split("a(,b", ","), ";")`,
		`$__concat("v", $this.version)`:   `concat("v", this.version)`,
		`$__id("$HOME")`:                  `id("$HOME")`,
		`$__id(12.add(1))`:                `id(add(12, 1))`,
		`$__env_lookup("$").this.name`:    `env_lookup("$").this.name`,
		`$a[0:1]`:                         `script("$a[0:1]")`,
		`$a[0].b`:                         `a[0].b`,
		"$func(x) { $x }":                 "$func(x) { $x }",
		"costs 5$, $5 or $$x or ${y}":     "costs 5$, $5 or $$x or ${y}",
		"$__":                             "$__",
		"$a(b":                            "a(b",
		"$a-b_c1.d-e":                     "a-b_c1.d-e",
	} {
		if got := hcltext.Spelled(text); got != want {
			t.Errorf("%s is spelled %s, want %s", text, got, want)
		}
	}
}

// TestSpelledExamples: what is spelled in HCL means the same there.
func TestSpelledExamples(t *testing.T) {
	for _, b := range builtin.Table() {
		for _, x := range b.Examples {
			spelled := hcltext.Spelled(x.Expr)
			read := value(t, spelled).Text
			if e, list := expr.Parse(read); len(list) > 0 {
				t.Errorf("%s is spelled %s, which reads %s", x.Expr, spelled, read)
			} else if again := hcltext.Spelled(expr.String(e)); again != spelled {
				t.Errorf("%s is spelled %s, which reads %s", x.Expr, spelled, again)
			}
		}
	}
}
