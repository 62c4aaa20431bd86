package plan

import (
	"fmt"
	"io/fs"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/kept"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Options says what Decode may look at. The zero value looks at nothing.
type Options struct {
	// Stat looks at a path relative to the folder of the plan. It decides whether the string form of a step is a
	// file of the package or a command. Without it nothing is known about files: a word that looks like the path of
	// a script is taken for one.
	Stat func(path string) (fs.FileInfo, error)
	// Partial says that the text could not be read in full: nothing is said about what is missing.
	Partial bool
	// Kept is what is known from decoding the text before it was edited; nil if nothing is to be kept.
	Kept *Kept
}

// Kept is what helps to decode a plan again after an edit.
type Kept struct {
	exprs *kept.Map[string, expr.Expr] // those without mistakes
}

// After returns what helps to decode a plan that was decoded with k before it was edited; k may be nil.
func (k *Kept) After() *Kept {
	if k == nil {
		k = &Kept{}
	}
	return &Kept{exprs: k.exprs.After()}
}

// Limits of what aliases may make of a plan. A plan is never more than maxDepth deep.
const (
	maxExpanded    = 200_000 // values read again through aliases
	maxDepth       = 1_200
	maxSuggestions = 100 // unknown words for which a similar known one is looked up
)

// Decode reads f through Fields. It returns a plan even if f has errors: what could not be decoded keeps its zero
// value and is named in a finding.
//
// What the original rejects while it reads or compiles a plan is an error here as well; what it ignores silently, such
// as unknown fields, is a warning.
func Decode(f *syntax.File, opts Options) (*Plan, diag.List) {
	d := decoder{file: f, src: f.Source, opts: opts, plan: &Plan{File: f}}
	if opts.Kept != nil {
		d.exprs = opts.Kept.exprs
	}
	d.budget = 4*len(f.Source.Text()) + maxExpanded
	d.hasTags = strings.IndexByte(f.Source.Text(), '!') >= 0
	d.root(f.Root)
	return d.plan, d.list
}

type decoder struct {
	file      *syntax.File
	src       *source.File
	opts      Options
	plan      *Plan
	list      diag.List
	budget    int // how many more nodes are read
	depth     int
	over      bool
	suggested int // how often a similar word was looked for
	meant     []meant
	joined    int // how often words of a step were put together
	hasTags   bool
	tagged    map[syntax.Node]bool // nodes with a tag that has been looked at
	exprs     *kept.Map[string, expr.Expr]
	former    *Variable // the variable at hand as it was decoded before an edit elsewhere; nil if that is not known
}

// A meant is a key of m that nobody knows, and that seems to stand for name; at is the finding about it.
type meant struct {
	m    *syntax.Mapping
	name string
	at   int
}

// node returns what n is behind aliases, and counts it. Past the limit everything is Bad.
func (d *decoder) node(n syntax.Node) syntax.Node {
	d.budget--
	if d.budget < 0 || d.depth > maxDepth {
		if !d.over {
			d.over = true
			x := d.report(diag.AliasExpansion, n.Span(), "aliases make this plan too large")
			x.Hint = fmt.Sprintf("at most %d values may come from aliases", maxExpanded)
		}
		return &syntax.Bad{Pos: n.Span()}
	}
	if _, ok := n.(*syntax.Alias); ok {
		n = follow(n)
	}
	if d.hasTags {
		d.tag(n)
	}
	return n
}

// report adds a finding. The pointer is good until the next one.
func (d *decoder) report(code *diag.Entry, span source.Span, message string) *diag.Diagnostic {
	d.list = append(d.list, diag.New(code, d.src, span, message))
	return &d.list[len(d.list)-1]
}

// wrongShape reports that the value n of what is not of the form want.
func (d *decoder) wrongShape(what, want string, n syntax.Node, goType string) *diag.Diagnostic {
	at := follow(n)
	if d.unclosed(at) {
		return new(diag.Diagnostic) // its missing bracket is the mistake
	}
	x := d.report(diag.WrongShape, shown(at), fmt.Sprintf("%q must be %s, but this is %s", what, want, kindInWords(at)))
	if goType != "" {
		x.Original = unmarshalError(d.src.LineOf(int(at.Span().Start)), at, goType)
	}
	if m, ok := at.(*syntax.Mapping); ok && !m.Flow && len(m.Entries) > 0 && strings.HasPrefix(m.Entries[0].Key.Text, "-") {
		x.Message += `; a blank is missing behind "-"`
		x.Fixes = []diag.Fix{dashFix(m.Entries[0].Key)}
	}
	return x
}

// shown is the span that a finding about the whole of n marks: the first line of a collection is enough.
func shown(n syntax.Node) source.Span {
	switch n := n.(type) {
	case *syntax.Mapping:
		if len(n.Entries) > 0 && !n.Flow {
			return n.Entries[0].Key.Pos
		}
	case *syntax.Sequence:
		if len(n.Items) > 0 && !n.Flow {
			return n.Items[0].Value.Span()
		}
	}
	return n.Span()
}

// unclosed reports whether n is a flow collection without its closing bracket.
func (d *decoder) unclosed(n syntax.Node) bool {
	if !d.opts.Partial {
		return false
	}
	last := d.src.Slice(n.Span())
	switch n := n.(type) {
	case *syntax.Sequence:
		return n.Flow && !strings.HasSuffix(last, "]")
	case *syntax.Mapping:
		return n.Flow && !strings.HasSuffix(last, "}")
	}
	return false
}

func isBad(n syntax.Node) bool {
	_, bad := n.(*syntax.Bad)
	return bad
}

func isNull(n syntax.Node) bool {
	s, ok := n.(*syntax.Scalar)
	return ok && s.Kind == syntax.Null
}

func (d *decoder) root(n syntax.Node) {
	if n == nil {
		return
	}
	switch root := d.node(n).(type) {
	case *syntax.Mapping:
		if d.file.Notation == syntax.HCL {
			root = d.unfold(root)
		}
		d.fields(root)
	case *syntax.Bad:
	default:
		if isNull(root) || d.opts.Partial {
			return
		}
		x := d.report(diag.WrongShape, shown(root), "a plan must be a mapping of fields, but this is "+kindInWords(root))
		x.Original = unmarshalError(d.src.LineOf(int(root.Span().Start)), root, "escape_plan.EscapePlan")
		x.Hint = "a plan begins with \"name:\" and \"version:\""
	}
}

// fields decodes the entries of the document.
func (d *decoder) fields(root *syntax.Mapping) {
	slots := make([]slot, len(Fields))
	names := table{code: diag.UnknownField, what: "field"}
	d.collect(root, &names, slots, false)
	for i := range slots {
		if slots[i].entry != nil {
			d.field(&Fields[i], slots[i])
			if d.incomplete(&Fields[i], slots[i].entry.Value) {
				d.lose(Fields[i].Name)
			}
		}
	}
}

func (d *decoder) field(row *Field, s slot) {
	n := s.entry.Value
	switch to := row.Bind(d.plan).(type) {
	case *Text:
		*to = d.fieldText(row.Name, n)
	case *Script:
		*to = d.version(d.fieldText(row.Name, n))
	case *[]Text:
		*to = d.texts(row.Name, n)
	case *[]Pair:
		for _, e := range s.earlier {
			*to = d.metadata(e.Value, *to)
		}
		*to = d.metadata(n, *to)
	case *[]*Extension:
		*to = d.extensions(n)
	case *[]*Dependency:
		*to = d.dependencies(n)
	case *[]*Consumer:
		*to = d.consumers(row, n)
	case *[]*Variable:
		*to = d.variables(place{field: row}, n)
	case *[]*Errand:
		for _, e := range s.earlier {
			*to = d.errands(row, e.Value, *to)
		}
		*to = d.errands(row, n, *to)
	case *[]*Download:
		*to = d.downloads(n)
	case *[]*Template:
		*to = d.templates(row, n)
	case **Step:
		*to = d.step(row, s.entry)
	default:
		diag.Bugf("field %s is bound to a %T", row.Name, to)
	}
}

// fieldText reads a field that is text.
func (d *decoder) fieldText(name string, n syntax.Node) Text {
	switch v := d.node(n).(type) {
	case *syntax.Scalar:
		if v.Kind != syntax.Null {
			return Text{Value: cooked(v), Node: n}
		}
	case *syntax.Bad:
	default:
		d.wrongShape(name, "text", n, "string")
	}
	return Text{}
}

// texts reads a list of texts.
func (d *decoder) texts(name string, n syntax.Node) []Text {
	items := d.listOf(name, n, "[]string")
	if len(items) == 0 {
		return nil
	}
	list := make([]Text, 0, len(items))
	wrong := -1 // index of the finding about the mapping before this item
	for i := range items {
		switch v := d.node(items[i].Value).(type) {
		case *syntax.Scalar:
			list = append(list, Text{Value: d.nullable(v), Node: items[i].Value})
		case *syntax.Bad:
		default:
			if _, ok := v.(*syntax.Mapping); ok && wrong >= 0 {
				d.likewise(wrong, items[i].Value)
				continue
			} else if ok {
				wrong = len(d.list)
			}
			d.itemShape(name, "text", items[i].Value, "string")
		}
	}
	return list
}

// nullable is the text of s, and no text for null.
func (d *decoder) nullable(s *syntax.Scalar) string {
	if s.Kind == syntax.Null {
		return ""
	}
	return cooked(s)
}

// likewise adds to the finding with index i that the same is wrong with n, which stands behind the place of the finding:
// a line that is missing above both is one mistake.
func (d *decoder) likewise(i int, n syntax.Node) {
	const most = 5
	if x := &d.list[i]; len(x.Related) < most {
		x.Related = append(x.Related, diag.Related{File: d.src, Span: shown(follow(n)), Message: "the same here"})
	}
}

// itemShape reports an item of a list that has the wrong form.
func (d *decoder) itemShape(name, want string, n syntax.Node, goType string) {
	at := follow(n)
	x := d.report(diag.WrongShape, shown(at), fmt.Sprintf("an entry of %q must be %s, but this is %s", name, want, kindInWords(at)))
	x.Original = unmarshalError(d.src.LineOf(int(at.Span().Start)), at, goType)
}

// listOf returns the items of a list; nil, with a finding, if n is something else.
func (d *decoder) listOf(name string, n syntax.Node, goType string) []syntax.Item {
	switch v := d.node(n).(type) {
	case *syntax.Sequence:
		return v.Items
	case *syntax.Bad:
	default:
		if isNull(v) {
			return nil
		}
		x := d.wrongShape(name, "a list", n, goType)
		if s, ok := v.(*syntax.Scalar); ok {
			first := clip(firstLine(s.Text))
			x.Hint = d.plan.Spelled(fmt.Sprintf("write one entry per line: \"- %s\"", first), "write ["+hcltext.Quote(first)+"]")
			if fix, ok := d.dashFix(s); ok {
				x.Hint, x.Fixes = "the first line needs a dash as those below it", []diag.Fix{fix}
			} else if fix, ok := d.listFix(s); ok {
				x.Fixes = []diag.Fix{fix}
			}
		}
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// dashFix writes a dash before text which goes on in lines that begin with one.
func (d *decoder) dashFix(s *syntax.Scalar) (diag.Fix, bool) {
	first, last := d.src.LineOf(int(s.Pos.Start)), d.src.LineOf(int(s.Pos.End))
	before := d.src.Slice(source.Span{Start: d.src.Line(first).Start, End: s.Pos.Start})
	if first == last || s.Style != syntax.Plain || strings.TrimSpace(before) != "" || strings.HasPrefix(d.src.Slice(s.Pos), "- ") {
		return diag.Fix{}, false
	}
	for n := first + 1; n <= last; n++ {
		if !strings.HasPrefix(d.src.Slice(d.src.Line(n)), before+"- ") {
			return diag.Fix{}, false
		}
	}
	at := source.Span{Start: s.Pos.Start, End: s.Pos.Start}
	return diag.Fix{Title: "write a dash", Preferred: true, Edits: []source.Edit{{Span: at, New: "- "}}}, true
}

// listFix puts a scalar on one line into brackets. Only text that means the same inside a flow list gets one.
func (d *decoder) listFix(s *syntax.Scalar) (diag.Fix, bool) {
	text := d.src.Slice(s.Pos)
	if s.Style != syntax.Plain && s.Style != syntax.SingleQuoted && s.Style != syntax.DoubleQuoted || s.Props != nil ||
		s.Style == syntax.Plain && strings.ContainsAny(text, ",[]{}:#") || strings.ContainsAny(text, "\r\n") ||
		s.Style != syntax.Plain && (len(text) < 2 || text[0] != text[len(text)-1]) {
		return diag.Fix{}, false
	}
	return diag.Fix{
		Title: "make it a list of one",
		Edits: []source.Edit{{Span: source.Span{Start: s.Pos.Start, End: s.Pos.Start}, New: "["},
			{Span: source.Span{Start: s.Pos.End, End: s.Pos.End}, New: "]"}},
		Preferred: true,
	}, true
}

// metadata reads the mapping n and adds it to pairs, where it replaces equal keys.
func (d *decoder) metadata(n syntax.Node, pairs []Pair) []Pair {
	m := d.mappingOf("metadata", n, "map[string]string")
	if m == nil {
		return pairs
	}
	entries := d.entries(m)
	at := make(map[string]int, len(pairs)+len(entries))
	for i := range pairs {
		at[pairs[i].Key.Value] = i
	}
	for _, e := range entries {
		key, ok := d.keyText(e, "metadata", "string")
		if !ok {
			continue
		}
		var value Script
		switch v := d.node(e.Value).(type) {
		case *syntax.Scalar:
			value = d.script(Text{Value: d.nullable(v), Node: e.Value}, func(reason string) string {
				return fmt.Sprintf("%s in metadata field '%s'.", reason, key.Value)
			})
		case *syntax.Bad:
			continue
		default:
			d.wrongShape(key.Value, "text", e.Value, "string")
			continue
		}
		if i, ok := at[key.Value]; ok {
			pairs[i] = Pair{key, value}
			continue
		}
		at[key.Value] = len(pairs)
		pairs = append(pairs, Pair{key, value})
	}
	return pairs
}

// mappingOf returns n as a mapping; nil, with a finding, if it is something else but null.
func (d *decoder) mappingOf(name string, n syntax.Node, goType string) *syntax.Mapping {
	switch v := d.node(n).(type) {
	case *syntax.Mapping:
		return v
	case *syntax.Bad:
	default:
		if !isNull(v) {
			d.wrongShape(name, "a mapping", n, goType)
		}
	}
	return nil
}

// keyText reads a key as text. A key that is no scalar is reported as a wrong YAML shape.
func (d *decoder) keyText(e *syntax.Entry, name, goType string) (Text, bool) {
	key, ok := keyOf(e)
	if !ok {
		if n := follow(e.Odd); !isBad(n) {
			x := d.report(diag.WrongShape, e.Key.Pos, fmt.Sprintf("a key of %q must be text, but this is %s", name, kindInWords(n)))
			x.Original = unmarshalError(d.src.LineOf(int(e.Key.Pos.Start)), n, goType)
		}
	}
	return key, ok
}

// keyOf returns the key of e as text; false if it is no scalar.
func keyOf(e *syntax.Entry) (Text, bool) {
	if e.Odd == nil {
		return Text{Value: cooked(e.Key), Node: e.Key}, true
	}
	if s, ok := follow(e.Odd).(*syntax.Scalar); ok {
		return Text{Value: cooked(s), Node: e.Odd}, true
	}
	return Text{}, false
}

// version parses the text of the version field.
func (d *decoder) version(t Text) Script {
	return d.script(t, func(reason string) string {
		return fmt.Sprintf("Couldn't parse expression '%s' in version field: %s", t.Value, reason)
	})
}
