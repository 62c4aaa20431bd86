package yamlfile

// What is read of collections with a line that is wrong: whose line it is, and where reading goes on.

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// A cutList is the last list that is a value of a mapping: items may follow a line that does not belong there.
type cutList struct {
	seq    *syntax.Sequence
	col    int
	entry  int  // index of its entry in parser.entries
	broken bool // the last entry of the mapping gave a finding
	odd    bool // so did its indentation
}

// straddled reports whether the line at pos, which is indented less than a collection, is no entry but stands between
// two lines of it: an entry in column col, or an item of its last list.
func (p *parser) straddled(col int, list cutList) bool {
	if p.keyAhead(p.pos) {
		return false
	}
	text, c := p.nextLine(p.pos)
	if text >= len(p.src) {
		return false
	}
	if p.dash(text) {
		return list.seq != nil && c == list.col
	}
	return c == col && p.keyAhead(text)
}

// itemInMapping reads items among the entries of a mapping, whose entries start at base. A single entry between them and
// the last list is a line of that list.
func (p *parser) itemInMapping(base, col int, list *cutList) {
	if p.wordBeforeList(base, col, list) {
		return
	}
	switch since := len(p.entries) - 1 - list.entry; {
	case p.firstDash(base, list):
	case list.seq != nil && since == 0:
		p.badIndent(at(p.pos, 1), "this item is not in the column of those above it")
	case list.seq != nil && since == 1:
		if list.broken && p.otherItems(list.seq) && p.keyOfList(base, col, list) {
			return
		}
		if !list.broken {
			p.badIndent(p.entries[len(p.entries)-1].Key.Pos, "this entry is indented less than the list around it")
		}
		p.giveBack(list.seq, list.entry+1)
	default:
		if p.startList(base, list) {
			break
		}
		if p.keyOfList(base, col, list) {
			return
		}
		if !list.odd {
			p.report(diag.UnexpectedSequence, at(p.pos, 1), "a list item cannot stand among the entries of a mapping").Original = "did not find expected key"
		}
		key := p.empty(p.pos)
		p.entries = append(p.entries, syntax.Entry{Key: key, Value: &syntax.Bad{Pos: p.sequence(p.col, min(p.col, col), nil).Pos}})
		p.skip()
		return
	}
	more := p.sequence(p.col, min(p.col, col), nil)
	list.seq.Items = append(list.seq.Items, more.Items...)
	list.seq.Pos.End = max(list.seq.Pos.End, more.Pos.End)
	list.seq.Foot = append(list.seq.Foot, more.Foot...)
	p.skip()
}

// firstDash makes a list of the mapping above the item at pos if that begins with the same key: its first dash is missing.
func (p *parser) firstDash(base int, list *cutList) bool {
	i := len(p.entries) - 1
	if i < base {
		return false
	}
	m, ok := p.entries[i].Value.(*syntax.Mapping)
	if !ok || m.Flow || len(m.Entries) == 0 || p.column(int(m.Pos.Start)) < p.col+2 {
		return false
	}
	key := p.pos + 1
	for key < len(p.src) && p.src[key] == ' ' {
		key++
	}
	colon, ok := p.plainKey(key)
	first := m.Entries[0].Key
	if !ok || strings.TrimRight(p.src[key:colon], " \t") != first.Text {
		return false
	}
	d := p.report(diag.SyntaxError, first.Pos, fmt.Sprintf("the \"-\" of the first item is missing before %q", shorten(first.Text)))
	d.Original = "did not find expected key"
	if start := int(first.Pos.Start); strings.HasSuffix(p.src[:start], "  ") {
		d.Fixes = []diag.Fix{{Title: `write "- "`, Preferred: true, Edits: []source.Edit{{Span: at(start-2, 2), New: "- "}}}}
	}
	p.count()
	seq := &syntax.Sequence{Pos: m.Pos, Items: []syntax.Item{{Dash: -1, Value: m}}}
	p.entries[i].Value = seq
	*list = cutList{seq: seq, col: p.col, entry: i, broken: true}
	return true
}

