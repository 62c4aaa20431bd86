package hcltext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// value reads a value of HCL.
func value(t *testing.T, text string) *syntax.Scalar {
	t.Helper()
	tree, findings := hclfile.Parse(source.NewFile("escape.hcl", "x = "+text+"\n"))
	m, ok := tree.Root.(*syntax.Mapping)
	if !ok || len(findings) > 0 || len(m.Entries) != 1 {
		t.Fatalf("%s is no value: %v", text, findings)
	}
	s, ok := m.Entries[0].Value.(*syntax.Scalar)
	if !ok {
		t.Fatalf("%s is no scalar", text)
	}
	return s
}

// FuzzQuote: what Quote writes reads back as the same text.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", "${", "$${", "$$${x}", "%{", "%%{", "$", "$$", "\"", "\\", "\n", "\r\n", "\t", "\x00", "\u2028", "\U000e0001", "é", "$\"{", "\\${"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("no text")
		}
		if got := value(t, hcltext.Quote(s)); got.Text != s || got.Style != syntax.DoubleQuoted {
			t.Errorf("%q is written %s, which reads %q", s, hcltext.Quote(s), got.Text)
		}
	})
}

// TestNative: expressions in the form that HCL has for them.
func TestNative(t *testing.T) {
	for script, want := range map[string]string{
		"$this.inputs.a":                       "this.inputs.a",
		"$a.list[0]":                           "a.list[0]",
		"$a.b.upper()":                         "upper(a.b)",
		"$__upper($a.b)":                       "__upper(a.b)",
		"$__upper(\"x\")":                      `upper("x")`,
		"$a.join(\",\").split(\"b\", -1)":      `split(join(a, ","), "b", -1)`,
		"$__concat(\"a\", $b.c, \"d\")":        `"a${b.c}d"`,
		"$__concat($a, $b)":                    `"${a}${b}"`,
		"$__concat(\"a$\", $b)":                "\"a\\u0024${b}\"",
		"$__concat(\"a\", \"b\", $c)":          `concat("a", "b", c)`,
		"$__concat($a)":                        `__concat(a)`,
		"$__concat(\"a\", $__upper(\"b\"), 1)": `"a${upper("b")}${1}"`,
	} {
		e, list := expr.Parse(script)
		if len(list) > 0 {
			t.Fatalf("%s: %v", script, list)
		}
		got, ok := hcltext.Native(e, true)
		if !ok || got != want {
			t.Errorf("Native(%s) = %s, want %s", script, got, want)
		}
		if s := value(t, got); s.Text != script {
			t.Errorf("%s reads as %s, want %s", got, s.Text, script)
		}
	}
	for _, script := range []string{"$func(x) { $x }", "$a[1:2]"} {
		if e, _ := expr.Parse(script); e != nil {
			if got, ok := hcltext.Native(e, true); ok {
				t.Errorf("Native(%s) = %s, want none", script, got)
			}
		}
	}
	if strings.Contains(hcltext.Quote("\xff"), "\xff") {
		t.Error("broken UTF-8 is written as it is")
	}
}
