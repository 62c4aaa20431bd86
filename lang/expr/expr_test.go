package expr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/expr/exprtest"
	"escape.build/escape/lang/source"
)

func TestChunks(t *testing.T) {
	exprtest.Run(t, "testdata/*.esc", func(t *testing.T, c exprtest.Case) {
		e, found := expr.Parse(c.Text)
		exprtest.Findings(t, c, exprtest.List(found))
		checkSpans(t, c.Text, e, found)
		if len(c.Errors) > 0 {
			return
		}
		if got := expr.String(e); got != c.Want {
			t.Errorf("String = %s, want %s", got, c.Want)
		}
		checkRoundTrip(t, e)
	})
}

// ignorePlaces makes trees comparable that stand at different places.
var ignorePlaces = cmp.Options{
	cmpopts.IgnoreTypes(source.Span{}),
	cmpopts.IgnoreFields(expr.Select{}, "Dot"),
	cmpopts.IgnoreFields(expr.Args{}, "Open", "Close", "Commas"),
	cmpopts.EquateEmpty(),
}

// checkRoundTrip: parsing what is printed gives the same tree, and printing that the same text.
func checkRoundTrip(t *testing.T, e expr.Expr) {
	t.Helper()
	text := expr.String(e)
	again, found := expr.Parse(text)
	if len(found) > 0 {
		t.Fatalf("%s does not parse: %s", text, found[0].Message)
	}
	if diff := cmp.Diff(e, again, ignorePlaces); diff != "" {
		t.Errorf("%s: tree changed:\n%s", text, diff)
	}
	if got := expr.String(again); got != text {
		t.Errorf("%s printed again is %s", text, got)
	}
}

// checkSpans: all spans lie in the text, those of children in their parents, and siblings in order.
func checkSpans(t *testing.T, text string, e expr.Expr, found diag.List) {
	t.Helper()
	whole := source.Span{End: int32(len(text))}
	if !whole.Encloses(e.Span()) {
		t.Errorf("%q: span %v of the tree lies outside", text, e.Span())
	}
	expr.Walk(e, func(e expr.Expr) bool {
		if s := e.Span(); s.End < s.Start {
			t.Errorf("%q: span %v of %T", text, s, e)
		}
		end := e.Span().Start
		expr.Children(e, func(c expr.Expr) bool {
			if !e.Span().Encloses(c.Span()) || c.Span().Start < end {
				t.Errorf("%q: span %v of %T in %v of %T", text, c.Span(), c, e.Span(), e)
			}
			end = c.Span().End
			return true
		})
		return true
	})
	for _, d := range found {
		if !whole.Encloses(d.Span) || d.Span.End < d.Span.Start {
			t.Errorf("%q: span %v of %q", text, d.Span, d.Message)
		}
		if d.Code == nil || d.Message == "" {
			t.Errorf("%q: empty finding %+v", text, d)
		}
	}
}

func TestSpans(t *testing.T) {
	tests := []struct{ text, marked string }{
		{`$`, `$`},
		{`$this.`, `.`},
		{`$this.9x.y`, `9x`},
		{`$this..y`, `.`},
		{`$__id('a')`, `'a'`},
		{`$__id(true, 1)`, `true`},
		{`$__id (1)`, ` (1)`},
		{`$__id("a`, `"a`},
		{`$__id("a\qb")`, `\q`},
		{`$__id(99999999999999999999)`, `99999999999999999999`},
		{`$x[a]`, `a`},
		{`$x[:1:2]`, `:2`},
		{`$this.version `, ` `},
		{`$__id(1 2)`, `2`},
		{`$func(x) $x`, `$x`},
	}
	for _, test := range tests {
		_, found := expr.Parse(test.text)
		if len(found) != 1 {
			t.Errorf("%s: %d findings", test.text, len(found))
			continue
		}
		if got := test.text[found[0].Span.Start:found[0].Span.End]; got != test.marked {
			t.Errorf("%s marks %q, want %q", test.text, got, test.marked)
		}
	}
}

func TestRecovery(t *testing.T) {
	tests := []struct {
		text, printed string
		findings      int
	}{
		{`$dep.`, `$dep.`, 1},
		{`$dep..x.`, `$dep..x.`, 2},
		{`$__concat($a., $.b, "c`, `$__concat($a., $.b, "c")`, 3},
		{`$__concat(a, b, c)`, `$__concat(a, b, c)`, 3},
		{`$__concat($a.split(x).y, $b`, `$__concat($a.split(x).y, $b)`, 2},
		{`$func(x) { $__id($x }`, `$func(x) { $__id($x) }`, 1},
		{`$a[x][1]`, `$a[][1]`, 1},
	}
	for _, test := range tests {
		e, found := expr.Parse(test.text)
		if got := expr.String(e); got != test.printed || len(found) != test.findings {
			t.Errorf("%s: %s, %d findings; want %s, %d", test.text, got, len(found), test.printed, test.findings)
		}
	}
}