// wordBeforeList makes the items at pos the value of the entry above them, if that has a word for its value. It does not
// where both the items and those of the last list are mappings: then the entry is most likely a line of them.
func (p *parser) wordBeforeList(base, col int, list *cutList) bool {
	i := len(p.entries) - 1
	if i < base || list.broken || p.col != col || p.column(int(p.entries[i].Key.Pos.Start)) != col {
		return false
	}
	word, ok := p.entries[i].Value.(*syntax.Scalar)
	if !ok || word.Style != syntax.Plain || word.Props != nil {
		return false
	}
	if list.seq != nil && list.entry == i-1 && p.keyAhead(p.pos+2) && len(list.seq.Items) > 0 {
		if _, ok := list.seq.Items[len(list.seq.Items)-1].Value.(*syntax.Mapping); ok {
			return false
		}
	}
	d := p.report(diag.UnexpectedText, word.Pos, fmt.Sprintf("%q stands between %q and its list", shorten(word.Text), shorten(p.entries[i].Key.Text)))
	d.Hint, d.Original = "remove it, or make it an item of the list", "did not find expected key"
	seq := p.sequence(col, col, nil)
	p.entries[i].Value = seq
	*list = cutList{seq: seq, col: col, entry: i, broken: true}
	p.skip()
	return true
}

// startList makes a list the value of the last entry before broken ones, if that has none.
func (p *parser) startList(base int, list *cutList) bool {
	i := len(p.entries) - 1
	if list.broken {
		i--
	}
	for ; i >= base; i-- {
		if _, bad := p.entries[i].Value.(*syntax.Bad); !bad {
			break
		}
	}
	if i < base || i == len(p.entries)-1 {
		return false
	}
	v, ok := p.entries[i].Value.(*syntax.Scalar)
	if !ok || v.Style != syntax.Empty || v.Props != nil {
		return false
	}
	list.seq = &syntax.Sequence{Pos: p.entries[i+1].Key.Pos}
	list.col, list.entry = p.col, i
	p.count()
	p.entries[i].Value = list.seq
	p.giveBack(list.seq, i+1)
	return true
}

// keyOfList makes the items at pos the value of the entry above them if that is a key without its ":".
func (p *parser) keyOfList(base, col int, list *cutList) bool {
	i := len(p.entries) - 1
	if i < base {
		return false
	}
	e := &p.entries[i]
	bad, ok := e.Value.(*syntax.Bad)
	if !ok || e.Odd != nil || e.Key.Text == "" || e.Key.Text[0] == '-' {
		return false
	}
	seq := p.sequence(p.col, min(p.col, col), nil)
	if isName(p.entries[i].Key.Text) {
		p.entries[i].Value = seq
	} else {
		bad.Pos = seq.Pos
	}
	*list = cutList{seq: seq, col: p.column(int(seq.Pos.Start)), entry: i}
	p.skip()
	return true
}

// otherItems reports whether the item at pos is a mapping that begins with another key than the last item of list.
func (p *parser) otherItems(list *syntax.Sequence) bool {
	first := p.pos + 1
	for first < len(p.src) && p.src[first] == ' ' {
		first++
	}
	colon, ok := p.plainKey(first)
	if !ok || len(list.Items) == 0 {
		return false
	}
	last, ok := list.Items[len(list.Items)-1].Value.(*syntax.Mapping)
	return ok && !last.Flow && len(last.Entries) > 0 && last.Entries[0].Key.Text != strings.TrimRight(p.src[first:colon], " \t")
}

