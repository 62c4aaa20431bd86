package complete

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// A name is a key that can be written, with what is known of it.
type name struct {
	name, detail, doc, topic string
	kind                     Kind
	shape                    plan.Shape
	required, deprecated     bool
	keys                     []plan.Key
	rank                     int
	// value is written behind it; empty asks for one.
	value string
	// block says that it is one of HCL, whose label gives a key if it has one.
	block bool
	label bool
	// twin says that there is a block of the same name.
	twin bool
	// entry is the key that an entry of it begins with.
	entry string
}

// keys offers what can be a key at the place.
func (c *completer) keys() {
	s := &c.spot
	c.over(s.at, s.rest)
	if len(s.trail) == 0 {
		c.fields()
		return
	}
	if s.trail[0] == "" {
		return
	}
	slot, ok := slotOf(s.trail)
	if !ok {
		return
	}
	switch {
	case slot.free != "":
		return
	case slot.inside || slot.shape == plan.ShapeStep:
		c.keyNames(slot.keys, &slot)
	case slot.shape == plan.ShapePairs || slot.shape == plan.ShapeValues:
		c.freeKeys(&slot)
	case slot.shape == plan.ShapeErrands:
		c.errandNames()
	}
	if s.dashless && c.Notation == syntax.YAML && !s.assigned && s.rest == 0 {
		c.dashes(&slot)
	}
}

// fields offers the fields of the plan.
func (c *completer) fields() {
	for i := range plan.Fields {
		f := &plan.Fields[i]
		n := name{name: f.Name, detail: detailOf(f.Shape, f.Required, ""), topic: "field:" + f.Name, shape: f.Shape,
			required: f.Required, keys: f.Keys, rank: 10 + i, kind: KindField, entry: f.Shorthand}
		if f.Required {
			n.rank = i
		}
		if c.Notation != syntax.HCL {
			c.addName(n)
			continue
		}
		block := f.Block
		if f.Shape == plan.ShapePairs {
			block = f.Name
		}
		if block != "" {
			b := n
			b.name, b.block, b.label, b.kind = block, true, f.Label != "", KindBlock
			b.detail = "block, " + n.detail
			c.addName(b)
		}
		if block == "" || f.Shape == plan.ShapeStep {
			n.twin = block != ""
			c.addName(n)
		}
	}
	if c.Notation == syntax.YAML && c.spot.text == "" && !c.spot.assigned && c.spot.rest == 0 {
		c.entryAtStart()
	}
}

// entryAtStart offers an entry of the list that stands right above the cursor in the first column.
func (c *completer) entryAtStart() {
	text := c.Source.Text()
	first := byte('-') // of the first line of the list
	for at := c.spot.at; at > 0; {
		end := at - 1
		at = strings.LastIndexByte(text[:end], '\n') + 1
		if at < end && strings.IndexByte(" \t#-", text[at]) >= 0 {
			if next := blanks(text, at, end); next < end && text[at] != '#' {
				first = text[at]
			}
			continue
		}
		line := elems(text, at, end)
		switch {
		case len(line) > 0 && line[0].column == 0:
			if slot, ok := slotOf([]string{line[0].name}); ok && emptyValue(text, line[0]) && first == '-' {
				c.dashes(&slot)
			}
			return
		case blanks(text, at, end) < end:
			return
		}
	}
}

// keyNames offers keys of an entry or step.
func (c *completer) keyNames(keys []plan.Key, slot *slot) {
	for i := range keys {
		k := &keys[i]
		n := name{name: k.Name, detail: detailOf(k.Shape, k.Required, k.Default), topic: "key:" + slot.field.Name + "/" + k.Name,
			shape: k.Shape, required: k.Required, keys: k.Keys, deprecated: k.Ignored || k.Name == "script" && slot.shape == plan.ShapeErrands,
			rank: 10 + i, kind: KindKey}
		if slot.key != nil {
			n.topic = "key:" + slot.field.Name + "/" + slot.key.Name + "/" + k.Name
		}
		if k.Shape == plan.ShapeVariables {
			n.entry = "id"
		}
		switch {
		case k.Required:
			n.rank = i
		case n.deprecated:
			n.rank = 90 + i
		}
		if stages := slot.field.Stages; k.Name == "scopes" && (stages == plan.StageBuild || stages == plan.StageDeploy) {
			continue // the field decides
		}
		if k.Shape == plan.ShapeBool {
			n.value = "true"
			if k.Default == "true" {
				n.value = "false"
			}
		}
		if c.Notation != syntax.HCL {
			c.addName(n)
			continue
		}
		if c.labelled(slot, k.Name) {
			continue
		}
		if block := k.Block(); block != "" && !c.inObject() {
			b := n
			b.name, b.block, b.label, b.kind = block, true, k.Shape == plan.ShapeVariables, KindBlock
			b.detail = "block, " + n.detail
			c.addName(b)
			if k.Shape == plan.ShapeVariables {
				continue
			}
		}
		if k.Block() == "" || c.inObject() || k.Shape == plan.ShapeStep {
			n.twin = k.Block() != "" && !c.inObject()
			c.addName(n)
		}
	}
	if c.Notation == syntax.HCL && slot.inside && slot.shape.TakesAlias() && !c.inObject() {
		c.addName(name{name: asKey.Name, detail: "text", doc: asKey.Doc, shape: plan.ShapeText, kind: KindKey, rank: 5})
	}
}

