package yamlfile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
	"escape.build/escape/lang/yamlfile/plangen"
)

// A breakage is a line that is wrong, to be put among the lines of a valid plan.
type breakage struct {
	name string
	text string    // without indentation
	item bool      // stands where an item of a list can stand
	line bool      // is no entry and no item: it may stand anywhere
	pad  int       // added to the right indentation
	code diag.Code // of the first finding; "" for none
	col  int       // 1-based column of it in text
	more int       // findings allowed beyond the first
}

var breakages = []breakage{
	{name: "half-typed word", text: "inpu", line: true, code: "ESC1007", col: 1},
	{name: "two half-typed words", text: "some inpu", line: true, code: "ESC1007", col: 1},
	{name: "no blank behind a colon", text: "foo:bar", line: true, code: "ESC1007", col: 4},
	{name: "no blank behind a dash", text: "-bar", line: true, code: "ESC1007", col: 1},
	{name: "unclosed double quote", text: `foo: "abc`, code: "ESC1003", col: 6},
	{name: "unclosed double quote with comment", text: `foo: "abc # x`, code: "ESC1003", col: 6},
	{name: "unclosed single quote", text: `foo: 'abc`, code: "ESC1003", col: 6},
	{name: "unclosed quote in item", text: `- "abc`, item: true, code: "ESC1003", col: 3},
	{name: "unclosed quote in mapping in item", text: `- foo: 'abc`, item: true, code: "ESC1003", col: 8},
	{name: "unclosed quote alone", text: `"abc`, line: true, code: "ESC1003", col: 1},
	{name: "unclosed [", text: `foo: [a, b`, code: "ESC1004", col: 6},
	{name: "unclosed [ with quote", text: `foo: ["a, b`, code: "ESC1004", col: 6, more: 1},
	{name: "unclosed [ in item", text: `- [a, b`, item: true, code: "ESC1004", col: 3},
	{name: "only [", text: `foo: [`, code: "ESC1004", col: 6},
	{name: "unclosed {", text: `foo: {a: b`, code: "ESC1004", col: 6},
	{name: "unclosed { in item", text: `- {a: b, c`, item: true, code: "ESC1004", col: 3},
	{name: "unclosed { in [", text: `foo: [a, {b: c]`, code: "ESC1004", col: 10, more: 1},
	{name: "unclosed expression", text: `foo: "${{ github."`},
	{name: "unclosed script", text: `foo: "$dep.outputs.f(`, code: "ESC1003", col: 6},
	{name: "unclosed plain script", text: `foo: $dep.outputs.f(`},
	{name: "@ value", text: `foo: @bar`, code: "ESC1009", col: 6},
	{name: "@ line", text: `@bar`, line: true, code: "ESC1009", col: 1},
	{name: "@ item", text: `- @bar`, item: true, code: "ESC1009", col: 3},
	{name: "backtick value", text: "foo: `bar`", code: "ESC1009", col: 6},
	{name: "backtick line", text: "`bar`", line: true, code: "ESC1009", col: 1},
	{name: "second colon", text: `foo: a: b`, code: "ESC1008", col: 7},
	{name: "second colon behind quotes", text: `foo: "a": b`, code: "ESC1008", col: 9},
	{name: "more indentation", text: `foo: bar`, pad: 1, code: "ESC1006", col: 1},
	{name: "less indentation", text: `foo: bar`, pad: -1, code: "ESC1006", col: 1},
	{name: "lone &", text: `foo: &`, code: "ESC1012", col: 6},
	{name: "lone *", text: `foo: *`, code: "ESC1012", col: 6},
	{name: "unknown alias", text: `foo: *bar`, code: "ESC1011", col: 6},
	{name: "lone & line", text: `&`, line: true, code: "ESC1012", col: 1},
	{name: "lone * line", text: `*`, line: true, code: "ESC1012", col: 1},
	{name: "glob item", text: `- *.html`, item: true, code: "ESC1012", col: 3},
	{name: "% value", text: `foo: %x`, code: "ESC1009", col: 6},
	{name: "% line", text: `%x`, line: true, code: "ESC1009", col: 1},
	{name: "bad escape", text: `foo: "a\qb"`, code: "ESC1010", col: 8},
	{name: "text behind quotes", text: `foo: "a" b`, code: "ESC1019", col: 10},
	{name: "bad block header", text: `foo: | x`, code: "ESC1020", col: 8},
	{name: "list behind key", text: `foo: - a`, code: "ESC1021", col: 6},
	{name: "no key", text: `: bar`, code: "ESC1001", col: 1},
	{name: "closing bracket", text: `]`, line: true, code: "ESC1009", col: 1},
}