// lineOfItem gives the last entry back to the last item of list, if it stands between the lines of that and the one at
// pos. It reports whether it does.
func (p *parser) lineOfItem(list *cutList) bool {
	if list.seq == nil || len(list.seq.Items) == 0 || list.entry != len(p.entries)-2 || !p.keyAhead(p.pos) {
		return false
	}
	m, ok := list.seq.Items[len(list.seq.Items)-1].Value.(*syntax.Mapping)
	if !ok || m.Flow || p.column(int(m.Pos.Start)) != p.col {
		return false
	}
	e := &p.entries[list.entry+1]
	if s, ok := e.Value.(*syntax.Scalar); !ok || s.Style == syntax.Empty || strings.HasPrefix(e.Key.Text, "-") {
		return false
	}
	if !list.broken {
		p.badIndent(e.Key.Pos, "this entry is indented less than the list around it")
	}
	p.giveBack(list.seq, list.entry+1)
	more := p.mapping(p.col, p.col-1, nil)
	m.Entries = append(m.Entries, more.Entries...)
	m.Pos.End = max(m.Pos.End, more.Pos.End)
	list.seq.Pos.End = max(list.seq.Pos.End, more.Pos.End)
	p.skip()
	return true
}

// headsBlock are the findings about a line that may have been meant to open a block.
var headsBlock = []*diag.Entry{diag.MissingColon, diag.UnclosedQuote, diag.UnexpectedColon, diag.UnexpectedSequence,
	diag.BadBlockHeader, diag.ReservedCharacter, diag.SyntaxError}

// blockOfBroken reads what stands deeper than the last entry as the block it opens, if that gave a finding: nothing more
// is wrong with it. An entry such as "-id: x" was meant to be an item. It reports whether there is such an entry.
func (p *parser) blockOfBroken(base int, list *cutList) bool {
	i := len(p.entries) - 1
	if i < base {
		return false
	}
	if e := &p.entries[i]; !list.broken && e.Odd == nil && len(e.Key.Text) > 1 && e.Key.Text[0] == '-' && isName(e.Key.Text[1:]) &&
		e.Key.Style == syntax.Plain {
		p.needBlank(int(e.Key.Pos.Start))
		e.Value = &syntax.Bad{Pos: e.Value.Span()}
		list.broken = true
	}
	if !list.broken || len(p.findings) == 0 || !slices.Contains(headsBlock, p.findings[len(p.findings)-1].Code) {
		return false
	}
	n := p.node(p.column(int(p.entries[i].Key.Pos.Start)), true, nil)
	if bad, ok := p.entries[i].Value.(*syntax.Bad); ok {
		if e := &p.entries[i]; e.Odd == nil && isName(e.Key.Text) && e.Key.Text[0] != '-' {
			e.Value = n
		} else {
			bad.Pos = n.Span()
		}
	}
	p.skip()
	return true
}

// opensBlock reports whether a block stands below the line of span.
func (p *parser) opensBlock(span source.Span) bool {
	text, col := p.nextLine(int(span.End))
	switch own := p.column(int(span.Start)); {
	case text >= len(p.src):
		return false
	case p.dash(text):
		return col >= own
	default:
		return col > own && p.keyAhead(text)
	}
}

// isName reports whether text consists of the characters of names.
func isName(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || !nameByte(byte(r)) }) < 0
}

// missingBlank reads a line such as "build:x" or "-a", in which a blank is missing behind ":" or "-", and reports
// whether it is one. The key and the value of the first are known all the same.
func (p *parser) missingBlank(e *syntax.Entry, span source.Span) bool {
	text := p.file.Slice(span)
	name := strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || !nameByte(byte(r)) })
	switch {
	case name > 0 && text[name] == ':' && len(text)-name <= 3 && p.opensBlock(span):
		p.oddColon(e, span, text[:name], text[name+1:])
	case name > 0 && text[name] == ':' && !strings.HasPrefix(text[name:], "://"):
		colon := int(span.Start) + name
		e.Key, e.Value = p.plainScalar(int(span.Start), colon), p.plainScalar(colon+1, int(span.End))
		p.needBlank(colon)
	case len(text) > 1 && text[0] == '-' && text[1] != '-' && text[1] != '>':
		p.needBlank(int(span.Start))
	default:
		return false
	}
	return true
}

