package plan

import (
	"fmt"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Alias returns the name of the dependency in expressions: the key "variable", else the name behind "as", else
// "project/name", which no expression can spell.
func (d *Dependency) Alias() string {
	if d.Variable.Value != "" {
		return d.Variable.Value
	}
	return alias(d.As, d.Release)
}

// Alias returns the name of the extension in expressions.
func (e *Extension) Alias() string { return alias(e.As, e.Release) }

func alias(as, id Text) string {
	if as.Value != "" {
		return as.Value
	}
	if parsed, err := release.ParseID(id.Value); err == nil {
		return parsed.Package()
	}
	return id.Value
}

// Alias returns the name of the provider in expressions: the name behind "as", else the interface.
func (c *Consumer) Alias() string {
	if c.As.Value != "" {
		return c.As.Value
	}
	return c.Interface.Value
}

func isBlank(r rune) bool { return r == ' ' }

// reference reads "RELEASE as ALIAS". Only the form is checked here, the release id where it is used.
func (d *decoder) reference(t Text) (id, as Text) {
	const want = `Expecting either a "[RELEASE_ID]" or "[RELEASE_ID] as [VARIABLE]".`
	words := t.words(isBlank)
	switch {
	case len(words) != 1 && len(words) != 3:
		x := d.report(diag.MalformedDependency, t.Span(), fmt.Sprintf("Malformed dependency string '%s'. %s", clip(t.Value), want))
		if len(words) == 2 {
			x.Hint = d.plan.Spelled(`write "as" between the release and its alias`, `write the alias behind "as =" in the block`)
		}
		return Text{}, Text{}
	case len(words) == 3 && words[1].Value != "as":
		d.report(diag.MalformedDependency, words[1].Span(), fmt.Sprintf("Unexpected '%s'; expecting 'as' in '%s. %s'", words[1].Value, t.Value, want))
		return Text{}, Text{}
	case len(words) == 3:
		as, ok := d.identifier(words[2], func(s string) string {
			return fmt.Sprintf("Malformed dependency string '%s'. %s", t.Value, s)
		})
		if !ok {
			as = Text{}
		}
		return words[0], as
	}
	return words[0], Text{}
}

func (d *decoder) extensions(n syntax.Node) []*Extension {
	var list []*Extension
	for _, t := range d.texts("extends", n) {
		e := &Extension{Node: t.Node, Spec: t}
		e.Release, e.As = d.reference(t)
		list = append(list, e)
	}
	return list
}

func (d *decoder) dependencies(n syntax.Node) []*Dependency {
	items := d.listOf("depends", n, "[]interface {}")
	list := make([]*Dependency, 0, len(items))
	for i := range items {
		dep := &Dependency{Node: items[i].Value, Scopes: Scopes{Build: true, Deploy: true}}
		switch v := d.node(items[i].Value).(type) {
		case *syntax.Mapping:
			if d.dependency(dep, v) {
				list = append(list, dep)
			}
		case *syntax.Bad:
		case *syntax.Scalar:
			if v.Kind == syntax.String {
				dep.Short, dep.Spec = true, Text{Value: cooked(v), Node: items[i].Value}
				dep.Release, dep.As = d.reference(dep.Spec)
				list = append(list, dep)
				break
			}
			d.wrongDependency(v)
		default:
			d.wrongDependency(v)
		}
	}
	return list
}

func (d *decoder) wrongDependency(n syntax.Node) {
	d.report(diag.WrongShape, shown(n), fmt.Sprintf("Invalid dependency format '%s' (expecting dict or string, got '%s')", goText(n), GoType(n)))
}

func (d *decoder) dependency(dep *Dependency, m *syntax.Mapping) bool {
	var slots [8]slot
	t := keyTable(dependencyKeys, "depends")
	t.oddKey = func(string) string { return "Expecting string key in dependency" }
	d.collect(m, &t, slots[:], false)
	ok := true
	for i := range dependencyKeys {
		e := slots[i].entry
		if e == nil {
			continue
		}
		row := &dependencyKeys[i]
		switch to := row.Bind(dep).(type) {
		case *Text:
			read := false
			*to, read = d.stringKey(e, true, func(goType string) string {
				return fmt.Sprintf("Expecting string for dependency '%s'; got '%s'", row.Name, goType)
			})
			ok = ok && (read || row.Name != "release_id")
		case *[]ValuePair:
			*to = d.mapping(e, func(goType string) string {
				return fmt.Sprintf("Expecting dict for dependency '%s'; got '%s'", row.Name, goType)
			}, func(goType string) string {
				return fmt.Sprintf("Expecting string key in dependency '%s'; got '%s'", row.Name, goType)
			}, false)
		case *[]Pair:
			*to = d.providers(e)
		case *Scopes:
			d.scopes(to, e.Value, func(s string) string { return s })
		}
	}
	if slots[0].entry == nil {
		d.missing(m, "Missing 'release_id' in dependency", "release_id", nil)
		return false
	}
	if ok {
		dep.Release, dep.As = d.reference(dep.Spec)
	}
	return ok
}

// stringKey reads a value that must be a string. As it may be a name, a word that YAML 1.1 takes for a truth value is
// text too if name is set.
func (d *decoder) stringKey(e *syntax.Entry, name bool, message func(goType string) string) (Text, bool) {
	n := e.Value
	switch v := d.node(n).(type) {
	case *syntax.Scalar:
		if v.Kind == syntax.String || name && v.Kind == syntax.Bool {
			return Text{Value: cooked(v), Node: n}, true
		}
		x := d.report(diag.WrongShape, v.Pos, message(GoType(v)))
		if v.Kind == syntax.Null {
			x.Hint = "write a value or leave the key out"
			x.Span = orKey(e, v)
		} else {
			x.Hint = "quote it"
			x.Fixes = quoteFix(v)
		}
	case *syntax.Bad:
	default:
		d.report(diag.WrongShape, shown(v), message(GoType(v)))
	}
	return Text{}, false
}

// quoteFix puts a plain scalar into quotes.
func quoteFix(s *syntax.Scalar) []diag.Fix {
	if s.Style != syntax.Plain || s.Kind == syntax.Null || s.Props != nil || s.Segments != nil {
		return nil
	}
	return []diag.Fix{{Title: "quote it", Preferred: true, Edits: quoteEdits(s)}}
}

// orKey is the span of n, or that of the key if nothing is written behind it.
func orKey(e *syntax.Entry, n syntax.Node) source.Span {
	if span := n.Span(); span.Len() > 0 {
		return span
	}
	return e.Key.Pos
}

// mapping reads a mapping of values. wrong and wrongKey are the messages of the original; in template mappings (deep)
// values may be mappings too.
func (d *decoder) mapping(e *syntax.Entry, wrong, wrongKey func(goType string) string, deep bool) []ValuePair {
	n := e.Value
	m, ok := d.node(n).(*syntax.Mapping)
	if !ok {
		if at := follow(n); !isBad(at) {
			x := d.report(diag.WrongShape, shown(at), wrong(GoType(at)))
			if s, ok := at.(*syntax.Scalar); ok && s.Kind == syntax.Null {
				x.Hint = "write {} or leave the key out"
				x.Span = orKey(e, s)
			}
		}
		return nil
	}
	entries := d.entries(m)
	pairs := make([]ValuePair, 0, len(entries))
	for _, e := range entries {
		key, ok := keyOf(e)
		if !ok {
			if odd := follow(e.Odd); !isBad(odd) {
				d.report(diag.WrongShape, e.Key.Pos, wrongKey(GoType(odd)))
			}
			continue
		}
		pairs = append(pairs, ValuePair{Key: key})
		v := &pairs[len(pairs)-1].Value
		d.value(v, e.Value)
		if !d.storable(v, deep) {
			*v = Value{}
			continue
		}
		d.scripts(v, false, nil)
	}
	return pairs
}

// storable reports what cannot become a value of an input, or of a template if deep is set.
func (d *decoder) storable(v *Value, deep bool) bool {
	if v.Kind == Map && !deep {
		x := d.report(diag.UnsupportedValue, shown(follow(v.Node)), "an input takes text, a number, a truth value or a list, but this is a mapping")
		x.Hint = "a mapping can be written as JSON text"
		return false
	}
	for i := range v.Map {
		if !d.storable(&v.Map[i].Value, deep) {
			return false
		}
	}
	for i := range v.List {
		if !d.storable(&v.List[i], deep) {
			return false
		}
	}
	return d.finite(v)
}

// providers reads the key consumes of a dependency.
func (d *decoder) providers(e *syntax.Entry) []Pair {
	n := e.Value
	m, ok := d.node(n).(*syntax.Mapping)
	if !ok {
		if at := follow(n); !isBad(at) {
			x := d.report(diag.WrongShape, shown(at), fmt.Sprintf("Expecting dict for dependency 'consumes'; got '%s'", GoType(at)))
			x.Span = orKey(e, at)
		}
		return nil
	}
	var pairs []Pair
	for _, e := range d.entries(m) {
		key, ok := keyOf(e)
		if !ok {
			d.report(diag.WrongShape, e.Key.Pos, fmt.Sprintf("Expecting string key in dependency 'consumes'; got '%s'", GoType(e.Odd)))
			continue
		}
		value, ok := d.stringKey(e, false, func(string) string { return "Expecting string value in dependency consumer mapping" })
		if ok {
			pairs = append(pairs, Pair{key, d.script(value, nil)})
		}
	}
	return pairs
}

func (d *decoder) consumers(row *Field, n syntax.Node) []*Consumer {
	items := d.listOf(row.Name, n, "[]interface {}")
	list := make([]*Consumer, 0, len(items))
	in := func(text string) string { return fmt.Sprintf("%s in '%s' field", text, row.Name) }
	for i := range items {
		c := &Consumer{Node: items[i].Value, Field: row, Scopes: Scopes{Build: true, Deploy: true}}
		if row.Stages != StageBoth {
			c.Scopes.force(row.Stages)
		}
		ok := false
		switch v := d.node(items[i].Value).(type) {
		case *syntax.Mapping:
			ok = d.consumer(c, row, v, in)
		case *syntax.Bad:
		case *syntax.Scalar:
			if v.Kind != syntax.String && v.Kind != syntax.Bool {
				d.report(diag.WrongShape, v.Pos, in("Expecting dict or string type"))
				break
			}
			c.Short, c.Spec, ok = true, Text{Value: cooked(v), Node: items[i].Value}, true
		default:
			d.report(diag.WrongShape, shown(v), in("Expecting dict or string type"))
		}
		if ok && d.consumerSpec(c, in) {
			list = append(list, c)
		}
	}
	return list
}

func (d *decoder) consumer(c *Consumer, row *Field, m *syntax.Mapping, in func(string) string) bool {
	var slots [5]slot
	t := keyTable(consumerKeys, row.Name)
	t.oddKey = func(string) string { return in("Expecting string key in consumer") }
	d.collect(m, &t, slots[:], false)
	ok := true
	for i := range consumerKeys {
		e := slots[i].entry
		if e == nil {
			continue
		}
		key := &consumerKeys[i]
		switch to := key.Bind(c).(type) {
		case *Text:
			*to, ok = d.stringKey(e, true, func(goType string) string {
				return in(fmt.Sprintf("Expecting string for consumer '%s' got '%s'", key.Name, goType))
			})
		case *Bool:
			v, isScalar := d.node(e.Value).(*syntax.Scalar)
			if isScalar && v.Kind == syntax.Bool {
				*to = Bool{isTrue(v.Text), e.Value}
			} else if at := follow(e.Value); !isBad(at) {
				x := d.report(diag.WrongShape, shown(at), in(fmt.Sprintf("Expecting bool for consumer field '%s' got '%s'", key.Name, GoType(at))))
				boolFix(x, at)
			}
		case *Scopes:
			d.scopes(to, e.Value, in)
		case *Value:
			d.value(to, e.Value)
		}
	}
	if slots[0].entry == nil {
		d.missing(m, in("Missing 'name' in consumer"), "name", nil)
		return false
	}
	return ok
}

// consumerSpec reads "INTERFACE as ALIAS".
func (d *decoder) consumerSpec(c *Consumer, in func(string) string) bool {
	t := c.Spec
	words := t.words(isBlank)
	switch {
	case len(words) != 1 && len(words) != 3:
		x := d.report(diag.MalformedConsumer, t.Span(), in(fmt.Sprintf("Malformed consumer string '%s'", clip(t.Value))))
		x.Hint = `write INTERFACE or "INTERFACE as ALIAS"`
		return false
	case len(words) == 3 && words[1].Value != "as":
		d.report(diag.MalformedConsumer, words[1].Span(), in(fmt.Sprintf("Unexpected '%s' expecting 'as' in '%s'", words[1].Value, t.Value)))
		return false
	}
	c.Interface = words[0]
	if len(words) == 3 {
		as, ok := d.identifier(words[2], func(s string) string {
			return in(fmt.Sprintf("Malformed consumer string '%s': %s", t.Value, s))
		})
		if !ok {
			return false
		}
		c.As = as
	}
	return true
}
