package yamlfile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
)

// patience is how long a hostile text may take, on a busy machine and with the race detector. All take far less than a
// second on a quiet one; what is quadratic in 4 MB takes hours.
const patience = 20 * time.Second

// bomb returns a text whose aliases name ten times as much on each line.
func bomb(lines int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < lines; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10))
	}
	return b.String()
}

func steps(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, strings.Repeat(" ", i))
	}
	return b.String()
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestHostile reads texts made to hurt: each ends soon, with the one finding that says why, or with none.
func TestHostile(t *testing.T) {
	const many, some = 50_000, 15_000
	for _, c := range []struct {
		name, text string
		code       diag.Code // of the first finding; "" for none
		most       int       // findings at most; 0 means 1
	}{
		{name: "empty"},
		{name: "only blanks", text: strings.Repeat(" \n", many)},
		{name: "only comments", text: strings.Repeat("# c\n", many)},
		{name: "only a mark", text: source.BOM},
		{name: "byte order mark", text: source.BOM + "a: b\n"},
		{name: "CRLF", text: "a: b\r\nc:\r\n- d\r\n"},
		{name: "bare CR", text: "a: b\rc: d\r"},
		{name: "binary", text: "\x7fELF\x02\x01\x01\x00\x00" + strings.Repeat("\xff\x00\x10", 1000), code: "ESC1016"},
		{name: "control characters", text: strings.Repeat("\x01\x02", 1000), code: "ESC1016"},
		{name: "one control character", text: "a: b\x01\nc: d\n", code: "ESC1018"},
		{name: "UTF-16", text: "\xff\xfea\x00:\x00 \x00b\x00", code: "ESC1016"},
		{name: "invalid UTF-8", text: "a: \xffb\nc: d\n", code: "ESC1017"},
		{name: "10 MB", text: strings.Repeat("a: b\n", 2<<20), code: "ESC1015"},
		{name: "too many keys", text: numbered(100_000, "k%d: v\n"), code: "ESC1015"},
		{name: "too many keys in brackets", text: "a: {" + numbered(100_000, "k%d: v, ") + "}", code: "ESC1015"},
		{name: "many keys", text: numbered(70_000, "k%d: v\n")},
		{name: "one line", text: "a: " + strings.Repeat("x", yamlfile.MaxBytes-10) + "\n"},
		{name: "one line of words", text: "a: " + strings.Repeat("x ", yamlfile.MaxBytes/2-10) + "\n"},
		{name: "one line of colons", text: "a: " + strings.Repeat("x:", yamlfile.MaxBytes/2-10) + "\n", code: "ESC1008"},
		{name: "one key", text: strings.Repeat("x", yamlfile.MaxBytes-10) + ": b\n"},
		{name: "deep mappings", text: steps(10_000/8, "%sa:\n"), code: "ESC1014"},
		{name: "deep lists", text: "a:\n" + steps(10_000/8, "%s-\n"), code: "ESC1014"},
		{name: "deep lists on a line", text: strings.Repeat("- ", 10_000), code: "ESC1014"},
		{name: "deep keys on a line", text: strings.Repeat("? ", 10_000), code: "ESC1014"},
		{name: "deep brackets", text: "a: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), code: "ESC1014"},
		{name: "deep open brackets", text: "a: " + strings.Repeat("[", 10_000), code: "ESC1014"},
		{name: "deep braces", text: "a: " + strings.Repeat("{a: ", 10_000), code: "ESC1014"},
		{name: "deep bracket keys", text: strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + ": a", code: "ESC1014"},
		{name: "alias bomb", text: bomb(10), code: "ESC1013"},
		{name: "long alias bomb", text: bomb(5000), code: "ESC1013"},
		{name: "self-reference", text: "a: &a\n  b: *a\n", code: "ESC1013"},
		{name: "self-reference in brackets", text: "a: &a [*a]\n", code: "ESC1013"},
		{name: "many aliases", text: "a: &a b\n" + strings.Repeat("- *a\n", 0) + "c:\n" + strings.Repeat("- *a\n", many)},
		{name: "many anchors", text: numbered(many, "k%[1]d: &a%[1]d b\n")},
		{name: "unknown aliases", text: numbered(many, "k%[1]d: *a%[1]d\n"), code: "ESC1011", most: 100},
		{name: "unknown aliases of many anchors", text: numbered(many/2, "k%[1]d: &a%[1]d b\nl%[1]d: *b%[1]d\n"), code: "ESC1011", most: 100},
		{name: "unclosed double quotes", text: strings.Repeat("a: \"b\n", many), code: "ESC1003", most: 100},
		{name: "unclosed single quotes", text: strings.Repeat("a: 'b\n", many), code: "ESC1003", most: 100},
		{name: "unclosed quotes in turn", text: strings.Repeat("a: 'b\nc: \"d\n", many/2), code: "ESC1003", most: 100},
		{name: "unclosed quotes, escaped", text: strings.Repeat("a: \"b\\\n", many), code: "ESC1003", most: 100},
		{name: "unclosed quoted keys", text: "a: b\n" + strings.Repeat("\"b\n", many), code: "ESC1003", most: 100},
		{name: "unclosed quoted items", text: strings.Repeat("- \"b\n", many), code: "ESC1003", most: 100},
		{name: "one unclosed quote", text: "a: \"b\n" + strings.Repeat("c: d\n", many), code: "ESC1003"},
		{name: "deep unclosed quotes", text: steps(900, "%sa: \"b\n"), code: "ESC1019", most: 100},
		{name: "unclosed brackets", text: strings.Repeat("a: [b\n", some), code: "ESC1004", most: 100},
		{name: "unclosed braces", text: strings.Repeat("a: {b: c\n", some), code: "ESC1004", most: 100},
		{name: "unclosed bracket items", text: strings.Repeat("- [b\n", some), code: "ESC1004", most: 100},
		{name: "unclosed brackets with quotes", text: strings.Repeat("a: [\"b\n", some), code: "ESC1004", most: 200},
		{name: "closed by wrong brackets", text: strings.Repeat("a: [b}\n", some), code: "ESC1004", most: 100},
		{name: "brackets as keys", text: strings.Repeat("[a]: b\n", some)},
		{name: "open brackets as keys", text: strings.Repeat("[a: b\n", many), code: "ESC1014"},
		{name: "closing brackets", text: strings.Repeat("]: a\n", many), code: "ESC1009", most: 100},
		{name: "one unclosed bracket", text: "a: [b\n" + strings.Repeat("c: d\n", many), code: "ESC1004"},
		{name: "words", text: strings.Repeat("word\n", many)},
		{name: "words below a key", text: "a: b\n" + strings.Repeat("word\n", many), code: "ESC1007", most: 100},
		{name: "words and keys", text: strings.Repeat("word\na: b\n", many/2), code: "ESC1007", most: 100},
		{name: "words and items", text: "a:\n" + strings.Repeat("word\n- b\n", many/2), code: "ESC1007", most: 100},
		{name: "words between nested keys", text: strings.Repeat("a:\n  b:\n    c: d\nword\n    e: f\n", many/5), code: "ESC1007", most: 100},
		{name: "words and blank lines", text: "a:\n  b: c\n" + strings.Repeat("word\n\n", many), code: "ESC1007", most: 100},
		{name: "tabs", text: strings.Repeat("\ta:\n", many), code: "ESC1002"},
		{name: "tabs of all widths", text: numbered(2000, "a:\n\tb%d:\n\t\tc: d\n"), code: "ESC1002", most: 100},
		{name: "only tabs", text: strings.Repeat("\t", many) + "a: b\n", code: "ESC1002"},
		{name: "saw", text: strings.Repeat("a:\n    b: c\n  d: e\n   f: g\n", many/4), code: "ESC1006", most: 100},
		{name: "stray items", text: strings.Repeat("a: b\n- c\n", many/2), code: "ESC1019", most: 100},
		{name: "conflicts", text: strings.Repeat("<<<<<<< a\na: b\n=======\na: c\n>>>>>>> d\n", many/5), code: "ESC1005", most: 100},
		{name: "conflicts in text", text: "a: |\n" + strings.Repeat("  b\n<<<<<<< c\n", many), code: "ESC1005", most: 100},
		{name: "conflict markers only", text: strings.Repeat("<<<<<<< a\n", many), code: "ESC1005", most: 100},
		{name: "conflict markers below text", text: "a: |\n" + strings.Repeat("<<<<<<< a\n", many), code: "ESC1005", most: 100},
		{name: "comments", text: "a: b # c\n" + strings.Repeat("# d\na: b # c\n", many/2)},
		{name: "comments in brackets", text: "a: [\n" + strings.Repeat("b, # c\n", many) + "]\n"},
		{name: "empty texts", text: strings.Repeat("a: |\n", many)},
		{name: "blank lines in texts", text: "a: >\n" + strings.Repeat("\n", many) + "  b\n"},
		{name: "texts of blank lines", text: strings.Repeat("a: |\n\n\n\n", many/4)},
		{name: "folded text", text: "a: >\n" + strings.Repeat("  b\n\n", many)},
		{name: "long plain text", text: "a: b\n" + strings.Repeat("  c\n", many)},
		{name: "long quoted text", text: "a: \"b\n" + strings.Repeat("  c\\\n", many) + "\"\n"},
		{name: "bad escapes", text: strings.Repeat("a: \"\\q\"\n", many), code: "ESC1010", most: 100},
		{name: "properties", text: strings.Repeat("a: !t\n", some) + strings.Repeat("b: &c\n", some)},
		{name: "many properties", text: "a: " + strings.Repeat("&a !b ", many), code: "ESC1012", most: 100},
		{name: "properties below each other", text: "a:\n" + strings.Repeat("  !t\n", many), code: "ESC1012", most: 100},
		{name: "explicit keys", text: strings.Repeat("? a\n: b\n", many/2)},
		{name: "documents", text: strings.Repeat("---\na: b\n", many)},
		{name: "directives", text: strings.Repeat("%A b\n", many), code: "ESC1009", most: 100},
		{name: "dashes", text: "a: b\n" + strings.Repeat("--- ", many)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			tree, findings := yamlfile.Parse(source.NewFile("f.yml", c.text))
			if took := time.Since(start); took > patience {
				t.Errorf("%v for %d bytes", took, len(c.text))
			}
			if err := lawful(tree, findings); err != nil {
				t.Error(err)
			}
			findings = findings.Sort()
			switch {
			case len(findings) > max(c.most, 1):
				t.Errorf("%d findings, want %d:\n%s", len(findings), max(c.most, 1), diag.Sprint(findings[:2]))
			case c.code == "" && len(findings) > 0, c.code != "" && (len(findings) == 0 || findings[0].Code.Code != c.code):
				t.Errorf("want %q, got:\n%s", c.code, diag.Sprint(findings[:min(2, len(findings))]))
			}
		})
	}
}