// A gap is a place between two lines of a plan where more lines can be put.
type gap struct {
	off   int  // offset of the line behind it
	line  int  // its 1-based number
	pad   int  // indentation of what may stand there
	first bool // it opens a collection
	items bool // an item of a list may stand there
	deep  bool // what stands there is an item of a list that is indented more than its key
}

// gaps finds the places in text, in the middle of no scalar, where a line may stand.
func gaps(text string) []gap {
	tree, _ := yamlfile.Parse(source.NewFile("f.yml", text))
	inScalar := make([]bool, len(text)+2)
	walk(tree.Root, func(n syntax.Node) {
		if s, ok := n.(*syntax.Scalar); ok {
			for i := s.Pos.Start + 1; i <= s.Pos.End; i++ {
				inScalar[i] = true
			}
		}
	})
	var out []gap
	lines := strings.SplitAfter(text, "\n")
	off, prev := 0, ""
	for n, line := range lines {
		if !inScalar[off] {
			out = append(out, gapAt(prev, lines[n:], off, n+1))
		}
		if content(line) {
			prev = line
		}
		off += len(line)
	}
	return out
}

func content(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && !strings.HasPrefix(line, "#")
}

// gapAt describes the gap between the line before, the last with content, and the lines behind.
func gapAt(before string, behind []string, off, line int) gap {
	g := gap{off: off, line: line, first: off == 0 || strings.HasSuffix(strings.TrimSpace(before), ":")}
	i := slices.IndexFunc(behind, content)
	if i < 0 {
		return g
	}
	g.pad = len(behind[i]) - len(strings.TrimLeft(behind[i], " "))
	g.items = strings.HasPrefix(behind[i][g.pad:], "- ")
	g.deep = g.items && g.pad == 2
	return g
}

func walk(n syntax.Node, fn func(syntax.Node)) {
	if n == nil {
		return
	}
	fn(n)
	switch n := n.(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			walk(n.Entries[i].Key, fn)
			walk(n.Entries[i].Value, fn)
		}
	case *syntax.Sequence:
		for i := range n.Items {
			walk(n.Items[i].Value, fn)
		}
	}
}

// leaves lists every value of a tree with its path, and every start of a list item, in order.
func leaves(n syntax.Node) []string {
	var out []string
	var visit func(n syntax.Node, path string)
	visit = func(n syntax.Node, path string) {
		switch n := n.(type) {
		case *syntax.Mapping:
			for i := range n.Entries {
				visit(n.Entries[i].Value, path+"."+n.Entries[i].Key.Text)
			}
		case *syntax.Sequence:
			for i := range n.Items {
				out = append(out, path+"[]")
				visit(n.Items[i].Value, path+"[]")
			}
		case *syntax.Scalar:
			out = append(out, fmt.Sprintf("%s = %q", path, n.Text))
		case *syntax.Alias:
			out = append(out, path+" = *"+n.Name)
		}
	}
	visit(n, "")
	return out
}

// lost returns the first of want that is not in got, in the order of want, and how many of got are new.
func lost(got, want []string) (string, int) {
	i := 0
	for _, w := range want {
		n := slices.Index(got[i:], w)
		if n < 0 {
			return w, 0
		}
		i += n + 1
	}
	return "", len(got) - len(want)
}

// put returns text with lines indented by pad at g.
func put(text string, g gap, pad int, lines string) string {
	var b strings.Builder
	b.WriteString(text[:g.off])
	if g.off > 0 && text[g.off-1] != '\n' {
		b.WriteByte('\n')
	}
	for line := range strings.Lines(lines) {
		b.WriteString(strings.Repeat(" ", pad) + line)
	}
	b.WriteByte('\n')
	b.WriteString(text[g.off:])
	return b.String()
}

