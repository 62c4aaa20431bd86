package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

// silence returns which of the lines that hold the word "bad" still have a finding, and what is said about comments.
func silence(t *testing.T, text string, severity diag.Severity) (lines, comments string) {
	t.Helper()
	f := source.NewFile("x.sh", text)
	var list diag.List
	for n := 1; n <= f.LineCount(); n++ {
		line := f.Line(n)
		code, _, _ := strings.Cut(f.Slice(line), "#")
		if i := strings.Index(code, "bad"); i >= 0 {
			d := diag.New(diag.UnknownField, f, source.Span{Start: line.Start + int32(i), End: line.Start + int32(i) + 3}, "bad")
			d.Severity = severity
			list = append(list, d)
		}
	}
	yes := func(*lint.Rule) bool { return true }
	rest, ignored := lint.Silence(list, []lint.Commented{{File: f}}, yes, yes)
	for _, d := range rest.Sort() {
		if d.Code == diag.UnknownField {
			lines += fmt.Sprintf("%d ", f.LineOf(int(d.Span.Start)))
		} else {
			comments += fmt.Sprintf("%d:%s ", f.LineOf(int(d.Span.Start)), d.Code.Name)
		}
	}
	for _, x := range ignored {
		if x.File != f || f.Slice(x.By) != "unknown-field" && f.Slice(x.By) != "ESC2001" && x.Finding.Code != diag.UnusedIgnore {
			t.Errorf("silenced by %q", f.Slice(x.By))
		}
	}
	return strings.TrimSpace(lines), strings.TrimSpace(comments)
}

func TestSilence(t *testing.T) {
	for _, c := range []struct{ name, text, lines, comments string }{
		{"same line", "bad # escape:ignore unknown-field -- r\nbad\n", "2", ""},
		{"by code, with other marks", "bad // escape:ignore ESC2001 -- r\nbad ## escape:ignore ESC2001 -- r\n", "", ""},
		{"between signs", "bad /* escape:ignore ESC2001 -- r */\n/* escape:ignore unknown-field -- r */\nbad\n/* escape:ignore ESC2001 -- r\n*/ bad\n", "5", ""},
		{"above", "# escape:ignore unknown-field -- r\nbad\nbad\n", "3", ""},
		{"above, with comments and blanks between", "  # escape:ignore unknown-field -- r\n\n # more\nbad\nbad\n", "5", ""},
		{"region", "bad\n# escape:ignore-start unknown-field -- r\nbad\nbad\n# escape:ignore-end\nbad\n", "1 6", ""},
		{"regions in each other", "# escape:ignore-start unknown-field -- r\nbad\n# escape:ignore-start empty-step -- r\nbad\n# escape:ignore-end\nbad\n# escape:ignore-end\nbad\n", "8", "3:unused-ignore"},
		{"file", "bad\n# escape:ignore-file unknown-field -- r\nbad\n", "", ""},
		{"several rules", "bad # escape:ignore empty-step, unknown-field -- r\n", "", "1:unused-ignore"},
		{"without commas", "bad # escape:ignore unknown-field same-dest\n", "", "1:ignore-without-reason 1:unused-ignore"},
		{"no reason", "bad # escape:ignore unknown-field\n", "", "1:ignore-without-reason"},
		{"empty reason", "bad # escape:ignore unknown-field --\n", "", "1:ignore-without-reason"},
		{"another rule", "bad # escape:ignore empty-step -- r\n", "1", "1:unused-ignore"},
		{"silenced twice", "# escape:ignore-file unknown-field -- r\nbad # escape:ignore unknown-field -- r\n", "", "2:unused-ignore"},
		{"unused", "# escape:ignore unknown-field -- r\ngood\n", "", "1:unused-ignore"},
		{"unused, which is silenced", "# escape:ignore unused-ignore -- r\ngood # escape:ignore unknown-field -- r\n", "", ""},
		{"unknown", "bad # escape:ignore unknown-feild -- r\n", "1", "1:unknown-ignore"},
		{"never an error", "bad # escape:ignore unclosed-quote -- r\n", "1", "1:ignored-error"},
		{"no rule", "bad # escape:ignore\nbad # escape:ignore -- r\n", "1 2", "1:bad-ignore 2:bad-ignore"},
		{"no start", "bad # escape:ignore-end\n", "1", "1:bad-ignore"},
		{"no end", "# escape:ignore-start unknown-field -- r\nbad\n", "", "1:bad-ignore"},
		{"not the start of a comment", "bad # see escape:ignore unknown-field -- r\nbad escape:ignore unknown-field\n", "1 2", ""},
		{"only a part of a word", "bad # escape:ignored unknown-field\nbad # escape:ignore-all unknown-field\n", "1 2", ""},
		{"CRLF", "bad # escape:ignore unknown-field -- r\r\nbad\r\n", "2", ""},
		{"at the end", "bad\n# escape:ignore unknown-field -- r", "1", "2:unused-ignore"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, comments := silence(t, c.text, diag.Warning)
			if lines != c.lines || comments != c.comments {
				t.Errorf("findings stay in lines %q, want %q; about comments is said %q, want %q", lines, c.lines, comments, c.comments)
			}
		})
	}
	lines, comments := silence(t, "bad # escape:ignore unknown-field -- r\n", diag.Error)
	if lines != "1" || comments != "1:ignored-error" {
		t.Errorf("of an error stays %q, and is said %q", lines, comments)
	}
}

