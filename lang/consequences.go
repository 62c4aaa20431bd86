package lang

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// One mistake is one finding: what only follows from another one is not said. It comes back if it is still there when that
// is mended.

// unused are the codes of things that nothing uses, as far as can be seen.
var unused = []*diag.Entry{diag.UnusedInput, diag.UnusedConsumer, diag.UnusedAlias, diag.UnusedMapping}

// absent are the codes of fields that are not there, with their names.
var absent = map[*diag.Entry][]string{
	diag.NoDescription: {"description"},
	diag.NoLicense:     {"license"},
	diag.ReadmeLeftOut: {"includes"},
	diag.EmptyProvider: {"outputs", "build_outputs", "deploy_outputs", "activate_provider"},
	diag.NoDestroy:     {"destroy", "pre_destroy", "post_destroy"},
	diag.NoTests:       {"test", "smoke"},
}

// unsaid are the codes of what an entry does not say, or says without need.
var unsaid = []*diag.Entry{diag.NotSensitive, diag.VariableDescription, diag.ErrandDescription, diag.StaleDownload, diag.SameDest,
	diag.SameTarget, diag.IgnoredKey, diag.NotAvailable, diag.UntypedDefault, diag.QuotedDefault, diag.SensitiveDefault, diag.MissingKey, diag.OutputNeverSet,
	diag.OutputNotWritten, diag.IncludeTwice}

// undeclared are the codes of names that nothing declares.
var undeclared = []*diag.Entry{diag.UnknownName, diag.UnknownKey, diag.ScriptVariable, diag.TemplateTag, diag.OutputNotRead}

// unread are the codes of keys and values that mean nothing as they are written.
var unread = []*diag.Entry{diag.UnknownField, diag.UnknownEntryKey, diag.WrongShape, diag.MissingKey, diag.LiteralNeeded,
	diag.UnsupportedExpression, diag.UnknownScope, diag.DuplicateKey, diag.InvalidID, diag.ReservedID, diag.BlockForm, diag.StepConflict}

// unreadable are the codes of expressions that cannot be read.
var unreadable = []*diag.Entry{diag.ExprSyntax, diag.ExprTrailing, diag.ExprUnclosed, diag.ExprEscape, diag.ExprInteger, diag.ExprName}

// declaring are the fields whose entries have names.
var declaring = []string{"inputs", "build_inputs", "deploy_inputs", "outputs", "build_outputs", "deploy_outputs", "depends", "extends",
	"consumes", "build_consumes", "deploy_consumes", "metadata"}

// ofText are the codes of what is wrong with a text that was to be an expression.
var ofText = []*diag.Entry{diag.ValueType, diag.ValueItems, diag.PlainSecret, diag.ItemsInvalid}

// causes are the findings that explain others, by what they have in common with those. Values are indexes of findings.
type causes struct {
	list    diag.List
	broken  int                 // a text that cannot be read; -1 if there is none
	mistake int                 // something unread that is an error, or misspelt; -1 if there is none
	entries map[source.Span]int // an item of a list or a block
	fields  map[string]int      // a field of the plan
	scalars map[source.Span]int // an expression that cannot be read
	texts   map[source.Span]int // a text that was to be an expression
	lost    map[string]int      // words of the lines, and of the fixes, of what is unread
	words   map[string]int      // words of those of names that are not known
	tree    *syntax.File
}

// maxCauses is how many findings are looked at, and maxCauseLine how much of their lines.
const maxCauses, maxCauseLine = 1000, 4000

// withoutConsequences drops from a sorted list what follows from other findings in it. If an error goes because of a warning,
// that becomes an error.
func withoutConsequences(p *plan.Plan, list diag.List) diag.List {
	if len(list) < 2 {
		return list
	}
	c := causes{list: list, broken: -1, mistake: -1, tree: p.File, entries: map[source.Span]int{}, fields: map[string]int{},
		scalars: map[source.Span]int{}, texts: map[source.Span]int{}, lost: map[string]int{}, words: map[string]int{}}
	for i := range list[:min(len(list), maxCauses)] {
		c.add(i)
	}
	var gone []bool
	for i := range list {
		by := c.of(i, p)
		if by < 0 || by == i {
			continue
		}
		if gone == nil {
			gone = make([]bool, len(list))
		}
		gone[i] = true
		if list[by].Severity > diag.Error && list[i].Severity == diag.Error {
			list[by].Severity = diag.Error
			list[by].Original = cmp.Or(list[i].Original, list[i].Message) // which is all that the original finds
		}
	}
	if gone == nil {
		return list
	}
	kept := list[:0]
	for i := range list {
		if !gone[i] {
			kept = append(kept, list[i])
		}
	}
	return kept
}