// fits reports whether b makes sense at g, and does not mean something else there.
func (b breakage) fits(g gap) bool {
	switch {
	case g.pad+b.pad < 0, b.item && !g.items:
		return false
	case b.code == "" && g.items:
		return false // an entry among items
	case g.first && g.deep, g.first && b.pad < 0, g.first && b.pad > 0 && g.items:
		return b.item // the text goes on in the next line, or the lines below are the odd ones
	case g.deep && !b.item:
		return b.line
	case b.text == "foo: &" || b.text == "foo:":
		return !g.items
	}
	return true
}

// TestOneBrokenLine puts each breakage into each gap of a plan. Nothing else of the plan may be lost, and there is one
// finding (where the table says so, two), with the right code, line and column.
func TestOneBrokenLine(t *testing.T) {
	text := plangen.Plan(150)
	testBreakages(t, text, gaps(text))
}

// TestOneBrokenLineOfMany is TestOneBrokenLine in the middle of a long plan.
func TestOneBrokenLineOfMany(t *testing.T) {
	text := plangen.Plan(1000)
	places := gaps(text)
	testBreakages(t, text, places[len(places)/2:len(places)/2+10])
}

func TestOneBrokenLineCRLF(t *testing.T) {
	text := strings.ReplaceAll(plangen.Plan(100), "\n", "\r\n")
	testBreakages(t, text, gaps(text))
}

