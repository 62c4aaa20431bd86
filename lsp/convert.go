package lsp

import (
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
)

// pathOf returns the absolute path of a document; "" if it is no file. Schemes and hosts have no case, and "localhost" is no other
// host (RFC 8089).
func pathOf(u string) string {
	const scheme, local = "file:", "//localhost/"
	if len(u) < len(scheme) || !strings.EqualFold(u[:len(scheme)], scheme) {
		return ""
	}
	rest := u[len(scheme):]
	if len(rest) >= len(local) && strings.EqualFold(rest[:len(local)], local) {
		rest = "//" + rest[len(local)-1:]
	}
	parsed, err := uri.Parse(scheme + rest)
	if err != nil {
		return ""
	}
	return filepath.Clean(parsed.FsPath())
}

// uriKey returns the one form of all URIs of a file. Other URIs stay as they are.
func uriKey(u string) string {
	if path := pathOf(u); path != "" {
		return cache.FileURI(path)
	}
	return u
}

// offset converts a position of the client to a byte offset, which is cut to the text.
func (a *abilities) offset(f *source.File, p protocol.Position) int {
	if !a.utf8 {
		if off, ok := f.OffsetUTF16(int(p.Line), int(p.Character)); ok {
			return off
		}
		return len(f.Text())
	}
	if int(p.Line) >= f.LineCount() {
		return len(f.Text())
	}
	line := wholeLine(f, int(p.Line)+1)
	off := int(line.Start) + min(int(p.Character), line.Len())
	for off > int(line.Start) && off < int(line.End) && !utf8.RuneStart(f.Text()[off]) {
		off-- // into the middle of a character means its start
	}
	return off
}

// wholeLine returns the span of a line without its line break, but with the byte order mark, which is a character for clients.
func wholeLine(f *source.File, n int) source.Span {
	line := f.Line(n)
	if n == 1 {
		line.Start = 0
	}
	return line
}

// position converts a byte offset to a position of the client.
func (a *abilities) position(f *source.File, off int) protocol.Position {
	if !a.utf8 {
		line, char := f.UTF16(off)
		return protocol.Position{Line: uint32(line), Character: uint32(char)}
	}
	n := f.LineOf(off)
	line := wholeLine(f, n)
	return protocol.Position{Line: uint32(n - 1), Character: uint32(min(max(off-int(line.Start), 0), line.Len()))}
}

func (a *abilities) rangeOf(f *source.File, s source.Span) protocol.Range {
	return protocol.Range{Start: a.position(f, int(s.Start)), End: a.position(f, int(s.End))}
}

func (a *abilities) ranges(f *source.File, spans []source.Span) []protocol.Range {
	out := make([]protocol.Range, len(spans))
	for i, span := range spans {
		out[i] = a.rangeOf(f, span)
	}
	return out
}

func (a *abilities) span(f *source.File, r protocol.Range) source.Span {
	start, end := a.offset(f, r.Start), a.offset(f, r.End)
	return source.Span{Start: int32(start), End: int32(max(start, end))}
}

// edits converts edits of a text.
func (a *abilities) edits(f *source.File, edits []source.Edit) []protocol.TextEdit {
	out := make([]protocol.TextEdit, len(edits))
	for i, e := range edits {
		out[i] = protocol.TextEdit{Range: a.rangeOf(f, e.Span), NewText: e.New}
	}
	return out
}

// uriOf returns the URI of a text that findings, definitions and the like name.
func uriOf(snap *cache.Snapshot, f *source.File) uri.URI {
	for _, d := range snap.Open() {
		if d.Source.Name() == f.Name() {
			return uri.URI(d.Written)
		}
	}
	return uri.URI(cache.FileURI(f.Name()))
}

func location(snap *cache.Snapshot, a *abilities, f *source.File, s source.Span) protocol.Location {
	return protocol.Location{URI: uriOf(snap, f), Range: a.rangeOf(f, s)}
}