// labelled reports whether the label of the block around gives a key.
func (c *completer) labelled(slot *slot, key string) bool {
	if c.inObject() {
		return false
	}
	if slot.key != nil {
		return key == "id"
	}
	return key == slot.field.Label
}

// inObject reports whether the keys at the place are those of a value in braces and not of a block.
func (c *completer) inObject() bool { return c.spot.object }

func detailOf(shape plan.Shape, required bool, value string) string {
	detail := shape.String()
	switch {
	case required:
		detail += ", required"
	case value != "":
		detail += ", " + value + " if left out"
	}
	return detail
}

// addName offers a key, unless it is written already.
func (c *completer) addName(n name) {
	s := &c.spot
	_, used := s.around[n.name]
	many := n.block && n.label && c.Notation == syntax.HCL
	if used && !many || n.block && s.oneLine && !s.assigned {
		return
	}
	it := Item{Label: n.name, Kind: n.kind, Detail: n.detail, Doc: n.doc, Topic: n.topic, Rank: n.rank, Deprecated: n.deprecated}
	switch {
	case s.assigned, c.Notation == syntax.HCL && s.style == double && !s.unclosed:
		it.Text = n.name
	case c.Notation == syntax.HCL && s.style == double:
		it.Text, it.Snippet = c.written(n)
		it.Text, it.Snippet = closed(it.Text, n.name), closed(it.Snippet, n.name)
	case n.twin:
		it.Label, it.Filter = n.name+" =", n.name
		fallthrough
	default:
		it.Text, it.Snippet = c.written(n)
	}
	it.Text = s.pad + it.Text
	if it.Snippet != "" {
		it.Snippet = s.pad + it.Snippet
	}
	c.add(it)
}

// closed is what is written for a key of HCL in a quote that has no end.
func closed(text, key string) string {
	if behind, ok := strings.CutPrefix(text, key); ok {
		return key + `"` + behind
	}
	return text
}

// written returns a key with what stands behind it, and the same with tab stops.
func (c *completer) written(n name) (text, snippet string) {
	if c.Notation == syntax.HCL {
		return c.writtenHCL(n)
	}
	text = n.name + ":"
	switch {
	case c.spot.flow || !c.Lines && c.spot.column > 0:
		return text + " ", text + " $0"
	case !c.Lines:
		return text + c.behind(n.shape), ""
	}
	in := "\n" + strings.Repeat(" ", c.spot.column)
	switch n.shape {
	case plan.ShapeText, plan.ShapeScript, plan.ShapeAny, plan.ShapeScopes:
		return text + " ", ""
	case plan.ShapeBool:
		return text + " ", text + " ${1:" + n.value + "}"
	case plan.ShapeStep:
		return text + " ", text + " $0"
	case plan.ShapeTexts, plan.ShapeScripts:
		return text, text + in + "- $0"
	case plan.ShapeExtensions:
		return text, text + in + "- $0"
	case plan.ShapePairs, plan.ShapeValues:
		return text, text + in + "  $0"
	case plan.ShapeErrands:
		return text, text + in + "  ${1:name}:" + in + "    run: $0"
	case plan.ShapeDownloads:
		return text, text + in + "- url: ${1:https://example.com/file}" + in + "  dest: ${2:file}"
	}
	if n.entry != "" {
		return text, text + in + "- " + n.entry + ": $0"
	}
	return text, text + in + "- $0"
}

// behind is the blank behind a key whose value stands on its line.
func (c *completer) behind(shape plan.Shape) string {
	switch shape {
	case plan.ShapeText, plan.ShapeScript, plan.ShapeAny, plan.ShapeScopes, plan.ShapeBool, plan.ShapeStep:
		return " "
	}
	return ""
}

// labelSnippet is what stands in a label at first. One that is offered, such as a release, is left empty: with a word in it, editors
// would offer only what begins so.
func labelSnippet(shape plan.Shape) string {
	switch shape {
	case plan.ShapeVariables, plan.ShapeErrands, plan.ShapeDownloads:
		return "${1:name}"
	}
	return "$1"
}

func (c *completer) writtenHCL(n name) (text, snippet string) {
	indent := c.indentation()
	in := "\n" + indent
	if n.block {
		head, label := n.name, ""
		if n.label {
			head, label = n.name+` ""`, n.name+` "`+labelSnippet(n.shape)+`"`
		} else {
			label = n.name
		}
		if !c.Lines {
			return head + " {}", ""
		}
		return head + " {" + in + "}", label + " {" + in + "  $0" + in + "}"
	}
	text = n.name + " = "
	switch n.shape {
	case plan.ShapeBool:
		return text + n.value, text + "${1:" + n.value + "}"
	case plan.ShapeTexts, plan.ShapeScripts, plan.ShapeScopes:
		return text + "[]", text + `["$1"]$0`
	case plan.ShapePairs, plan.ShapeValues, plan.ShapeErrands:
		return text + "{}", text + "{ $1 }$0"
	case plan.ShapeText, plan.ShapeScript, plan.ShapeStep, plan.ShapeAny:
		return text + `""`, text + `"$1"$0`
	}
	return text + "[]", text + "[$1]$0"
}