// oddColon reads the line of span, name and a ":" and rest, a character or two that should not be there: a block stands
// below. Letters are the end of the name, and the ":" stands too early.
func (p *parser) oddColon(e *syntax.Entry, span source.Span, name, rest string) {
	colon := int(span.Start) + len(name)
	e.Key, e.Value = p.plainScalar(int(span.Start), colon), &syntax.Bad{Pos: at(int(span.End), 0)}
	message, title := fmt.Sprintf(`%q stands between the ":" and the lines below it`, shorten(rest)), "remove it"
	where := source.Span{Start: int32(colon) + 1, End: span.End}
	if isName(rest) {
		n, m := int32(len(name)), int32(len(rest))
		e.Key.Text, e.Key.Pos = name+rest, span
		e.Key.Segments = []syntax.Segment{{Src: span.Start, Len: n, SrcLen: n}, {Value: n, Src: span.Start + n + 1, Len: m, SrcLen: m}}
		message, title = fmt.Sprintf(`the ":" of %q stands too early`, shorten(e.Key.Text)), "move it to the end"
		where = at(colon, 1)
	}
	d := p.report(diag.MissingColon, where, message)
	d.Original = "could not find expected ':'"
	d.Fixes = []diag.Fix{{Title: title, Preferred: true, Edits: []source.Edit{{Span: span, New: e.Key.Text + ":"}}}}
}

// needBlank reports the missing blank behind the character at off.
func (p *parser) needBlank(off int) {
	d := p.report(diag.MissingColon, at(off, 1), fmt.Sprintf("a blank is missing behind %q", p.src[off:off+1]))
	d.Original = "could not find expected ':'"
	d.Fixes = []diag.Fix{{Title: "insert a blank", Preferred: true, Edits: []source.Edit{{Span: at(off+1, 0), New: " "}}}}
}

// giveBack moves the entries from index i on from the mapping that is being read into a list: to its last item if that is
// a mapping, else as an item without a dash.
func (p *parser) giveBack(list *syntax.Sequence, i int) {
	moved := p.takeEntries(i)
	end := moved[len(moved)-1].Span().End
	list.Pos.End = max(list.Pos.End, end)
	if n := len(list.Items); n > 0 {
		if m, ok := list.Items[n-1].Value.(*syntax.Mapping); ok && !m.Flow {
			m.Entries = append(m.Entries, moved...)
			m.Pos.End = max(m.Pos.End, end)
			return
		}
	}
	p.count()
	m := &syntax.Mapping{Pos: moved[0].Key.Pos.To(source.Span{End: end}), Entries: moved}
	list.Items = append(list.Items, syntax.Item{Dash: -1, Value: m})
}

// firstIsOdd reports whether a collection of one line goes on in the column of the line at pos rather than in col.
func (p *parser) firstIsOdd(col int) bool {
	text, next := p.nextLine(p.pos)
	return text < len(p.src) && next >= p.col && next != col
}

// indented reports a line that is not in column col. odd is the wrong indentation that was reported last in this
// collection, so that a run of such lines gives one finding.
func (p *parser) indented(col int, what string, odd *int) {
	if p.col == col {
		*odd = -1
		return
	}
	if *odd == p.col {
		return
	}
	*odd = p.col
	how := "more"
	if p.col < col {
		how = "less"
	}
	p.badIndent(p.keySpan(p.pos), "this "+what+" is indented "+how+" than the one above it")
}

// keySpan is the span of the key that starts at i, or of one character.
func (p *parser) keySpan(i int) source.Span {
	if colon, ok := p.plainKey(i); ok {
		return at(i, colon-i)
	}
	return at(i, 1)
}

func (p *parser) badIndent(span source.Span, message string) {
	d := p.report(diag.BadIndentation, span, message)
	d.Hint, d.Original = "entries of one collection stand in one column", "did not find expected key"
}