func (c *causes) add(i int) {
	d := &c.list[i]
	if d.File == nil {
		return
	}
	isText, isUnread := d.Code.IsText() && d.Severity == diag.Error, slices.Contains(unread, d.Code)
	switch {
	case (isText || isUnread) && d.File == c.tree.Source && d.Code != diag.UnsupportedExpression && d.Code != diag.LiteralNeeded:
		if field, _ := entryAt(c.tree.Root, d.Span.Start); isText || slices.Contains(declaring, field) {
			c.note(c.lost, i)
		} else {
			c.note(c.words, i)
		}
	case slices.Contains(undeclared, d.Code), slices.Contains(unreadable, d.Code):
		c.note(c.words, i)
	}
	if d.File != c.tree.Source {
		return
	}
	if d.Code == diag.IncludeMissing && len(d.Fixes) > 0 {
		first(c.fields, "includes", i)
	}
	switch {
	case slices.Contains(unreadable, d.Code):
		first(c.scalars, scalarAt(c.tree.Root, d.Span.Start), i)
	case d.Code == diag.TextReference, d.Code == diag.DollarText:
		first(c.texts, scalarAt(c.tree.Root, d.Span.Start), i)
	}
	if !isText && !isUnread {
		return
	}
	if isText && c.broken < 0 {
		c.broken = i
	}
	if c.mistake < 0 && (d.Severity == diag.Error || len(d.Fixes) > 0) {
		c.mistake = i
	}
	field, entry := entryAt(c.tree.Root, d.Span.Start)
	if by, ok := c.entries[entry]; ok && c.list[by].Code == diag.MissingKey {
		delete(c.entries, entry) // what is missing may be misspelt
	}
	first(c.entries, entry, i)
	first(c.fields, field, i)
}

// first notes finding i under a key that has none yet, and that is not the zero value, which stands for no place.
func first[K comparable](m map[K]int, key K, i int) {
	var none K
	if _, ok := m[key]; !ok && key != none {
		m[key] = i
	}
}

// note adds the words of the lines of a finding, and of what its fixes write.
func (c *causes) note(words map[string]int, i int) {
	d := &c.list[i]
	span := d.Span
	if d.Code == diag.UnexpectedSequence && d.File == c.tree.Source {
		if list := scalarAt(c.tree.Root, span.Start); list.Start == span.Start {
			span = list // all of it is lost
		}
	}
	lines := d.File.Slice(source.Span{Start: d.File.Line(d.File.LineOf(int(span.Start))).Start, End: d.File.Line(d.File.LineOf(int(span.End))).End})
	text := lines[:min(len(lines), maxCauseLine)]
	if d.Code == diag.DuplicateKey && len(d.Related) > 0 && d.Related[0].File != nil {
		f, at := d.Related[0].File, d.Related[0].Span.Start
		text += " " + f.Slice(f.Line(f.LineOf(int(at)))) // what is written there is lost
	}
	for _, fix := range d.Fixes {
		for _, e := range fix.Edits {
			text += " " + e.New
		}
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < 0x80 && !expr.IsName("a"+string(r)) }) {
		if word := bare(word); !slices.Contains(everywhere, word) {
			first(words, word, i)
		}
	}
}

// everywhere are words that say nothing about what a line is about.
var everywhere = []string{"this", "inputs", "outputs", "input", "output", "default", "description", "type", "mapping", "id", "name"}