// TestRemoval: the fix of a comment that silences nothing takes it away and nothing else.
func TestRemoval(t *testing.T) {
	yes := func(*lint.Rule) bool { return true }
	for text, want := range map[string]string{
		"a\n  # escape:ignore unknown-field -- r\nb\n":    "a\nb\n",
		"a  # escape:ignore unknown-field -- r\nb\n":      "a\nb\n",
		"a # escape:ignore unknown-field -- r":            "a",
		"a # escape:ignore unknown-field -- r\r\nb":       "a\r\nb",
		"# escape:ignore unknown-field, same-dest -- r\n": "",
	} {
		f := source.NewFile("x", text)
		list, _ := lint.Silence(nil, []lint.Commented{{File: f}}, yes, yes)
		if want == "" {
			if len(list) != 2 || list[0].Fixes != nil {
				t.Errorf("%q: one of two rules has a fix", text)
			}
			continue
		}
		if len(list) != 1 || len(list[0].Fixes) != 1 {
			t.Fatalf("%q gives %v", text, list)
		}
		if got, err := source.Apply(text, list[0].Fixes[0].Edits); err != nil || got != want {
			t.Errorf("%q becomes %q, %v; want %q", text, got, err, want)
		}
	}
}

// FuzzSilence: no comment loses a finding that is an error, or is a finding outside its file.
func FuzzSilence(f *testing.F) {
	f.Add("bad # escape:ignore unknown-field -- r\n# escape:ignore-start x\n# escape:ignore-end\n# escape:ignore-file ESC2001")
	f.Fuzz(func(t *testing.T, text string) {
		file := source.NewFile("x", text)
		span := source.Span{Start: int32(len(text) / 2), End: int32(len(text))}
		d := diag.New(diag.UnknownType, file, span, "error")
		yes := func(*lint.Rule) bool { return true }
		list, _ := lint.Silence(diag.List{d}, []lint.Commented{{File: file}}, yes, yes)
		if list.Count(diag.Error) != 1 {
			t.Error("an error is gone")
		}
		for _, d := range list {
			if d.Span.Start < 0 || int(d.Span.End) > len(text) || d.Span.End < d.Span.Start {
				t.Errorf("a finding at %v of %d", d.Span, len(text))
			}
			for _, fix := range d.Fixes {
				if _, err := source.Apply(text, fix.Edits); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
