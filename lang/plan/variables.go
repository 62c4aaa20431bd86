package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// A place is where an entry stands: a field, and for what is inside an errand its name.
type place struct {
	field  *Field
	errand *Text
}

// of is how messages name the place.
func (p place) of() string {
	if p.errand != nil {
		return "inputs"
	}
	return p.field.Name
}

// message is how the original words a problem with a variable at p.
func (p place) message(text string) string {
	switch {
	case p.errand != nil:
		return fmt.Sprintf("%s in errand '%s' input variables", text, p.errand.Value)
	case p.field.Name == "inputs":
		return "Error compiling input variable: " + text
	case p.field.Name == "outputs":
		return "Error compiling output variable: " + text
	}
	return fmt.Sprintf("Error compiling '%s' variable: %s", p.field.Name, text)
}

// Message is how the original words the problem text of v: with the place of v around it.
func (v *Variable) Message(text string) string {
	return place{field: v.Field, errand: v.errand}.message(text)
}

// variables reads a list of inputs or outputs.
func (d *decoder) variables(p place, n syntax.Node) []*Variable {
	items := d.listOf(p.of(), n, "[]interface {}")
	if len(items) == 0 {
		return nil
	}
	list := make([]*Variable, 0, len(items))
	var room []Variable
	for i := range items {
		unit := items[i].Unit
		d.former = d.known(unit).variable
		if v := d.former; v != nil && v.Node == items[i].Value && v.Field == p.field {
			list = append(list, v)
			continue
		}
		if len(room) == 0 {
			room = make([]Variable, d.roomFor(len(items)-i))
		}
		v := &room[0]
		room = room[1:]
		said := len(d.list)
		*v = Variable{Node: items[i].Value, Field: p.field, errand: p.errand, Var: types.DefaultVar, unit: unit}
		v.Visible.Value, v.EvalBeforeDependencies.Value = true, true
		v.Scopes = Scopes{Build: true, Deploy: true}
		if p.errand == nil && p.field.Stages != StageBoth {
			v.Scopes.force(p.field.Stages)
		}
		switch n := d.node(items[i].Value).(type) {
		case *syntax.Mapping:
			if d.variable(v, p, n) {
				list = append(list, v)
			}
		case *syntax.Scalar:
			if n.Kind != syntax.String && n.Kind != syntax.Bool {
				d.report(diag.WrongShape, n.Pos, p.message("Expecting dict or string type"))
				break
			}
			v.Short, v.ID = true, Text{Value: cooked(n), Node: items[i].Value}
			if d.variableID(v, p) {
				list = append(list, v)
			}
		case *syntax.Sequence:
			d.report(diag.WrongShape, shown(n), p.message("Expecting dict or string type"))
		}
		if len(d.list) == said {
			d.note(unit, func(k *known) { k.variable = v })
		}
	}
	d.former = nil
	return list
}

// roomFor is how many of n variables share memory: all of them, unless some will be kept when others are edited.
func (d *decoder) roomFor(n int) int {
	if d.opts.Kept == nil {
		return n
	}
	return min(n, 16)
}

// variable reads the mapping form. It reports whether the variable has an id that can be used.
func (d *decoder) variable(v *Variable, p place, m *syntax.Mapping) bool {
	var slots [16]slot
	t := keyTable(variableKeys, p.of())
	d.collect(m, &t, slots[:], false)
	for i := range variableKeys {
		e := slots[i].entry
		if e == nil {
			continue
		}
		row := &variableKeys[i]
		switch to := row.Bind(v).(type) {
		case *Text:
			*to = d.variableText(p, row.Name, e.Value)
		case *Bool:
			d.variableBool(to, p, row.Name, e.Value)
		case *Scopes:
			d.scopes(to, e.Value, p.message)
		case *Value:
			d.value(to, e.Value)
			to.wholeFloats()
		}
	}
	if v.ID.Value == "" {
		d.missing(m, p.message("Missing 'id' field in variable"), "id", slots[0].entry)
		return false
	}
	if !d.variableID(v, p) {
		return false
	}
	d.variableType(v, p)
	d.variableDefault(v, p)
	if v.Items.Set() {
		d.scripts(&v.Items, true, nil)
	} else {
		v.Items = Value{}
	}
	return true
}

// missing reports that the mapping m lacks the key name; e is its entry if it is there without a value. If another key
// seems to be a misspelling of it, that is the same mistake.
func (d *decoder) missing(m *syntax.Mapping, message, name string, e *syntax.Entry) {
	if e != nil {
		if s, ok := follow(e.Value).(*syntax.Scalar); ok { // other forms have been reported
			d.report(diag.MissingKey, orKey(e, s), message)
		}
		return
	}
	stranger := d.stranger(m)
	if d.opts.Partial {
		return
	}
	for _, key := range d.meant {
		if key.m == m && key.name == name && !stranger {
			x := &d.list[key.at]
			x.Code, x.Severity, x.Hint, x.Message = diag.MissingKey, diag.MissingKey.Severity, x.Message, message
			return
		}
	}
	x := d.report(diag.MissingKey, shown(m), message)
	x.Hint = fmt.Sprintf("add the key %q", name)
	if stranger {
		x.Hint = fmt.Sprintf("none of its keys is known here; is %q missing above it?", ownerOf(m))
	}
}