// bare is a name as the plan has it: a script has it in a variable.
func bare(name string) string {
	for _, prefix := range []string{"INPUT_", "OUTPUT_"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return name
}

// of returns the finding that explains finding i; -1 if there is none.
func (c *causes) of(i int, p *plan.Plan) int {
	d := &c.list[i]
	if d.File == nil {
		return -1
	}
	here := d.File == c.tree.Source
	if names, ok := absent[d.Code]; ok {
		for _, name := range names {
			if by, ok := c.fields[name]; ok {
				return by
			}
		}
		if c.mistake >= 0 && p.Lost.Field(names...) {
			return c.mistake
		}
		return c.broken
	}
	name := bare(strings.Trim(d.File.Slice(d.Span), `"' ${}#^/`))
	switch {
	case slices.Contains(unused, d.Code):
		if c.broken >= 0 || c.mistake >= 0 {
			return max(c.broken, c.mistake)
		}
		return c.elsewhere(c.words, name, i)
	case d.Code == diag.OutputNotWritten:
		if by := c.elsewhere(c.words, name, i); by >= 0 {
			return by
		}
	case slices.Contains(undeclared, d.Code):
		if by := c.elsewhere(c.lost, name, i); by >= 0 {
			return by
		}
	}
	at := d.Span.Start
	if d.Code == diag.TemplateTag && len(d.Related) > 0 && d.Related[0].File == c.tree.Source {
		here, at = true, d.Related[0].Span.Start
	}
	if !here {
		return -1
	}
	if by, ok := c.scalars[scalarAt(c.tree.Root, at)]; ok && by < i && d.Code.Code[:4] == "ESC3" {
		return by
	}
	if by, ok := c.texts[scalarAt(c.tree.Root, at)]; ok && slices.Contains(ofText, d.Code) {
		return by
	}
	if slices.Contains(unsaid, d.Code) || d.Code == diag.TemplateTag {
		_, entry := entryAt(c.tree.Root, at)
		by, ok := c.entries[entry]
		if ok && (d.Code != diag.MissingKey || len(d.Fixes) == 0 && c.writes(by, d.Message)) {
			return by
		}
	}
	return -1
}

// writes reports whether the fix of finding i writes a word that a message quotes.
func (c *causes) writes(i int, message string) bool {
	fixes := c.list[i].Fixes
	return c.list[i].Code != diag.MissingKey && len(fixes) > 0 && strings.Contains(message, "'"+fixes[0].Edits[0].New+"'")
}

// elsewhere is the finding in words that is about name, if it is about another line than finding i.
func (c *causes) elsewhere(words map[string]int, name string, i int) int {
	d := &c.list[i]
	by, ok := words[name]
	if !ok || c.list[by].File == d.File && d.File.LineOf(int(c.list[by].Span.Start)) == d.File.LineOf(int(d.Span.Start)) {
		return -1
	}
	return by
}

// entryAt returns the field at an offset of the tree, and the innermost item of a list, block or member of errands.
func entryAt(n syntax.Node, at int32) (field string, entry source.Span) {
	inBlock := false
	for depth := 0; ; depth++ {
		switch m := n.(type) {
		case *syntax.Mapping:
			i := sort.Search(len(m.Entries), func(i int) bool { return m.Entries[i].Key.Pos.Start > at }) - 1
			if i < 0 {
				return field, entry
			}
			e := &m.Entries[i]
			if depth == 0 {
				field, inBlock = fieldOf(e), e.Block
			}
			if depth == 0 || e.Block && len(e.Labels) > 0 || field == "errands" && depth == 1 && !inBlock {
				entry = e.Span()
			}
			n = e.Value
		case *syntax.Sequence:
			i := sort.Search(len(m.Items), func(i int) bool { return max(m.Items[i].Dash, m.Items[i].Value.Span().Start) > at }) - 1
			if i < 0 {
				return field, entry
			}
			n = m.Items[i].Value
			if _, ok := n.(*syntax.Mapping); ok {
				entry = n.Span()
			}
		default:
			return field, entry
		}
	}
}

// fieldOf is the name of the field that an entry of the root belongs to.
func fieldOf(e *syntax.Entry) string {
	if e.Block {
		for i := range plan.Fields {
			if plan.Fields[i].Block == e.Key.Text {
				return plan.Fields[i].Name
			}
		}
	}
	return e.Key.Text
}

// scalarAt is the span of the scalar at an offset of the tree.
func scalarAt(n syntax.Node, at int32) source.Span {
	for {
		switch m := n.(type) {
		case *syntax.Mapping:
			i := sort.Search(len(m.Entries), func(i int) bool { return m.Entries[i].Key.Pos.Start > at }) - 1
			if i < 0 {
				return source.Span{}
			}
			n = m.Entries[i].Value
		case *syntax.Sequence:
			i := sort.Search(len(m.Items), func(i int) bool { return m.Items[i].Value.Span().Start > at }) - 1
			if i < 0 {
				return source.Span{}
			}
			n = m.Items[i].Value
		default:
			if n == nil {
				return source.Span{}
			}
			return n.Span()
		}
	}
}
