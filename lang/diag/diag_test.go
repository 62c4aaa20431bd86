package diag_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

func TestSprint(t *testing.T) {
	f := source.NewFile("escape.yml", "name: x\n\tinptus: 字 é # \x1b[2J\n")
	span := func(word string) source.Span {
		i := int32(strings.Index(f.Text(), word))
		return source.Span{Start: i, End: i + int32(len(word))}
	}
	d := diag.New(diag.UnknownField, f, span("inptus"), `unknown field "inptus"; did you mean "inputs"?`)
	d.Hint = "fields are listed in the reference"
	d.Fixes = []diag.Fix{{Title: `replace with "inputs"`}}
	d.Related = []diag.Related{{File: f, Span: span("name"), Message: "first field"}, {Message: "no place"}}
	wide := diag.New(diag.UnknownField, f, span("é"), "after a wide character")
	none := diag.New(diag.UnknownField, nil, source.Span{}, "no place\nsecond line")
	got := diag.Sprint(diag.List{wide, none, d}.Sort())
	want := `warning: no place
  second line [ESC2001]
escape.yml:2:2: warning: unknown field "inptus"; did you mean "inputs"? [ESC2001]
  2 |     inptus: 字 é # ` + "\uFFFD" + `[2J
    |     ^^^^^^
    = fields are listed in the reference
    = fix: replace with "inputs"
    = escape.yml:1:1: first field
    = no place
escape.yml:2:12: warning: after a wide character [ESC2001]
  2 |     inptus: 字 é # ` + "\uFFFD" + `[2J
    |                ^
`
	if got != want {
		t.Errorf("Sprint gives\n%s\nwant\n%s", got, want)
	}
}

func TestSortDropsEqualFindings(t *testing.T) {
	f := source.NewFile("a", "xyz")
	at := func(start, end int32, m string) diag.Diagnostic {
		return diag.New(diag.UnknownField, f, source.Span{Start: start, End: end}, m)
	}
	got := diag.List{at(2, 3, "b"), at(0, 1, "a"), at(2, 3, "b"), at(0, 1, "c")}.Sort()
	var messages []string
	for _, d := range got {
		messages = append(messages, d.Message)
	}
	if want := []string{"a", "c", "b"}; !slices.Equal(messages, want) {
		t.Errorf("Sort gives %v, want %v", messages, want)
	}
}

func TestNearest(t *testing.T) {
	fields := []string{"name", "inputs", "outputs", "build", "deploy", "depends"}
	for _, c := range []struct{ word, want string }{
		{"inptus", "inputs"}, {"Name", "name"}, {"depend", "depends"}, {"deplyo", "deploy"}, {"colour", ""}, {"x", ""}, {"", ""},
		{"biuld", "build"}, {"nave", "name"}, {"foo", ""}, {"game", "name"}, {"gate", ""},
	} {
		if got, _ := diag.Nearest(c.word, fields); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}

func TestCatalogIsOrderedAndUnique(t *testing.T) {
	rows := diag.Catalog()
	for i, row := range rows {
		if len(row.Code) != 7 || !strings.HasPrefix(string(row.Code), "ESC") {
			t.Errorf("code %q is not ESC and four digits", row.Code)
		}
		if i > 0 && rows[i-1].Code >= row.Code {
			t.Errorf("code %s is there twice", row.Code)
		}
		if row.Name == "" || row.Summary == "" {
			t.Errorf("%s lacks a name or a summary", row.Code)
		}
		for _, key := range []string{string(row.Code), row.Name} {
			if got, ok := diag.Lookup(key); !ok || got != row {
				t.Errorf("Lookup(%q) = %v, want %s", key, got, row.Code)
			}
		}
	}
}

func TestRelocate(t *testing.T) {
	f := source.NewFile("a", "....xyz")
	l := diag.List{{Code: diag.UnknownField, Span: source.Span{Start: 1, End: 2},
		Fixes: []diag.Fix{{Edits: []source.Edit{{Span: source.Span{Start: 0, End: 1}}}}}, Related: []diag.Related{{Message: "m"}}}}
	l = l.Relocate(f, func(s source.Span) source.Span { return s.Shift(4) })
	if d := l[0]; d.File != f || d.Span != (source.Span{Start: 5, End: 6}) || d.Fixes[0].Edits[0].Span.Start != 4 || d.Related[0].File != f {
		t.Errorf("Relocate gives %+v", l[0])
	}
}

// TestSecret: a finding about a secret does not show it.
func TestSecret(t *testing.T) {
	f := source.NewFile("escape.yml", "default: hunter2 # not hunter2\n")
	text := diag.Sprint(diag.List{diag.New(diag.PlainSecret, f, source.Span{Start: 9, End: 16}, "a secret")})
	if strings.Contains(text, "hunter2") || !strings.Contains(text, "default: *******\n") {
		t.Errorf("the secret is shown, or not where it stands:\n%s", text)
	}
}

// TestPrintable: nothing that a plan says drives the terminal.
func TestPrintable(t *testing.T) {
	const evil = "a\x1b[31m\u009b2J\rb\x00"
	f := source.NewFile(evil, evil)
	d := diag.New(diag.InvalidName, f, source.Span{Start: 1, End: 2}, evil+"\n"+evil)
	d.Hint = evil
	d.Fixes = []diag.Fix{{Title: evil}}
	d.Related = []diag.Related{{Message: evil}, {File: f, Message: evil}}
	got := diag.Sprint(diag.List{d})
	if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 {
		t.Errorf("the text has a control character at %d: %q", i, got)
	}
}
