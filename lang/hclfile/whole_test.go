package hclfile

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// wholes are texts that are hard to read part by part.
var wholes = []string{
	"", "a = 1\n", "a = 1\nb = 2", "a = 1\na = 2\n", "a {\n}\n\nb {\n}\n", "a = f(x,\ny)\nb = 1\n", "a = [\nx,\ny\n]\nb = 1\n",
	"a = <<E\nb = 1\n/* c\nE\nd = 1 # e\n", "/* a\nb = 1\n*/\nc = 1\n", "a = 1 /* b\nc = 1\n*/\nd = 1\n", "a = \"#\"\nb = 2 # c\n",
	"a = \"${\nb\n}\" # c\nd = 1\n", "a = \"\\\"#\" # b\nc = \"//\"\n", "a = \"x${\"#\"}\" # y\n", "a = \"%{if x}#%{endif}\" // y\n",
	"a = 1 # \"b\nc = 1 # d\n", "a = \"\nb = 1\n", "a {\nb = 1\n", "}\na = 1\n", "a = 1\n/*\nb = 1\n", "\uFEFFa = 1 # b\nc = 1\n", "a = x // \"\nb = \"//\"//\n",
	"a = \"http://x/*\"\nb = \"*/\"\nc = 1/*d*/\n", "# a\r\nb = 1 # c\r\n# d\r\ne = 1\r\n",
}

// FuzzWhole: a text is read part by part with the result of reading it at once.
func FuzzWhole(f *testing.F) {
	for _, text := range wholes {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip()
		}
		file := source.NewFile("escape.hcl", text)
		reader := func() *parser {
			p := &parser{file: file, src: []byte(text), out: &syntax.File{Source: file, Notation: syntax.HCL, End: int32(len(text))}, told: map[int]bool{}}
			p.blankBOM()
			return p
		}
		got, want := reader(), reader()
		if !got.sane() {
			t.Skip()
		}
		_, diags := hclsyntax.ParseConfig(want.src, "escape.hcl", hcl.InitialPos)
		parts, ok := got.whole()
		if ok == diags.HasErrors() {
			t.Fatalf("%q is read: %t, but at once there are %v", text, ok, diags)
		}
		if !ok {
			return
		}
		want.commentsIn(want.src, hcl.InitialPos)
		got.comments()
		if d := cmp.Diff(want.out.Comments, got.out.Comments); d != "" {
			t.Fatalf("comments of %q (-at once +in parts):\n%s", text, d)
		}
		body, _ := want.parse(source.Span{Start: 0, End: int32(len(want.src))})
		want.root([]part{{body: body}})
		got.root(parts)
		if d := cmp.Diff(want.out.Root, got.out.Root); d != "" {
			t.Fatalf("the tree of %q (-at once +in parts):\n%s", text, d)
		}
	})
}

// lexed returns what Verbatim does, by the tokens.
func lexed(text string) (comments, heredocs []source.Span) {
	tokens, _ := hclsyntax.LexConfig([]byte(text), "", hcl.InitialPos)
	var open []int
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenComment:
			end := t.Range.Start.Byte + len(bytes.TrimRight(t.Bytes, "\r\n"))
			comments = append(comments, source.Span{Start: int32(t.Range.Start.Byte), End: int32(end)})
		case hclsyntax.TokenOHeredoc:
			open = append(open, t.Range.Start.Byte)
		case hclsyntax.TokenCHeredoc:
			heredocs = append(heredocs, source.Span{Start: int32(open[len(open)-1]), End: int32(t.Range.End.Byte)})
			open = open[:len(open)-1]
		}
	}
	return comments, heredocs
}

// FuzzSkim: the comments and heredocs of a valid text are those that its tokens have.
func FuzzSkim(f *testing.F) {
	for _, text := range append(wholes, "a = <<-E\n  x ${f(<<F\n}\nF\n)} # y\n $${ %%{ $$ %\n  E\nb = 1 # c", "a = <<E\r\nE\r\nb=1", "a = \"${{b = \"}\"}} # x\" # y") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 || !utf8.ValidString(text) {
			t.Skip()
		}
		if _, diags := hclsyntax.ParseConfig([]byte(text), "escape.hcl", hcl.InitialPos); diags.HasErrors() {
			t.Skip()
		}
		comments, heredocs := lexed(text)
		s, ok := skim([]byte(text))
		if !ok {
			t.Skip()
		}
		if d := cmp.Diff(comments, s.comments); d != "" {
			t.Errorf("comments of %q (-tokens +skim):\n%s", text, d)
		}
		if d := cmp.Diff(heredocs, s.heredocs); d != "" {
			t.Errorf("heredocs of %q (-tokens +skim):\n%s", text, d)
		}
	})
}

// TestLongText: a heredoc of many lines is read as one of few is.
func TestLongText(t *testing.T) {
	for _, body := range []string{"x", "  x", "\tx\n   y", "", "  ", "x $ % $", "x # y // z /* \\ \"", "é", " é", "{", "}"} {
		for _, begin := range []string{"a = <<E\n", "a = <<-E\n", "b {\n  a = <<-E\n", "a = f(<<E\n", "a = script(<<-E\n$x\n"} {
			for _, eol := range []string{"\n", "\r\n"} {
				end := map[byte]string{'b': "  E\n}\n", 'a': "E\n"}[begin[0]]
				if strings.Contains(begin, "(") {
					end += ")\n"
				}
				text := begin + strings.Repeat("    "+body+"\n", longText+1) + "     last\n" + end + "c = 1 # d\n"
				text = strings.ReplaceAll(text, "\n", eol)
				f := source.NewFile("escape.hcl", text)
				p := &parser{file: f, src: []byte(text), out: &syntax.File{Source: f}, told: map[int]bool{}}
				got, findings := Parse(f)
				read, diags := p.parseText(p.src, 0)
				p.comments()
				p.root([]part{{body: read}})
				if len(findings) > 0 || diags.HasErrors() || len(p.long) > 0 {
					t.Fatalf("%q cannot be read: %v", text, findings)
				}
				if d := cmp.Diff(p.out.Root, got.Root); d != "" {
					t.Errorf("%s of %q (-as it is +folded):\n%s", begin, body, d)
				}
			}
		}
	}
}