// indentation is that of the line of the cursor.
func (c *completer) indentation() string {
	text := c.Source.Text()
	start, end := lineAround(text, c.Offset)
	return text[start:blanks(text, start, end)]
}

// dashes offers entries of a list with their dash.
func (c *completer) dashes(slot *slot) {
	if slot.inside || slot.free != "" {
		return
	}
	first := ""
	if slot.key == nil {
		first = slot.field.Shorthand
	} else if slot.shape == plan.ShapeVariables {
		first = "id"
	}
	it := Item{Label: "- ", Kind: KindSnippet, Detail: "entry of " + slot.label(), Rank: -1}
	switch slot.shape {
	case plan.ShapeTexts, plan.ShapeScripts, plan.ShapeScopes, plan.ShapeExtensions, plan.ShapeAny:
	case plan.ShapeDependencies, plan.ShapeConsumers, plan.ShapeVariables, plan.ShapeTemplates, plan.ShapeDownloads:
		if first == "" {
			first = "url"
		}
		it.Label = "- " + first
		it.Text = "- " + first + ": "
	default:
		return
	}
	it.Text = cmp.Or(it.Text, it.Label)
	if c.spot.childDash {
		it.Text = c.spot.pad + it.Text
	}
	c.add(it)
}

// label is what the field or key is called.
func (s *slot) label() string {
	if s.key != nil {
		return s.key.Name
	}
	return s.field.Name
}

// freeKeys offers keys of mappings whose keys are not in any table: inputs of a dependency, consumers of one, tags of a
// template, facts about the release.
func (c *completer) freeKeys(slot *slot) {
	switch slot.field.Shape {
	case plan.ShapeDependencies:
		m := c.dependency()
		if m == nil {
			return
		}
		if slot.name() == "consumes" {
			for i, consumer := range m.Consumes {
				c.addName(name{name: consumer.Variable, detail: "provider of " + consumer.Name, kind: KindInterface, shape: plan.ShapeScript, rank: i})
			}
			return
		}
		for i, v := range m.Inputs {
			n := name{name: v.ID, detail: typeOf(v), doc: v.Description, kind: KindVariable, shape: plan.ShapeScript, rank: 100 + i}
			if v.Default == nil {
				n.rank, n.detail = i, n.detail+", required"
			}
			c.addName(n)
		}
	case plan.ShapeTemplates:
		for i, tag := range c.tagsOf(c.spot.entry["file"]) {
			c.addName(name{name: tag, detail: "tag of the template", kind: KindVariable, shape: plan.ShapeScript, rank: i})
		}
	case plan.ShapePairs:
		known := map[string]string{}
		for _, m := range c.Deps {
			for key := range m.Metadata {
				known[key] = m.Metadata[key]
			}
		}
		for i, key := range sortedKeys(known) {
			c.addName(name{name: key, detail: "as in other packages", kind: KindKey, shape: plan.ShapeScript, rank: i})
		}
		for i, key := range []string{"team", "owner", "contact", "documentation", "tier"} {
			c.addName(name{name: key, detail: "text", kind: KindKey, shape: plan.ShapeScript, rank: 500 + i})
		}
	}
}

func typeOf(v *release.Variable) string {
	t, err := types.StoredVar(v.Type, v.Options)
	if err != nil {
		return v.Type
	}
	return t.String()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// errandNames offers the errands that extensions bring, which the plan may change.
func (c *completer) errandNames() {
	for _, n := range c.inheritedErrands() {
		c.addName(n)
	}
}

// inheritedErrands are the errands that extensions bring.
func (c *completer) inheritedErrands() []name {
	if c.Plan == nil {
		return nil
	}
	var names []name
	for _, e := range c.Plan.Extends {
		m := c.Deps[e.Alias()]
		if m == nil {
			continue
		}
		for _, errand := range sortedKeys(m.Errands) {
			names = append(names, name{name: errand, detail: fmt.Sprintf("errand of %s", e.Release.Value), doc: m.Errands[errand].Description,
				kind: KindKey, shape: plan.ShapePairs, rank: len(names)})
		}
	}
	return names
}

// dependency returns what is known of the dependency that the place belongs to; nil if nothing is.
func (c *completer) dependency() *release.Metadata {
	if c.Plan == nil {
		return nil
	}
	spec := c.spot.entry["release_id"]
	if spec == "" {
		return nil
	}
	for _, d := range c.Plan.Depends {
		if d.Spec.Value == spec || d.Release.Value == spec && c.spot.entry["as"] == d.As.Value || d.Release.Value == spec {
			if m := c.Deps[d.Alias()]; m != nil {
				return m
			}
		}
	}
	id, _, err := release.ParseReference(spec)
	if err != nil {
		return nil
	}
	for _, m := range c.Deps {
		if m.Project+"/"+m.Name == id.Package() {
			return m
		}
	}
	return nil
}