// stranger reports whether no key of m is known where it stands, but all are keys of another field: the line of that
// field must be missing above. Nothing more is said about the keys then.
func (d *decoder) stranger(m *syntax.Mapping) bool {
	if ownerOf(m) == "" {
		return false
	}
	from := len(d.list) // what has been said about m stands at the end
	for from > 0 && m.Pos.Contains(int(d.list[from-1].Span.Start)) {
		from--
	}
	unknown := func(x diag.Diagnostic) bool {
		return x.Code == diag.UnknownEntryKey && slices.ContainsFunc(m.Entries, func(e syntax.Entry) bool { return e.Key.Pos == x.Span })
	}
	rest := slices.DeleteFunc(slices.Clone(d.list[from:]), unknown)
	if len(d.list)-from-len(rest) < len(m.Entries) {
		return false
	}
	d.list = append(d.list[:from], rest...)
	for n := len(d.meant); n > 0 && d.meant[n-1].m == m; n-- {
		d.meant = d.meant[:n-1]
	}
	return true
}

// ownerOf returns the name of the first field whose entries may have all the keys of m, of which there must be two.
func ownerOf(m *syntax.Mapping) string {
	if len(m.Entries) < 2 {
		return ""
	}
	for i := range Fields {
		t := keyTable(Fields[i].Keys, "")
		if !slices.ContainsFunc(m.Entries, func(e syntax.Entry) bool { return e.Odd != nil || t.find(e.Key.Text) < 0 }) {
			return Fields[i].Name
		}
	}
	return ""
}

// variableID checks and trims the id.
func (d *decoder) variableID(v *Variable, p place) bool {
	id, ok := d.identifier(v.ID, p.message)
	if ok {
		v.ID = id
		if s := id.Scalar(); s != nil && s.Kind == syntax.Bool {
			x := d.report(diag.BooleanID, s.Pos, fmt.Sprintf("the original reads the id %s as a truth value and calls it %q", id.Value, strconv.FormatBool(isTrue(id.Value))))
			x.Hint = "quote it"
			x.Fixes = []diag.Fix{{Title: "quote it", Preferred: true, Edits: []source.Edit{{Span: s.Pos, New: `"` + id.Value + `"`}}}}
		}
	}
	return ok
}

// identifier checks a variable id or alias and returns it without the blanks around it.
func (d *decoder) identifier(t Text, message func(string) string) (Text, bool) {
	trimmed := t
	if i := len(t.Value) - len(strings.TrimLeft(t.Value, " \t\r\n")); i > 0 {
		trimmed = t.sub(i, len(t.Value))
	}
	trimmed = trimmed.sub(0, len(strings.TrimSpace(trimmed.Value)))
	if trimmed.Value == "" {
		d.report(diag.MissingKey, t.Raw(), message("Variable object is missing an 'id'"))
		return t, false
	}
	if _, err := release.CheckVariable(t.Value); err != nil {
		code := diag.InvalidID
		if strings.Contains(err.Error(), "PREVIOUS_") {
			code = diag.ReservedID
		}
		x := d.report(code, trimmed.Span(), message(err.Error()))
		if code == diag.InvalidID {
			x.Hint = "letters, digits, \"-\" and \"_\", a letter first"
			d.idHint(x, trimmed)
		}
		return t, false
	}
	return trimmed, true
}

// idHint notices the spelling "id:type", which other tools have.
func (d *decoder) idHint(x *diag.Diagnostic, t Text) {
	id, typ, ok := strings.Cut(t.Value, ":")
	if !ok || !types.KnownVar(strings.TrimSpace(typ)) {
		return
	}
	typ = strings.TrimSpace(typ)
	x.Hint = d.plan.Spelled(fmt.Sprintf("write {id: %s, type: %s}", id, typ), fmt.Sprintf("write %s for the id, and type = %s in its block", hcltext.Quote(id), typ))
}

func (d *decoder) variableText(p place, key string, n syntax.Node) Text {
	switch v := d.node(n).(type) {
	case *syntax.Scalar:
		if v.Kind != syntax.Null {
			return Text{Value: cooked(v), Node: n}
		}
	case *syntax.Bad:
	default:
		d.variableShape(p, key, "text", n, "string")
	}
	return Text{}
}

func (d *decoder) variableBool(to *Bool, p place, key string, n syntax.Node) {
	v, ok := d.node(n).(*syntax.Scalar)
	switch {
	case ok && v.Kind == syntax.Null:
	case ok && v.Kind == syntax.Bool:
		*to = Bool{isTrue(v.Text), n}
	case !isBad(follow(n)):
		d.variableShape(p, key, "true or false", n, "bool")
	}
}

func (d *decoder) variableShape(p place, key, want string, n syntax.Node, goType string) {
	x := d.wrongShape(key, want, n, goType)
	x.Original = p.message("Invalid input variable format: yaml: unmarshal errors:\n  " + x.Original)
	if goType == "bool" {
		boolFix(x, follow(n))
	}
}

