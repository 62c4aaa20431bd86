package yamlfile

import (
	"sort"
	"strings"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A memory says of a tree that Edit can make use of it.
type memory struct {
	nodes int // at most so many were counted
	// anchors are those of the tree in the order in which their nodes end.
	anchors []anchor
	aliases bool // whether there may be any
}

// simple reports whether what was read depends on nothing that stands far away but anchors: there are no mistakes and no handles
// of tags.
func (p *parser) simple() bool {
	return p.reports == 0 && len(p.findings) == 0 && !p.stopped && !p.conflicted && p.handles == nil
}

// remember returns what helps to read the text of a tree again; nil if nothing does.
func (p *parser) remember(root syntax.Node) any {
	m := memory{nodes: p.nodes, aliases: p.aliases}
	if p.anchors != nil || p.aliases {
		var ok bool
		if m.anchors, ok = anchorsOf(root); !ok {
			return nil
		}
	}
	return m
}

// Edit reads f, which is the text of old but for change. It reads only what stands around the change: an entry of the
// document, or an item or entry of a block collection below one. What stands before is shared with old, what follows is
// copied to its new place. The tree is that of Parse, which finds nothing wrong; false if Parse has to be asked.
func Edit(f *source.File, old *syntax.File, change source.Change) (*syntax.File, bool) {
	m, ok := old.Memory.(memory)
	root, isMap := old.Root.(*syntax.Mapping)
	if !ok || !isMap || root.Flow || len(root.Entries) == 0 || len(f.Text()) > MaxBytes {
		return nil, false
	}
	e := editor{old: old, root: root, memory: m, change: change, mid: syntax.Shifter{Own: true}, behind: syntax.Shifter{By: int32(change.Delta())}}
	if len(m.anchors) > 0 && change.Delta() != 0 {
		e.behind.Moved = map[syntax.Node]syntax.Node{}
	}
	e.p = parser{file: f, src: f.Text(), keyStart: -1, hasCR: strings.IndexByte(f.Text(), '\r') >= 0}
	out := &syntax.File{Source: f, End: int32(len(f.Text()))}
	if !e.read(out) || m.nodes+e.p.nodes > MaxNodes {
		return nil, false
	}
	return out, true
}

// An editor reads around a change.
type editor struct {
	p      parser
	old    *syntax.File
	root   *syntax.Mapping
	memory memory // of the old tree
	change source.Change
	// mid copies what is read, and behind what follows.
	mid, behind syntax.Shifter
}

// Units are the entries of a block mapping or the items of a block sequence of the old tree, in one column.
type units struct {
	entries []syntax.Entry
	items   []syntax.Item
	col     int
}

func (u *units) len() int { return len(u.entries) + len(u.items) }

// start is where a unit begins.
func (u *units) start(i int) int {
	if u.entries != nil {
		return int(u.entries[i].Key.Pos.Start)
	}
	return int(u.items[i].Dash)
}

func (u *units) lead(i int) []syntax.Comment {
	if u.entries != nil {
		return u.entries[i].Lead
	}
	return u.items[i].Lead
}

// since is where the comments above a unit begin, or the unit.
func (u *units) since(i int) int {
	if lead := u.lead(i); len(lead) > 0 {
		return int(lead[0].Pos.Start)
	}
	return u.start(i)
}

// A goal is a unit of the old tree behind the change where the parser finds itself again as it was there.
type goal struct {
	*units
	level   int    // how many collections are open there
	text    string // the old one
	change  source.Change
	reached int // index of the unit; -1 before it is reached
}

// caughtUp reports whether the goal is reached: from here on everything will be read as before.
func (p *parser) caughtUp() bool {
	g := p.goal
	if g == nil || len(p.open) != g.level || p.col != g.col || p.tail != nil || p.tabs || p.reports > 0 {
		return false
	}
	was := p.pos - g.change.Delta()
	i := sort.Search(g.len(), func(i int) bool { return g.start(i) >= was })
	if i == g.len() || g.start(i) != was || g.since(i) < g.change.OldEnd {
		return false
	}
	if col, ok := column(g.text, was); !ok || col != g.col {
		return false
	}
	lead, waiting := g.lead(i), p.comments[p.attached:]
	if len(lead) != len(waiting) {
		return false
	}
	for n := range lead {
		if lead[n].Pos.Shift(g.change.Delta()) != waiting[n].Pos {
			return false
		}
	}
	g.reached = i
	return true
}

// units returns the units of n if it is a block collection in which reading can begin.
func (e *editor) units(n syntax.Node) (u units, ok bool) {
	switch n := n.(type) {
	case *syntax.Mapping:
		u.entries = n.Entries
		ok = !n.Flow && n.Props == nil
	case *syntax.Sequence:
		u.items = n.Items
		ok = !n.Flow && n.Props == nil
	}
	if !ok || u.len() == 0 {
		return u, false
	}
	u.col, ok = column(e.old.Source.Text(), u.start(0))
	return u, ok
}

// column returns the indentation of what begins at an offset of a text; false if something stands before it.
func column(text string, at int) (col int, ok bool) {
	start := at
	for start > 0 && text[start-1] == ' ' {
		start--
	}
	return at - start, at >= 0 && (start == 0 || lineBreak(text[start-1]))
}

// last returns the last unit whose first line ends before the change; -1 if there is none.
func (e *editor) last(u *units) int {
	text := e.old.Source.Text()
	for i := sort.Search(u.len(), func(i int) bool { return u.start(i) >= e.change.Start }) - 1; i >= 0; i-- {
		col, ok := column(text, u.start(i))
		if end := next(text, u.start(i)); ok && col == u.col && end <= e.change.Start && lineBreak(text[end-1]) {
			return i
		}
	}
	return -1
}

// begin puts the parser before a unit.
func (e *editor) begin(u *units, i int) bool {
	p := &e.p
	p.pos, p.col = u.start(i), u.col
	p.lineStart = p.pos - p.col
	n := sort.Search(len(e.old.Comments), func(i int) bool { return int(e.old.Comments[i].Pos.Start) >= p.pos })
	lead := u.lead(i)
	if p.attached = n - len(lead); p.attached < 0 || len(lead) > 0 && lead[0].Pos != e.old.Comments[p.attached].Pos {
		return false
	}
	p.comments = e.old.Comments[:n:n]
	e.names()
	return true
}

// read makes the tree.
func (e *editor) read(out *syntax.File) bool {
	p := &e.p
	top, ok := e.units(e.root)
	if !ok {
		return false
	}
	first := e.last(&top)
	if first < 0 {
		return false
	}
	p.open, p.depth = []level{{col: top.col}}, 1
	g := goal{units: &top, level: 1, text: e.old.Source.Text(), change: e.change, reached: -1}
	var edited *syntax.Entry // the one that holds the change, if only a part of it has to be read
	from := 0
	if inner, i := e.inner(&top.entries[first]); i >= 0 {
		from = inner.start(i)
		entry := top.entries[first]
		var caught bool
		if entry.Value, caught = e.collection(entry.Value, &inner, i, top.col); entry.Value == nil {
			return false
		}
		if edited = &entry; caught {
			g.reached = first + 1
		}
	} else if from = top.start(first); !e.begin(&top, first) {
		return false
	}
	if g.reached < 0 {
		p.goal = &g
		if p.mappingEntries(top.col, -1); g.reached < 0 && p.pos < len(p.src) {
			return false
		}
	}
	if !e.plausible(from) {
		return false
	}
	root := e.join(&top, first, edited, g.reached)
	e.comments(out, root, from, g.reached >= 0)
	out.Root = root
	m := memory{nodes: e.memory.nodes + p.nodes, aliases: e.memory.aliases || p.aliases}
	if m.anchors, ok = e.anchors(from); !ok {
		return false
	}
	p.aliases = m.aliases
	p.expansion(root)
	out.Memory = m
	return p.simple()
}

// join puts the document together: the entries before the first, what was read, and those from the one that was reached on; -1
// stands for none.
func (e *editor) join(top *units, first int, edited *syntax.Entry, reached int) *syntax.Mapping {
	rest := top.entries[len(top.entries):]
	if reached >= 0 {
		rest = top.entries[reached:]
	}
	root := &syntax.Mapping{Entries: make([]syntax.Entry, 0, first+1+len(e.p.entries)+len(rest))}
	root.Entries = append(root.Entries, top.entries[:first]...)
	if edited != nil {
		edited.Unit = nil
		root.Entries = append(root.Entries, *edited)
	}
	at := len(root.Entries)
	root.Entries = root.Entries[:at+len(e.p.entries)+len(rest)]
	e.copyEntries(root.Entries[at:], rest)
	setSpan(root)
	return root
}

// copyEntries copies what was read, and then the rest.
func (e *editor) copyEntries(to, rest []syntax.Entry) {
	read := e.p.entries
	for i := range read {
		e.mid.Entry(&to[i], &read[i])
	}
	for i := range rest {
		e.behind.Entry(&to[len(read)+i], &rest[i])
	}
	e.p.entries = read[:0]
}

func (e *editor) copyItems(to, rest []syntax.Item) {
	read := e.p.items
	for i := range read {
		e.mid.Item(&to[i], &read[i])
	}
	for i := range rest {
		e.behind.Item(&to[len(read)+i], &rest[i])
	}
	e.p.items = read[:0]
}

// inner returns the units of the collection below an entry, and the one to begin with; -1 if reading begins with the entry.
func (e *editor) inner(entry *syntax.Entry) (u units, first int) {
	u, ok := e.units(entry.Value)
	if !ok || entry.Trail != nil && int(entry.Trail.Pos.Start) > u.start(0) {
		return u, -1
	}
	return u, e.last(&u)
}

// collection reads a block collection below an entry of the document from a unit on. It reports whether it found the rest to
// be as it was; if not, the parser stands behind the collection. It returns nil if there are mistakes.
func (e *editor) collection(n syntax.Node, u *units, first, outer int) (made syntax.Node, caught bool) {
	p := &e.p
	if !e.begin(u, first) {
		return nil, false
	}
	g := goal{units: u, level: 2, text: e.old.Source.Text(), change: e.change, reached: -1}
	list, isList := n.(*syntax.Sequence)
	p.goal, p.depth, p.open = &g, 2, append(p.open, level{col: u.col, sequence: isList})
	if isList {
		p.sequenceItems(u.col, outer)
	} else {
		p.mappingEntries(u.col, outer)
	}
	p.goal, p.depth, p.open = nil, 1, p.open[:1]
	if p.reports > 0 || p.tail != nil || p.stopped {
		return nil, false
	}
	rest := u.len()
	if caught = g.reached >= 0; caught {
		rest = g.reached
	}
	if isList {
		s := &syntax.Sequence{Pos: n.Span(), Items: make([]syntax.Item, first+len(p.items)+len(u.items)-rest)}
		if s.Foot = e.behind.Comments(list.Foot); !caught {
			s.Foot = e.mid.Comments(p.sequenceFoot(u.col, outer))
		}
		copy(s.Items, u.items[:first])
		e.copyItems(s.Items[first:], u.items[rest:])
		s.Pos.End = s.Pos.Start + 1
		setEnd(s)
		return s, caught
	}
	m := &syntax.Mapping{Entries: make([]syntax.Entry, first+len(p.entries)+len(u.entries)-rest)}
	if m.Foot = e.behind.Comments(n.(*syntax.Mapping).Foot); !caught {
		m.Foot = e.mid.Comments(p.mappingFoot(u.col, outer))
	}
	copy(m.Entries, u.entries[:first])
	e.copyEntries(m.Entries[first:], u.entries[rest:])
	setSpan(m)
	return m, caught
}

// plausible reports whether what was read since an offset is as simple as what stands around it.
func (e *editor) plausible(from int) bool {
	p := &e.p
	if !p.simple() || p.tail != nil {
		return false
	}
	text := p.src[:max(p.pos, e.change.NewEnd)]
	return docEnd(text, from) == len(text) && scan(text[from:]).count == 0
}

// comments puts the comments of the document together, and hangs those at its end on the root.
func (e *editor) comments(out *syntax.File, root *syntax.Mapping, from int, caught bool) {
	p := &e.p
	kept := sort.Search(len(p.comments), func(i int) bool { return int(p.comments[i].Pos.Start) >= from })
	if !caught {
		out.Comments = append(p.comments[:kept:kept], e.mid.Comments(p.comments[kept:])...)
		root.Foot = append(root.Foot, out.Comments[p.attached:]...)
		return
	}
	since := p.pos - e.change.Delta() // comments that begin here or behind are those of the old tree
	if waiting := p.comments[p.attached:]; len(waiting) > 0 {
		since = int(waiting[0].Pos.Start) - e.change.Delta()
	}
	old := e.old.Comments
	n := sort.Search(len(old), func(i int) bool { return int(old[i].Pos.Start) >= since })
	kept = min(kept, p.attached)
	out.Comments = append(p.comments[:kept:kept], e.mid.Comments(p.comments[kept:p.attached])...)
	out.Comments = append(out.Comments, e.behind.Comments(old[n:])...)
	root.Foot = e.behind.Comments(e.root.Foot)
}
