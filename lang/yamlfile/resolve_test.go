package yamlfile_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

func TestResolve(t *testing.T) {
	for kind, texts := range map[syntax.Kind]string{
		syntax.Null: "~ null Null NULL",
		syntax.Bool: "y Y yes Yes YES on On ON true True TRUE n N no No NO off Off OFF false False FALSE",
		syntax.Int: "0 1 -1 +1 010 0x10 0X1f 0b11 -0b11 0b+1 0B11 0o17 1_000 1_ -0x10 9223372036854775807 -9223372036854775808 " +
			"0x7fffffffffffffff",
		syntax.Uint: "9223372036854775808 18446744073709551615 0xffffffffffffffff",
		syntax.Float: "1.0 1.10 -1.5 +1.5 .5 -.5 .5e3 1.5e+3 1e+3 78E+8 1e-3 .inf -.inf +.Inf .INF .nan .NaN .NAN 1_0.5 08 18446744073709551616 " +
			"-9223372036854775809",
		syntax.String: "a yEs nULL tRue oN yess nope ~a 1e3 5. 0. -9. 1_. 0.e0 1.5e3 .7_ ._7 .5.6 2018-01-01 12:30 1.2.3 0xg 0b2 -0b-1 + - . .. _ _1 -- 1- - 1a " +
			"v1.0 $this.version <a = .in .info -.nan 1.@ @ infinity nan Inf NaN 0x 0b é",
	} {
		for text := range strings.FieldsSeq(texts) {
			if got := yamlfile.Resolve(text); got != kind {
				t.Errorf("Resolve(%q) = %d, want %d", text, got, kind)
			}
		}
	}
	if got := yamlfile.Resolve(""); got != syntax.Null {
		t.Errorf(`Resolve("") = %d, want Null`, got)
	}
}

func TestInt(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "-1": -1, "+1": 1, "010": 8, "-010": -8, "0x10": 16, "0b11": 3, "-0b11": -3, "1_000": 1000, "0o17": 15,
		"9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63,
	} {
		if got, err := yamlfile.Int(text); got != want || err != nil {
			t.Errorf("Int(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "a", "08", "9223372036854775808", "1.0", "0x"} {
		if got, err := yamlfile.Int(text); err == nil {
			t.Errorf("Int(%q) = %d, want an error", text, got)
		}
	}
}

func TestScalarText(t *testing.T) {
	for text, want := range map[string]string{
		"": "''", "a": "a", "a b": "a b", "a: b": "'a: b'", "a:b": "a:b", "a:": "'a:'", "a #b": "'a #b'", "a#b": "a#b",
		"1": "'1'", "1.0": "'1.0'", "yes": "'yes'", "~": "'~'", "2018-01-01": "2018-01-01", "@": "'@'", "1.0.@": "1.0.@",
		"$this.x": "$this.x", "*.html": "'*.html'", "it's": "it's", "'a": "'''a'", "a\nb": `"a\nb"`, "a\tb": `"a\tb"`,
		"\"": `'"'`, "\\": `\`, "\a": `"\x07"`, "---": "'---'", " a": "' a'", "a, b": "'a, b'", "é": "é", "<<": "'<<'",
		"=======": "'======='", "\u00a0": `"\xa0"`, "\u2028": `"\u2028"`, "\ufeff": `"\ufeff"`, "?": "'?'", "-": "'-'", "-a": "'-a'",
	} {
		if got := yamlfile.ScalarText(text); got != want {
			t.Errorf("ScalarText(%q) = %s, want %s", text, got, want)
		}
	}
}

// FuzzScalarText: what ScalarText writes reads back as the same text, as a value, a key, an item and inside brackets, by
// this reader and by the referee.
func FuzzScalarText(f *testing.F) {
	for _, text := range []string{"", "a", "yes", "- a", "a: b", "'", "\"\\", "a\nb", " ", "\u0085\u2028", "#", "...", "1e3", "\r", "\x7f", "😀", "?a", "a ?"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 200 {
			t.Skip()
		}
		s := yamlfile.ScalarText(text)
		doc := "v: " + s + "\n" + s + ": k\nl:\n- " + s + "\nf: [" + s + ", {" + s + ": " + s + "}]\n"
		tree, findings := yamlfile.Parse(source.NewFile("f.yml", doc))
		if len(findings) > 0 {
			t.Fatalf("%q: %s", doc, findings[0].Message)
		}
		n := 0
		walk(tree.Root, func(node syntax.Node) {
			if v, ok := node.(*syntax.Scalar); ok && v.Kind == syntax.String && v.Text == text {
				n++
			}
		})
		// A text may be that of the keys around it.
		if text != "v" && text != "k" && text != "l" && text != "f" && n != 6 {
			t.Fatalf("%q holds the text %d times, want 6", doc, n)
		}
		var list struct{ L []any }
		if err := yaml.Unmarshal([]byte("l:\n- "+s+"\n"), &list); err != nil {
			t.Fatalf("%q: the referee: %v", s, err)
		}
		if got, ok := list.L[0].(string); !dated(s) && (!ok || got != text) {
			t.Fatalf("%q: the referee reads %#v", s, list.L[0])
		}
	})
}

// dated reports whether the referee may take a plain scalar for a date or for a number of a newer YAML, which are text
// in a plan.
func dated(s string) bool {
	return s[0] >= '0' && s[0] <= '9' || s[0] == '-' || s[0] == '+' || s[0] == '.'
}