// boolWords are texts and numbers that can only be meant as a truth value.
var boolWords = map[string]string{"true": "true", "yes": "true", "on": "true", "1": "true", "false": "false", "no": "false", "off": "false", "0": "false"}

// boolFix offers to write what is meant as a truth value as one.
func boolFix(x *diag.Diagnostic, n syntax.Node) {
	s, ok := n.(*syntax.Scalar)
	if !ok || s.Kind != syntax.String && s.Kind != syntax.Int {
		return
	}
	word := boolWords[strings.ToLower(s.Text)]
	if near, ok := diag.Nearest(strings.ToLower(s.Text), []string{"true", "false"}); word == "" && ok {
		word = near
		x.Message += fmt.Sprintf("; did you mean %q?", near)
	}
	if word != "" {
		x.Fixes = []diag.Fix{{Title: "write " + word, Preferred: true, Edits: []source.Edit{{Span: s.Pos, New: word}}}}
	}
}

// variableType reads the type of v. Without one, an id that is the name of a type decides.
func (d *decoder) variableType(v *Variable, p place) {
	if !v.Type.Set() || v.Type.Value == "" {
		v.NoType = d.plan.Lost.Key(v.Node, "type")
		if types.KnownVar(v.ID.Value) {
			v.Var, _ = types.ParseVar(v.ID.Value)
		}
		return
	}
	var err error
	v.Var, err = types.ParseVar(v.Type.Value)
	var bad *types.VarError
	if !errors.As(err, &bad) {
		return
	}
	v.NoType = !bad.Options
	code := diag.UnknownType
	if bad.Options {
		code = diag.TypeOptions
	}
	span := v.Type.At(source.Span{Start: int32(bad.Offset), End: int32(bad.End)})
	message := p.message(bad.Msg)
	near, ok := "", false
	if !bad.Options {
		near, ok = d.nearType(bad.Word)
	}
	if ok {
		message += fmt.Sprintf("; did you mean %q?", near)
	}
	x := d.report(code, span, message)
	if ok {
		x.Original = p.message(bad.Msg)
		x.Fixes = []diag.Fix{{Title: fmt.Sprintf("replace with %q", near), Preferred: true, Edits: []source.Edit{{Span: span, New: near}}}}
	} else if !bad.Options {
		x.Hint = "types are " + list(types.KnownVars())
		if hint := foreignTypes[v.Type.Value[:max(0, strings.IndexByte(v.Type.Value+"[", '['))]]; hint != "" {
			x.Hint = hint
		}
	}
}

// commonTypes are the names of types in other languages.
var commonTypes = map[string]string{
	"int": "integer", "number": "integer", "boolean": "bool", "str": "string", "text": "string", "array": "list",
}

func (d *decoder) nearType(word string) (string, bool) {
	if near, ok := commonTypes[strings.ToLower(word)]; ok {
		return near, true
	}
	return d.nearest(word, types.KnownVars())
}

// variableDefault checks the default of v and parses its expressions.
func (d *decoder) variableDefault(v *Variable, p place) {
	def := &v.Default
	unexpected := func(goType string) string {
		return p.message(fmt.Sprintf("Unexpected type '%s' for default field of variable '%s'", goType, v.ID.Value))
	}
	switch def.Kind {
	case Absent, Null:
		v.Default = Value{}
	case Map:
		x := d.report(diag.UnsupportedValue, shown(follow(def.Node)), unexpected("map[interface {}]interface {}"))
		x.Hint = "a default is text, a number, a truth value or a list; a list or map can be written as JSON text"
		v.Default = Value{}
	case Uint:
		d.report(diag.UnsupportedValue, follow(def.Node).Span(), unexpected("uint64"))
		v.Default = Value{}
	default:
		if !d.plainList(def) {
			v.Default = Value{}
			return
		}
		if p.errand != nil {
			d.scripts(def, true, nil) // the original parses them when the errand runs
			return
		}
		d.scripts(def, true, func(text string) func(string) string {
			return func(reason string) string {
				return p.message(fmt.Sprintf("Couldn't parse expression '%s' in default field: %s", text, reason))
			}
		})
	}
}

// plainList reports what no JSON can hold, and maps inside a list.
func (d *decoder) plainList(v *Value) bool {
	if !d.finite(v) {
		return false
	}
	for i := range v.List {
		if v.List[i].Kind == Map {
			d.report(diag.UnsupportedValue, shown(follow(v.List[i].Node)), "a list holds text, numbers and truth values here, but this is a mapping")
			return false
		}
		if !d.plainList(&v.List[i]) {
			return false
		}
	}
	return true
}

// finite reports numbers that are none.
func (d *decoder) finite(v *Value) bool {
	if v.Kind == Float && (math.IsInf(v.Float, 0) || math.IsNaN(v.Float)) {
		d.report(diag.UnsupportedValue, follow(v.Node).Span(), fmt.Sprintf("%q is no number that can be stored", v.Text))
		return false
	}
	return true
}
