package lsp

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"pgregory.net/rapid"

	"escape.build/escape/lang/source"
)

// A naiveText is a text as the protocol words it: lines that end in LF, CRLF or CR, and units in them.
type naiveText struct {
	text string
	utf8 bool
}

// offset returns the offset of a position by going through the text from its start.
func (n naiveText) offset(p protocol.Position) int {
	at := 0
	for line := uint32(0); line < p.Line; line++ {
		i := strings.IndexAny(n.text[at:], "\r\n")
		if i < 0 {
			return len(n.text)
		}
		if at += i; strings.HasPrefix(n.text[at:], "\r\n") {
			at++
		}
		at++
	}
	units := uint32(0)
	for i, r := range n.text[at:] {
		if units += n.units(string(r)); r == '\n' || r == '\r' || units > p.Character {
			return at + i
		}
	}
	return len(n.text)
}

func (n naiveText) units(s string) uint32 {
	if n.utf8 {
		return uint32(len(s))
	}
	return uint32(len(utf16.Encode([]rune(s))))
}

// TestPositionsProperty: positions and offsets are those of the protocol, there and back, whatever the text holds, for clients that
// count bytes and for those that count UTF-16 units, and a text that the client edits becomes what the client has.
func TestPositionsProperty(t *testing.T) {
	texts := rapid.StringOf(rapid.SampledFrom([]rune{'\r', '\n', 'a', ' ', 'é', '😀', '\ufeff', '\u2028', '\u2029', '\u0085', '\t'}))
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		for _, bytes := range []bool{true, false} {
			s := &server{can: abilities{utf8: bytes}}
			f, want := source.NewFile("f", text), naiveText{text, bytes}
			for off := 0; off <= len(text); off++ {
				if off < len(text) && !utf8.RuneStart(text[off]) {
					continue
				}
				back := off
				if off > 0 && text[off-1] == '\r' && strings.HasPrefix(text[off:], "\n") {
					back-- // inside of a line break is the end of the line
				}
				p := s.can.position(f, off)
				if got := s.can.offset(f, p); got != back || want.offset(p) != back {
					t.Fatalf("%q, bytes %v: %d is %v, which is %d, and for others %d", text, bytes, off, p, got, want.offset(p))
				}
			}
			for line := range uint32(f.LineCount() + 2) {
				for char := range uint32(8) {
					p := protocol.Position{Line: line, Character: char}
					if got := s.can.offset(f, p); got != want.offset(p) {
						t.Fatalf("%q, bytes %v: %v is %d, want %d", text, bytes, p, got, want.offset(p))
					}
				}
			}
			places := rapid.Custom(func(t *rapid.T) protocol.Position {
				return protocol.Position{Line: rapid.Uint32Range(0, 5).Draw(t, "line"), Character: rapid.Uint32Range(0, 6).Draw(t, "character")}
			})
			for range 3 { // one edit after the other, as a notification may have them
				r, with := protocol.Range{Start: places.Draw(t, "start"), End: places.Draw(t, "end")}, texts.Draw(t, "with")
				from, to := want.offset(r.Start), want.offset(r.End)
				want.text = want.text[:from] + with + want.text[max(from, to):]
				f, _ = s.edited(f, &protocol.TextDocumentContentChangePartial{Range: r, Text: with})
				if f.Text() != want.text {
					t.Fatalf("bytes %v: after an edit of %v the text is %q, want %q", bytes, r, f.Text(), want.text)
				}
			}
		}
	})
}