func TestDepth(t *testing.T) {
	const size = 1 << 20
	for _, unit := range []string{"(", "$__a(", ".a", "[0]", "$func(){", "$func(){}(", "$", "$func(x) { $x", ".a(", `"`, "{", "$x,", "\\"} {
		text := "$a" + strings.Repeat(unit, size/len(unit))
		e, found := expr.Parse(text)
		if len(found) == 0 {
			t.Errorf("a megabyte of %q: no findings", unit)
		}
		for _, d := range found {
			if len(d.Message) > 100_000 {
				t.Errorf("a megabyte of %q: message of %d bytes", unit, len(d.Message))
			}
		}
		if n := height(e); n > expr.MaxDepth+1 {
			t.Errorf("a megabyte of %q: height %d", unit, n)
		}
	}
	long := "$a" + strings.Repeat(".b", expr.MaxDepth-2)
	if _, found := expr.Parse(long); len(found) > 0 {
		t.Errorf("chain within the limit: %s", found[0].Message[:80])
	}
}

func height(e expr.Expr) int {
	n := 0
	expr.Children(e, func(c expr.Expr) bool { n = max(n, height(c)); return true })
	return n + 1
}

func TestIsScript(t *testing.T) {
	for text, want := range map[string]bool{"": false, "$": true, "$$": false, "$$x": false, "$x": true, " $x": false, "a$x": false,
		"a {{ $x }}": false, "{{x}}": false} {
		if got := expr.IsScript(text); got != want {
			t.Errorf("IsScript(%q) = %v", text, got)
		}
	}
}

func TestPathAt(t *testing.T) {
	text := `$__concat("v", $this.inputs.zone[0].upper())`
	e, _ := expr.Parse(text)
	tests := []struct {
		at   string // the cursor is behind its first occurrence
		want string
	}{
		{`$__con`, `Call`},
		{`$__concat("`, `Call Literal`},
		{`$__concat("v", $th`, `Call Call Index Select Select Ref`},
		{`$__concat("v", $this.inp`, `Call Call Index Select Select`},
		{`$__concat("v", $this.inputs.zone`, `Call Call Index Select`},
		{`$__concat("v", $this.inputs.zone[0`, `Call Call Index Literal`},
		{`$__concat("v", $this.inputs.zone[0].up`, `Call Call`},
		{text, `Call`},
	}
	for _, test := range tests {
		var names []string
		for _, n := range expr.PathAt(e, len(test.at)) {
			names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", n), "*expr."))
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("behind %s: %s, want %s", test.at, got, test.want)
		}
	}
	if got := expr.PathAt(e, len(text)+1); got != nil {
		t.Errorf("outside: %v", got)
	}
}

func TestRefs(t *testing.T) {
	e, _ := expr.Parse(`$__concat($this.inputs.zone, $func(x) { $x.concat($db.version) }($dep.), $y[0].z, $a.b.upper().c)`)
	var got []string
	for _, r := range expr.Refs(e) {
		var names []string
		for _, n := range r.Names {
			names = append(names, n.Text)
		}
		got = append(got, strings.Join(names, "."))
	}
	if want := "this.inputs.zone db.version dep. y a.b"; strings.Join(got, " ") != want {
		t.Errorf("Refs = %q, want %q", got, want)
	}
}

func FuzzExpr(f *testing.F) {
	for _, text := range exprtest.Texts(f, "testdata/*.esc") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		e, found := expr.Parse(text)
		checkSpans(t, text, e, found)
		expr.Refs(e)
		for off := 0; off <= len(text); off += 1 + len(text)/16 {
			expr.PathAt(e, off)
		}
		if len(found) == 0 {
			checkRoundTrip(t, e)
		} else {
			expr.String(e)
		}
	})
}

func benchParse(b *testing.B, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		expr.Parse(text)
	}
}

func BenchmarkParseSmall(b *testing.B)  { benchParse(b, `$this.version`) }
func BenchmarkParseConcat(b *testing.B) { benchParse(b, `$__concat("v", $this.version)`) }
func BenchmarkParseLarge(b *testing.B) {
	benchParse(b, `$__concat(`+strings.Repeat(`$dep.outputs.url.replace("http://", "https://", -1).split(",")[0], `, 100)+`"end")`)
}
func BenchmarkParseBroken(b *testing.B) { benchParse(b, `$__concat("v", $this., $x..y`) }