// strayInList reads a line among the items of a list that is indented at least as their dashes and is no item.
func (p *parser) strayInList(col int, odd *int) {
	key := p.keyAhead(p.pos)
	if n := len(p.items); key && n > 0 && p.items[n-1].Value != nil {
		if m, ok := p.items[n-1].Value.(*syntax.Mapping); ok && !m.Flow {
			p.indented(p.column(int(m.Pos.Start)), "entry", odd)
			more := p.mapping(p.col, col-1, nil)
			m.Entries = append(m.Entries, more.Entries...)
			m.Pos.End = max(m.Pos.End, more.Pos.End)
			return
		}
	}
	it := syntax.Item{Lead: p.lead(), Dash: -1}
	if key {
		p.badIndent(p.lineSpan(p.pos), "this line is neither an item of the list nor part of one")
		it.Value = p.mapping(p.col, p.col-1, nil)
	} else {
		it.Value = p.noDash()
		it.Trail = p.takeTail()
	}
	p.items = append(p.items, it)
	p.skip()
}

// noDash reads a line of a list that should be an item but has no "-".
func (p *parser) noDash() syntax.Node {
	reports := p.reports
	start := p.pos
	n := p.leaf(p.col-1, nil)
	if p.reports == reports {
		d := p.report(diag.SyntaxError, p.lineSpan(start), fmt.Sprintf(`missing "- " before %q`, shorten(p.file.Slice(p.lineSpan(start)))))
		d.Original = "did not find expected '-' indicator"
		d.Fixes = []diag.Fix{{Title: `write "- " before it`, Edits: []source.Edit{{Span: at(start, 0), New: "- "}}}}
	}
	return n
}

// shorten cuts text that a message quotes.
func shorten(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	n := most
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// belowTabs returns the indentation that counts for a line with tabs below a key or dash in column outer.
func (p *parser) belowTabs(outer int, list bool) int {
	list = list && p.dash(p.pos)
	text, col := p.nextLine(p.pos)
	for n := 0; n < 20 && text < len(p.src) && p.src[text-1] == '\t'; n++ {
		text, col = p.nextLine(text)
	}
	switch {
	case text < len(p.src) && (col > outer || list && col == outer && p.dash(text)):
		return col
	case list:
		return outer
	}
	return outer + 1
}

// tabWidth returns the width of the indentation of the line, if there is a tab in it.
func (p *parser) tabWidth() int {
	if !p.tabs {
		return 0
	}
	return p.pos - p.lineStart
}

// tabIndent reports the tab at off that indents the content at pos, and gives the line an indentation that makes sense.
func (p *parser) tabIndent(off int) {
	if len(p.open) == 0 && off == p.pos {
		return
	}
	fresh := !p.tabs
	p.tabs = true
	dash := p.dash(p.pos)
	found := -1
	for i, o := range p.open {
		if o.sequence == dash && (found < 0 || p.open[found].tabs != p.pos-p.lineStart) {
			found = i
		}
	}
	p.tabFits = found >= 0 && p.open[found].tabs == p.pos-p.lineStart
	switch {
	case found >= 0:
		p.col = p.open[found].col
	case len(p.open) == 0:
		p.col = 0
	}
	if fresh {
		n := len(p.findings)
		d := p.report(diag.TabIndentation, at(off, p.pos-off), "this line is indented with a tab")
		d.Hint, d.Original = "indent with spaces", "found character that cannot start any token"
		p.tabFinding = -1
		if len(p.findings) > n {
			p.tabFinding = n
		}
	}
	p.tabFix()
}

// tabFix adds to the finding about a run of lines with tabs how to indent the one at pos.
func (p *parser) tabFix() {
	if p.tabFinding < 0 || p.tabFinding >= len(p.findings) || p.findings[p.tabFinding].Code != diag.TabIndentation {
		return
	}
	d := &p.findings[p.tabFinding]
	if len(d.Fixes) == 0 {
		d.Fixes = []diag.Fix{{Title: "indent with spaces", Preferred: true}}
	}
	edit := source.Edit{Span: source.Span{Start: int32(p.lineStart), End: int32(p.pos)}, New: strings.Repeat(" ", p.col)}
	edits := d.Fixes[0].Edits
	if n := len(edits); n > 0 && edits[n-1].Span == edit.Span {
		edits = edits[:n-1]
	}
	d.Fixes[0].Edits = append(edits, edit)
}