func testBreakages(t *testing.T, text string, places []gap) {
	clean, findings := yamlfile.Parse(source.NewFile("f.yml", text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	want := leaves(clean.Root)
	for _, b := range breakages {
		t.Run(b.name, func(t *testing.T) {
			for _, g := range places {
				if b.fits(g) {
					oneBrokenLine(t, text, want, b, g, g.pad+b.pad)
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

func oneBrokenLine(t *testing.T, text string, want []string, b breakage, g gap, pad int) {
	t.Helper()
	broken := put(text, g, pad, b.text)
	f := source.NewFile("f.yml", broken)
	tree, findings := yamlfile.Parse(f)
	report := func(format string, args ...any) {
		t.Helper()
		around := broken[max(0, g.off-120):min(len(broken), g.off+120)]
		t.Errorf("line %d: %s\n%s\n--- around:\n%s", g.line, fmt.Sprintf(format, args...), diag.Sprint(findings[:min(3, len(findings))]), around)
	}
	if missing, more := lost(leaves(tree.Root), want); missing != "" {
		report("lost %s", missing)
	} else if more > 6 {
		report("%d values more than before", more)
	}
	for _, d := range findings {
		for _, fix := range d.Fixes {
			if left := fixed(t, f, fix); len(left) > len(findings) || slices.ContainsFunc(left, func(e diag.Diagnostic) bool {
				return e.Code == d.Code && e.Span.Start == d.Span.Start
			}) {
				report("the fix %q leaves:\n%s", fix.Title, diag.Sprint(left))
			}
		}
	}
	switch {
	case b.code == "":
		if len(findings) > 0 {
			report("findings for what is valid")
		}
	case len(findings) == 0:
		report("no finding")
	default:
		d := findings.Sort()[0]
		got, pos := d.Code.Code, f.Position(int(d.Span.Start))
		if at := (source.Position{Line: g.line, Column: pad + b.col}); got != b.code && (!g.deep || got != "ESC1001") || pos != at || len(findings) > 1+b.more {
			report("%d findings, %s at %v; want %s at %v", len(findings), got, pos, b.code, at)
		}
	}
}

// fixed returns the findings that are left with fix applied to f.
func fixed(t *testing.T, f *source.File, fix diag.Fix) diag.List {
	t.Helper()
	text, err := source.Apply(f.Text(), fix.Edits)
	if err != nil {
		t.Fatal(err)
	}
	_, findings := yamlfile.Parse(source.NewFile("f.yml", text))
	return findings
}

// TestTab puts lines indented with tabs into each gap.
func TestTab(t *testing.T) {
	text := plangen.Plan(150)
	clean, _ := yamlfile.Parse(source.NewFile("f.yml", text))
	want := leaves(clean.Root)
	for _, g := range gaps(text) {
		for _, line := range []string{"\tfoo: bar", " \tfoo: bar", "\tfoo: bar\n\tbar: foo", "\t- foo"} {
			if g.items != strings.Contains(line, "-") || g.deep {
				continue
			}
			b := breakage{text: line, code: "ESC1002", col: strings.Index(line, "\t") + 1}
			oneBrokenLine(t, text, want, b, g, 0)
			if t.Failed() {
				return
			}
		}
	}
}

// conflict is what git leaves in a file.
const conflict = "<<<<<<< HEAD\n%sfoo: a\n=======\n%sfoo: b\n>>>>>>> other\n"

// TestConflict puts a conflict into each gap: three findings, and nothing is lost.
func TestConflict(t *testing.T) {
	text := plangen.Plan(150)
	clean, _ := yamlfile.Parse(source.NewFile("f.yml", text))
	want := leaves(clean.Root)
	for _, g := range gaps(text) {
		pad := strings.Repeat(" ", g.pad)
		if g.items {
			pad += "- "
		}
		broken := text[:g.off] + fmt.Sprintf(conflict, pad, pad) + text[g.off:]
		tree, findings := yamlfile.Parse(source.NewFile("f.yml", broken))
		if missing, _ := lost(leaves(tree.Root), want); missing != "" {
			t.Fatalf("line %d: lost %s", g.line, missing)
		}
		if !tree.Conflicted || !threeMarkers(findings, g.line) {
			t.Fatalf("line %d: conflicted %t, findings\n%s", g.line, tree.Conflicted, diag.Sprint(findings))
		}
	}
}

func threeMarkers(findings diag.List, line int) bool {
	if len(findings) != 3 {
		return false
	}
	for i, d := range findings {
		if pos := d.File.Position(int(d.Span.Start)); d.Code != diag.ConflictMarker || pos != (source.Position{Line: line + 2*i, Column: 1}) {
			return false
		}
	}
	return true
}

// TestConflictInText puts a conflict between any two lines of texts that run over lines.
func TestConflictInText(t *testing.T) {
	text := plangen.Plan(150)
	clean, _ := yamlfile.Parse(source.NewFile("f.yml", text))
	var scalars []*syntax.Scalar
	walk(clean.Root, func(n syntax.Node) {
		if s, ok := n.(*syntax.Scalar); ok && strings.Contains(text[s.Pos.Start:s.Pos.End], "\n") {
			scalars = append(scalars, s)
		}
	})
	if len(scalars) < 5 {
		t.Fatalf("%d texts of several lines, want more", len(scalars))
	}
	for _, s := range scalars {
		for i := int(s.Pos.Start); i < int(s.Pos.End); i++ {
			if text[i] != '\n' || text[i+1] == '\n' {
				continue
			}
			pad := text[i+1 : i+1+strings.IndexFunc(text[i+1:], func(r rune) bool { return r != ' ' })]
			broken := text[:i+1] + fmt.Sprintf(conflict, pad, pad) + text[i+1:]
			tree, findings := yamlfile.Parse(source.NewFile("f.yml", broken))
			want := slices.DeleteFunc(leaves(clean.Root), func(l string) bool { return strings.HasSuffix(l, fmt.Sprintf(" = %q", s.Text)) })
			line := strings.Count(text[:i+1], "\n") + 1
			if missing, _ := lost(leaves(tree.Root), want); missing != "" || !threeMarkers(findings, line) {
				t.Fatalf("line %d: lost %q\n%s", line, missing, diag.Sprint(findings))
			}
		}
	}
}

// A key without its blank or colon still has the value that was meant.
func TestMeantValues(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a: b\nbuild:x y\n", "a: b\nbuild: x y\n"},
		{"a: b\ninputs\n- c\n- d: e\n", "a: b\ninputs:\n- c\n- d: e\n"},
	} {
		got, findings := yamlfile.Parse(source.NewFile("f.yml", c.text))
		want, _ := yamlfile.Parse(source.NewFile("f.yml", c.want))
		if dump(got.Root) != dump(want.Root) || len(findings) != 1 {
			t.Errorf("%q: %d findings and\n%swant one and\n%s", c.text, len(findings), dump(got.Root), dump(want.Root))
		}
	}
}

// TestTextOutdented takes indentation from one line in the middle of each block text: one finding, with a fix that brings
// the whole plan back, and the text is read all the same.
func TestTextOutdented(t *testing.T) {
	text := plangen.Plan(150)
	clean, _ := yamlfile.Parse(source.NewFile("f.yml", text))
	want, tried := dump(clean.Root), 0
	walk(clean.Root, func(n syntax.Node) {
		s, ok := n.(*syntax.Scalar)
		if !ok || s.Style != syntax.Literal && s.Style != syntax.Folded {
			return
		}
		lines := strings.SplitAfter(text[s.Content:s.Pos.End], "\n")
		pad := s.Content - int32(strings.LastIndexByte(text[:s.Content], '\n')+1)
		off := int(s.Content) + len(lines[0])
		for _, line := range lines[1 : len(lines)-1] {
			word := strings.TrimSpace(line)
			for _, less := range []string{"", " ", strings.Repeat(" ", int(pad)-1), "\t"} {
				if word == "" || strings.Contains(word, ": ") {
					continue
				}
				tried++
				f := source.NewFile("f.yml", text[:off]+less+strings.TrimLeft(line, " ")+text[off+len(line):])
				tree, findings := yamlfile.Parse(f)
				if len(findings) != 1 || findings[0].Code != diag.BadIndentation || f.Slice(findings[0].Span) != word {
					t.Fatalf("%q indented by %q: %s", word, less, diag.Sprint(findings))
				}
				if len(line) == int(pad)+len(word)+1 { // else it had more indentation than the text
					if got := dump(tree.Root); got != want {
						t.Fatalf("%q indented by %q: %s", word, less, got)
					}
					if fixed, err := source.Apply(f.Text(), findings[0].Fixes[0].Edits); err != nil || fixed != text {
						t.Fatalf("%q indented by %q: the fix fails (%v) or gives\n%s", word, less, err, fixed)
					}
				}
			}
			off += len(line)
		}
	})
	if tried < 20 {
		t.Errorf("%d lines tried, want more", tried)
	}
}

// TestBeforeFields: whatever stands before the fields of a plan and makes no mapping of them costs no more than its own lines.
func TestBeforeFields(t *testing.T) {
	const plan = "name: demo/app\nversion: 1.0.@\ndepends:\n- db-latest as db\ninputs:\n- id: zone\n  default: [a,\n  b]\n"
	for before, want := range map[string]string{
		"- x\n": "1:1", "[\n": "1:1", "{\n": "1:1", "|\n": "1:1", "> x\n": "1:3", "# c\n  foo\n": "2:3", "[a]\n": "1:1", "! x\n": "1:1",
		"---\n- x\n": "2:1", "[\n---\n": "1:1", " %YAML 1.1\n---\n": "1:2", "\t- : ? }\nx\n": "1:1", "\ufeff- x\n": "1:1",
	} {
		for _, end := range []string{"\n", "\r\n"} {
			f := source.NewFile("f.yml", strings.ReplaceAll(before+plan, "\n", end))
			tree, findings := yamlfile.Parse(f)
			root, ok := tree.Root.(*syntax.Mapping)
			if !ok || len(root.Entries) != 4 {
				t.Errorf("%q: the plan is not read", before)
				continue
			}
			if len(findings) == 0 || len(findings) > 2 && before[0] != '\t' {
				t.Errorf("%q: %d findings", before, len(findings))
			} else if got := f.Position(int(findings[0].Span.Start)); fmt.Sprintf("%d:%d", got.Line, got.Column) != want {
				t.Errorf("%q: found at %v, want %s", before, got, want)
			}
		}
	}
	tree, _ := yamlfile.Parse(source.NewFile("f.yml", "{\nname: demo/app,\nversion: 1.0 x: y,\n}\n"))
	if root, ok := tree.Root.(*syntax.Mapping); !ok || !root.Flow {
		t.Error("a flow mapping with a mistake is no longer one")
	}
}
