// Package syntax holds the tree of one document, whatever notation it is written in. The tree is faithful: it says
// what is written, in order, duplicates included, and nothing of what it means. It is not changed after parsing.
//
// Front ends (lang/yamlfile, lang/hclfile) make trees; lang/plan reads meaning out of them.
package syntax

import (
	"sort"
	"strings"

	"escape.build/escape/lang/source"
)

// Notation is the language a document is written in.
type Notation uint8

// The notations.
const (
	YAML Notation = iota
	HCL
)

// NotationOf returns the notation of a file by its name: HCL for one that ends in ".hcl".
func NotationOf(name string) Notation {
	if strings.HasSuffix(name, ".hcl") {
		return HCL
	}
	return YAML
}

// String returns "YAML" or "HCL".
func (n Notation) String() string { return [...]string{"YAML", "HCL"}[n] }

// A File is a parsed document.
type File struct {
	Source   *source.File
	Notation Notation
	// Root is the first document; nil if the text holds none (empty, or only comments).
	Root Node
	// Comments are all comments of the first document in order, also those that hang on entries.
	Comments []Comment
	// End is where the first document ends: the offset of a following document marker, else the length of the text.
	End int32
	// Conflicted says that the text holds conflict markers of a merge: both sides are in the tree, so keys that are
	// there twice are no finding of their own.
	Conflicted bool
	// Memory is what the front end that made the tree keeps for reading the text again after a change; nil if it cannot.
	Memory any
}

// A Node is a *Mapping, *Sequence, *Scalar, *Alias or *Bad.
type Node interface {
	// Span covers the node's own text: for a quoted scalar with its quotes, for a block scalar from its header to
	// the end of its last line of content, for an empty value the place where it would stand.
	Span() source.Span
	node()
}

// Props are what may stand before a node in YAML.
type Props struct {
	Anchor string // name without "&"
	Tag    string // as written, such as "!!str"; empty if none
}

// A Mapping is a set of entries as written.
type Mapping struct {
	Pos     source.Span
	Props   *Props // nil if none
	Entries []Entry
	Flow    bool // {...}
	// Foot are whole-line comments behind the last entry that belong to no entry.
	Foot []Comment
}

// An Entry is one key with its value in a Mapping: a YAML pair, an HCL attribute, or an HCL block.
type Entry struct {
	Lead   []Comment // whole-line comments above, in order
	Key    *Scalar   // never nil; for a key that is no scalar, an empty one whose span covers the key
	Odd    Node      // the key as written if it is no scalar (an alias, a mapping, a sequence)
	Labels []*Scalar // HCL block labels; nil otherwise
	Block  bool      // an HCL block; its Value is a Mapping
	Value  Node      // never nil; *Bad if the text could not be parsed
	Trail  *Comment  // comment on the line of the key or of a one-line value
	Unit   *Unit     // nil if nothing can be said about it after an edit
}

// Span covers key and value.
func (e *Entry) Span() source.Span { return e.Key.Pos.To(e.Value.Span()) }

// A Sequence is an ordered list.
type Sequence struct {
	Pos   source.Span
	Props *Props
	Items []Item
	Flow  bool // [...]
	Foot  []Comment
}

// An Item is one element of a Sequence.
type Item struct {
	Lead  []Comment
	Dash  int32 // offset of the "-" in block style; -1 otherwise
	Value Node  // never nil
	Trail *Comment
	Unit  *Unit // nil if nothing can be said about it after an edit
}

// Style is how a scalar is written.
type Style uint8

// The scalar styles. Empty is a value left out, as in "key:".
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal // |
	Folded  // >
	Empty
	Heredoc // <<EOF of HCL
	Native  // an expression of HCL; Text is what it says in Escape Script
)

// Kind is what a scalar is by itself, before a field says what it should be. YAML plans use the rules of YAML 1.1 as
// the original reads them (10-language, section 0).
type Kind uint8

// The scalar kinds.
const (
	String Kind = iota
	Null
	Bool
	Int   // fits int64
	Uint  // fits uint64 only
	Float // also integers above 64 bits
	Merge // the key "<<"
)

// A Scalar is a text value.
type Scalar struct {
	Pos   source.Span
	Style Style
	Kind  Kind // String for all styles but Plain and Empty, unless a tag says otherwise
	Props *Props
	// Text is the value: the source text of a plain scalar, the content of a quoted or block one after escapes,
	// folding and removal of indentation. !!binary is not decoded here.
	Text string
	// Segments map Text to the source, in order. nil means that Text stands in one piece at Content.
	Segments []Segment
	// Content is where the text starts: behind the quote, or at the first character of a block.
	Content int32
}

// A Segment says that Len bytes of a scalar's Text from Value on are the SrcLen bytes of the source from Src on. If
// Len equals SrcLen the bytes are the same (or one byte, a line break, became one other); otherwise the segment is one
// escape or line fold, which maps as a whole.
// Bytes of Text in no segment stand for no source (SrcLen 0 at the place where they would be).
type Segment struct {
	Value, Src, Len, SrcLen int32
}

// An Alias is "*name".
type Alias struct {
	Pos    source.Span
	Name   string
	Target Node // what the anchor names; nil if there is none
}

// A Bad stands for text that could not be read.
type Bad struct{ Pos source.Span }

// Span implements Node.
func (n *Mapping) Span() source.Span { return n.Pos }

// Span implements Node.
func (n *Sequence) Span() source.Span { return n.Pos }

// Span implements Node.
func (n *Scalar) Span() source.Span { return n.Pos }

// Span implements Node.
func (n *Alias) Span() source.Span { return n.Pos }

// Span implements Node.
func (n *Bad) Span() source.Span { return n.Pos }

func (*Mapping) node()  {}
func (*Sequence) node() {}
func (*Scalar) node()   {}
func (*Alias) node()    {}
func (*Bad) node()      {}

// A Comment is text from "#" (or "//", "/*" in HCL) to its end, without the line break.
type Comment struct {
	Pos  source.Span
	Text string
}

// Source maps a span of s.Text to the source. The result is exact as far as both ends lie in text that stands as it
// is; an end inside an escape widens to the whole escape.
func (s *Scalar) Source(span source.Span) source.Span {
	start, end := s.offset(span.Start, false), s.offset(span.End, true)
	return source.Span{Start: start, End: max(start, end)}
}

// offset maps one offset of Text. As an end it is the place behind the byte before it.
func (s *Scalar) offset(off int32, isEnd bool) int32 {
	off = min(max(off, 0), int32(len(s.Text)))
	if s.Segments == nil {
		return s.Content + off
	}
	at := off
	if isEnd && off > 0 {
		at = off - 1 // the segment that holds the last byte
	}
	i := sort.Search(len(s.Segments), func(i int) bool { return s.Segments[i].Value > at }) - 1
	if i < 0 {
		return s.Content
	}
	g := s.Segments[i]
	switch {
	case off >= g.Value+g.Len:
		return g.Src + g.SrcLen
	case g.Len == g.SrcLen:
		return g.Src + off - g.Value
	case isEnd:
		return g.Src + g.SrcLen
	default:
		return g.Src
	}
}
