package hclfile

import (
	"bytes"
	"sort"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A memory says of a tree that Edit can make use of it: there are no mistakes, and each attribute and block of the top level
// can be read by itself.
type memory struct{}

// simple reports whether Edit can make use of what was read.
func (p *parser) simple() bool {
	root, ok := p.out.Root.(*syntax.Mapping)
	return ok && len(p.findings) == 0 && !p.out.Conflicted && !bytes.HasPrefix(p.src, []byte(bom)) && p.calm(root.Entries, 0, len(p.src))
}

// calm reports whether none of the limits of sane can be passed by what stands between two offsets, however much of its kind
// there is: brackets are closed where they are opened. entries are those between the offsets.
func (p *parser) calm(entries []syntax.Entry, from, to int) bool {
	for i := range entries {
		if at := lineOf(p.src, since(&entries[i])); at > from {
			if !calm(p.src[from:at]) {
				return false
			}
			from = at
		}
	}
	return calm(p.src[from:to])
}

func calm(text []byte) bool {
	if longHeredoc(text).End > 0 || bytes.Contains(text, []byte("<<")) && openHeredoc(text) {
		return false
	}
	depth, run, questions := 0, 0, 0
	for _, c := range text {
		switch c {
		case ' ', '!', '-', '\t', '~':
			if run++; run > maxDepth {
				return false
			}
			continue
		case '{', '[', '(':
			if depth++; depth > maxDepth {
				return false
			}
		case '}', ']', ')':
			if depth--; depth < 0 {
				return false
			}
		case '\n':
			questions = 0
		case '?':
			if questions++; questions > maxDepth {
				return false
			}
		}
		run = 0
	}
	return depth == 0
}

// openHeredoc reports whether a heredoc has no end in a text.
func openHeredoc(text []byte) bool {
	word := ""
	for line := range bytes.Lines(text) {
		switch {
		case word == "":
			word = heredoc(string(line))
		case string(bytes.TrimSpace(line)) == word:
			word = ""
		}
	}
	return word != ""
}

// since is where the comments above an entry begin, or the entry.
func since(e *syntax.Entry) int {
	if len(e.Lead) > 0 {
		return int(e.Lead[0].Pos.Start)
	}
	return int(e.Key.Pos.Start)
}

func lineOf(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }

// Edit reads f, which is the text of old but for change. It reads only the attributes and blocks of the top level around the
// change. What stands before is shared with old, what follows is copied to its new place. The result is that of Parse; false if
// Parse has to be asked.
func Edit(f *source.File, old *syntax.File, change source.Change) (*syntax.File, diag.List, bool) {
	text := f.Text()
	root, ok := old.Root.(*syntax.Mapping)
	if _, simple := old.Memory.(memory); !simple || !ok || len(text) > maxText || strings.Count(text, "/*") > maxOpenComments {
		return nil, nil, false
	}
	e := editor{f: f, old: old, root: root, change: change}
	first := e.first()
	for last := e.next(first); first >= 0; last = e.next(last) {
		out, ok, more := e.read(first, last)
		switch {
		case more:
		case ok:
			return out, e.found, true
		case e.broken:
			return e.mend(first, last)
		default:
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// An editor reads around a change.
type editor struct {
	f      *source.File
	old    *syntax.File
	root   *syntax.Mapping
	change source.Change
	broken bool // whether what stands around the change cannot be parsed
	found  diag.List
}

// first returns the index of the last entry that begins, with its comments, before the change; -1 if there is none.
func (e *editor) first() int {
	entries := e.root.Entries
	i := sort.Search(len(entries), func(i int) bool { return since(&entries[i]) > e.change.Start }) - 1
	for i >= 0 && !e.firstColumn(since(&entries[i])) {
		i--
	}
	return i
}

// next returns the index of the first entry behind entry i that stands, with its comments, behind the change; the number of
// entries if there is none.
func (e *editor) next(i int) int {
	entries := e.root.Entries
	for i++; i < len(entries); i++ {
		at := since(&entries[i])
		if at >= e.change.OldEnd && e.firstColumn(at) {
			if at += e.change.Delta(); at == 0 || e.f.Text()[at-1] == '\n' {
				return i
			}
		}
	}
	return len(entries)
}

// firstColumn reports whether an offset of the old text is the start of a line.
func (e *editor) firstColumn(at int) bool {
	return at == 0 || e.old.Source.Text()[at-1] == '\n'
}

// read makes the tree with entries from first up to last read anew. It reports whether it is right, and whether more entries
// have to be read: a comment belongs to the next one.
func (e *editor) read(first, last int) (out *syntax.File, ok, more bool) {
	text, entries := e.f.Text(), e.root.Entries
	p, from, to := e.parser(first, last)
	out = p.out
	if part := p.src[from:to]; validPart(part) {
		p.commentsIn(part, p.pos(from))
	} else {
		return nil, false, false
	}
	body, diags := p.parse(source.Span{Start: int32(from), End: int32(to)})
	if diags.HasErrors() {
		e.broken = true
		return nil, false, false
	}
	m := &syntax.Mapping{}
	p.entries(m, body)
	if last == len(entries) {
		m.Foot = p.commentsBefore(int32(len(text)))
	}
	if p.next < len(out.Comments) {
		return nil, false, last < len(entries)
	}
	if first+len(m.Entries)+len(entries)-last == 0 {
		return nil, false, false // there is no root then
	}
	if !p.calm(m.Entries, from, to) || e.twice(m.Entries, first, last) {
		return nil, false, false
	}
	e.join(out, m, first, last)
	if e.found = p.findings; len(e.found) == 0 {
		out.Memory = memory{}
	}
	return out, true, false
}

// parser returns a parser for the text, and where the entries from first up to last stand in it.
func (e *editor) parser(first, last int) (p *parser, from, to int) {
	text, entries := e.f.Text(), e.root.Entries
	from, to = since(&entries[first]), len(text)
	if last < len(entries) {
		to = since(&entries[last]) + e.change.Delta()
	}
	out := &syntax.File{Source: e.f, Notation: syntax.HCL, End: int32(len(text))}
	return &parser{file: e.f, src: []byte(text), out: out, told: map[int]bool{}}, from, to
}

// validPart reports whether none of the limits of sane is passed by a part of a text, which are those of characters.
func validPart(part []byte) bool {
	return bytes.IndexByte(part, 0) < 0 && invalidAt(part) == len(part) && !bytes.Contains(part, []byte(bom)) &&
		!bytes.Contains(part, []byte("<<<<<<<")) && !bytes.Contains(part, []byte(">>>>>>>"))
}

// twice reports whether an attribute among entries is also among those of the old tree that stay.
func (e *editor) twice(entries []syntax.Entry, first, last int) bool {
	for i := range entries {
		if entries[i].Block {
			continue
		}
		for j := range e.root.Entries {
			if old := &e.root.Entries[j]; (j < first || j >= last) && !old.Block && old.Key.Text == entries[i].Key.Text {
				return true
			}
		}
	}
	return false
}

// join puts the tree together: what stands before the entries of m, these, and what follows.
func (e *editor) join(out *syntax.File, m *syntax.Mapping, first, last int) {
	entries, comments := e.root.Entries, e.old.Comments
	mid := syntax.Shifter{Own: true}
	behind := syntax.Shifter{By: int32(e.change.Delta())}
	root := &syntax.Mapping{Pos: source.Span{End: int32(len(e.f.Text()))}}
	root.Entries = make([]syntax.Entry, first+len(m.Entries)+len(entries)-last)
	copy(root.Entries, entries[:first])
	at := first
	for i := range m.Entries {
		mid.Entry(&root.Entries[at], &m.Entries[i])
		at++
	}
	for i := last; i < len(entries); i++ {
		behind.Entry(&root.Entries[at], &entries[i])
		at++
	}
	begin := sort.Search(len(comments), func(i int) bool { return int(comments[i].Pos.Start) >= since(&entries[first]) })
	read := out.Comments
	out.Comments = append(comments[:begin:begin], mid.Comments(read)...)
	if root.Foot = mid.Comments(m.Foot); last < len(entries) {
		root.Foot = behind.Comments(e.root.Foot)
		end := sort.Search(len(comments), func(i int) bool { return int(comments[i].Pos.Start) >= since(&entries[last]) })
		out.Comments = append(out.Comments, behind.Comments(comments[end:])...)
	}
	out.Root = root
}

// mend reads a text with a mistake around the change: each part of the top level by itself, as Parse does, but for those that are
// known.
func (e *editor) mend(first, last int) (*syntax.File, diag.List, bool) {
	p, from, to := e.parser(first, last)
	mid := p.src[from:to]
	if bytes.Contains(mid, []byte("<<")) || bytes.Contains(mid, []byte("/*")) || !p.sane() {
		return nil, nil, false // who knows where it ends
	}
	chunks := cut(p.src)
	p.commentsAround(e, chunks, from, to)
	behind := syntax.Shifter{By: int32(e.change.Delta())}
	p.root(p.parts(chunks, func(chunk source.Span) *syntax.Entry {
		switch {
		case int(chunk.End) <= from:
			return e.only(chunk)
		case int(chunk.Start) < to:
			return nil
		}
		known := e.only(chunk.Shift(-e.change.Delta()))
		if known == nil {
			return nil
		}
		moved := new(syntax.Entry)
		behind.Entry(moved, known)
		return moved
	}))
	return p.out, p.findings, true
}

// only returns the entry that begins a part of the old text, if there is nothing else in it but comments; nil otherwise.
func (e *editor) only(chunk source.Span) *syntax.Entry {
	entries := e.root.Entries
	i := sort.Search(len(entries), func(i int) bool { return entries[i].Key.Pos.Start >= chunk.Start })
	switch {
	case i == len(entries) || entries[i].Key.Pos.Start != chunk.Start,
		i+1 < len(entries) && entries[i+1].Key.Pos.Start < chunk.End,
		entries[i].Value.Span().End > chunk.End,
		entries[i].Trail != nil && entries[i].Trail.Pos.End > chunk.End:
		return nil
	}
	return &entries[i]
}

// commentsAround finds the comments of a text of which what stands between two offsets is to be read anew: those of the chunks
// there, and the old ones of all others.
func (p *parser) commentsAround(e *editor, chunks []source.Span, from, to int) {
	comments := e.old.Comments
	behind := syntax.Shifter{By: int32(e.change.Delta())}
	search := func(at int32) int {
		return sort.Search(len(comments), func(i int) bool { return comments[i].Pos.Start >= at })
	}
	for _, chunk := range chunks {
		switch {
		case int(chunk.End) <= from:
			p.out.Comments = comments[:search(chunk.End):search(chunk.End)]
		case int(chunk.Start) < to:
			p.commentsOf(chunk)
		default:
			p.out.Comments = append(p.out.Comments, behind.Comments(comments[search(chunk.Start-int32(e.change.Delta())):])...)
			return
		}
	}
}
