package complete

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/types"
)

// value offers what can be the value at the place.
func (c *completer) value() {
	s := &c.spot
	slot, ok := slotOf(s.trail)
	if !ok {
		return
	}
	c.over(s.at, s.rest)
	switch {
	case slot.name() == "inline":
		c.shell()
		return
	case s.block && !slot.scripted() && slot.shape != plan.ShapeStep:
		return
	}
	if c.fileArgument() {
		return
	}
	if slot.scripted() && c.expression(&slot) {
		if s.style == native {
			c.nativeValues(&slot)
		}
		return
	}
	if s.style == native {
		c.whole(slot.label() == "type")
	}
	if s.block || s.function != "" {
		return
	}
	if c.Notation == syntax.HCL && s.style == double && slot.scripted() && strings.HasSuffix(s.text, "$") {
		c.over(c.Offset-1, 0)
		c.list.Items = nil
		c.templates(&slot)
		return
	}
	if !s.mapping {
		c.plainValues(&slot)
	}
	if s.item && s.text == "" || s.item && slot.inside && isNameLike(s.text) {
		c.itemKeys(&slot)
	}
}

func isNameLike(text string) bool { return wordLen(text) == len(text) }

// templates offers references in a text of HCL.
func (c *completer) templates(slot *slot) {
	scope, ok := c.scope(slot)
	if !ok {
		return
	}
	for i, f := range scope.Names.Fields() {
		if f.Absent == "" && expr.IsName(f.Name) {
			label := "${" + f.Name + "}"
			c.add(Item{Label: label, Kind: KindVariable, Detail: f.Doc, Rank: i, Text: label, Snippet: `\${` + f.Name + `$0\}`})
		}
	}
}

// nativeValues offers the values of HCL that are no names: where a value begins.
func (c *completer) nativeValues(slot *slot) {
	if strings.ContainsAny(c.spot.text, ".([") || c.spot.function != "" {
		return
	}
	if c.list.Replace != c.list.Insert {
		return // a text in quotes cannot stand in front of the rest of a word
	}
	c.plainValues(slot)
}

// whole makes items replace all of a value, such as "list(string)": what is left of it could not stand behind them.
func (c *completer) whole(call bool) {
	text := c.Source.Text()
	end := int(c.list.Replace.End)
	if call && end < len(text) && text[end] == '(' {
		if n := strings.IndexAny(text[end:], ")\n"); n >= 0 && text[end+n] == ')' {
			end += n + 1
		}
	}
	c.list.Replace.End, c.list.Insert.End = int32(end), int32(end)
}

// plainValues offers values that stand for themselves.
func (c *completer) plainValues(slot *slot) {
	if slot.key != nil && len(slot.key.Enum) > 0 && slot.shape != plan.ShapeScopes {
		c.enum(slot)
		return
	}
	switch slot.shape {
	case plan.ShapeBool:
		c.bools(slot)
	case plan.ShapeScopes:
		c.scopes()
	case plan.ShapeDependencies, plan.ShapeExtensions:
		c.releases()
	case plan.ShapeConsumers:
		c.interfaces(true)
	case plan.ShapeErrands:
		for i, e := range c.inheritedErrands() {
			it := c.text(e.name, KindKey, e.detail, i)
			it.Doc = e.doc
			c.add(it)
		}
	case plan.ShapeTexts, plan.ShapeScripts:
		switch slot.label() {
		case "provides":
			c.interfaces(false)
		case "includes", "generates", "if_not_exists":
			c.files("", anyFile)
		case "args":
			c.scriptStarts(slot, 0)
		}
	case plan.ShapeTemplates:
		c.files("", templateFile)
	case plan.ShapeVariables:
		c.ids()
	case plan.ShapeStep:
		if slot.inside {
			return
		}
		c.stepFiles()
	case plan.ShapeValues, plan.ShapePairs:
		if slot.free != "" {
			c.mapped(slot)
		}
	case plan.ShapeAny:
		c.given(slot)
	case plan.ShapeText, plan.ShapeScript:
		c.texts(slot)
	}
}

// scriptStarts offers the starts of expressions in YAML.
func (c *completer) scriptStarts(slot *slot, rank int) {
	if c.Notation == syntax.YAML && c.spot.text == "" {
		c.starts(slot, "$", "", rank)
	}
}

// texts offers values of the keys that are texts.
func (c *completer) texts(slot *slot) {
	switch slot.label() {
	case "name":
		if slot.key == nil {
			c.packageName()
		} else {
			c.interfaces(true)
		}
	case "version":
		for i, v := range []string{"0.1.@", "1.0.@", "1.0.0"} {
			c.add(c.text(v, KindVersion, "", i))
		}
		c.scriptStarts(slot, 10)
	case "license":
		for i, l := range []string{"Apache-2.0", "MIT", "BSD-3-Clause", "GPL-3.0-or-later", "MPL-2.0", "Proprietary"} {
			c.add(c.text(l, KindValue, "", i))
		}
	case "logo":
		c.files("", imageFile)
	case "release_id":
		c.releases()
	case "id":
		c.ids()
	case "variable", "as":
		c.aliases()
	case "deployment_name":
		c.aliases()
	case "file":
		c.files("", templateFile)
	case "target":
		if file := c.spot.entry["file"]; file != "" {
			c.add(c.text(strings.TrimSuffix(file, path.Ext(file)), KindFile, "the file without its last extension", 0))
		}
	case "script":
		c.files("", scriptFile)
		c.scriptStarts(slot, 900)
	case "cmd":
		c.files("./", scriptFile)
		c.scriptStarts(slot, 900)
	case "dest":
		if url := c.spot.entry["url"]; strings.Contains(url, "/") && path.Base(url) != "." {
			c.add(c.text(path.Base(url), KindFile, "as in the address", 0))
		}
		c.files("", folders)
	}
}

// packageName offers names for the package: that of its folder, with the project of a neighbour.
func (c *completer) packageName() {
	base := path.Base(filepath.ToSlash(filepath.Dir(c.Source.Name())))
	if !expr.IsName(base) || strings.ToLower(base) != base {
		return
	}
	projects := map[string]bool{}
	for _, pkg := range c.packages() {
		if project, _, ok := strings.Cut(pkg, "/"); ok && project != "_" {
			projects[project] = true
		}
	}
	for i, p := range sortedKeys(projects) {
		c.add(c.text(p+"/"+base, KindPackage, "", i))
	}
	c.add(c.text(base, KindPackage, "", 100))
}

// text is an item for a text that stands at the place as a whole.
func (c *completer) text(text string, kind Kind, detail string, rank int) Item {
	return Item{Label: text, Kind: kind, Detail: detail, Text: c.write(text), Rank: rank}
}

// write writes a text as the style of the place wants it.
func (c *completer) write(text string) string {
	s := &c.spot
	lead := ""
	if s.glued {
		lead = " "
	}
	switch s.style {
	case single:
		return strings.ReplaceAll(text, "'", "''") + s.missing("'")
	case double:
		return strings.Trim(quote(text), `"`) + s.missing(`"`)
	case literal:
		return text
	case native:
		return quote(text)
	}
	if needsQuotes(text, s.flow) {
		return lead + quote(text)
	}
	return lead + text
}

// missing is the quote that closes the text, if it is not there.
func (s *spot) missing(quote string) string {
	if s.unclosed {
		return quote
	}
	return ""
}

// needsQuotes reports whether a plain scalar of YAML cannot be text, or would be something else.
func needsQuotes(text string, flow bool) bool {
	if text == "" || strings.TrimSpace(text) != text || strings.Contains(text, ": ") || strings.Contains(text, " #") ||
		strings.HasSuffix(text, ":") || strings.ContainsAny(text, "\n\t\"\\") {
		return true
	}
	if strings.IndexByte("-?:,[]{}#&*!|>'%@`", text[0]) >= 0 && !(text[0] == '-' && len(text) > 1 && text[1] != ' ') {
		return true
	}
	return flow && strings.ContainsAny(text, ",[]{}")
}

func (c *completer) enum(slot *slot) {
	s := &c.spot
	if s.style == plain {
		c.whole(false)
	}
	for i, v := range slot.key.Enum {
		it := c.text(v, KindValue, "", i)
		if slot.label() == "type" {
			it.Topic = "type:" + v
			if s.style == native {
				it.Label = strings.NewReplacer("[", "(", "]", ")").Replace(v)
				it.Text = it.Label
			}
		}
		if v == slot.key.Default {
			it.Detail = "as if left out"
		}
		c.add(it)
	}
}

func (c *completer) bools(slot *slot) {
	for i, v := range []string{"true", "false"} {
		it := Item{Label: v, Kind: KindValue, Text: v, Rank: i}
		if c.spot.glued {
			it.Text = " " + v
		}
		if slot.key != nil && v == slot.key.Default {
			it.Detail, it.Rank = "as if left out", 5
		}
		if c.spot.style == plain || c.spot.style == native {
			c.add(it)
		}
	}
}

// scopes offers stages that are not in the list yet.
func (c *completer) scopes() {
	s := &c.spot
	inList := len(s.trail) > 0 && s.trail[len(s.trail)-1] == "-"
	for i, stage := range []string{"build", "deploy"} {
		if slices.Contains(s.items, stage) {
			continue
		}
		it := c.text(stage, KindValue, "stage", i)
		if !inList && s.style == native {
			it.Label = `["` + stage + `"]`
			it.Text = it.Label
		}
		c.add(it)
	}
	if !inList && s.style == plain && s.text == "" && s.rest == 0 {
		it := Item{Label: "[build, deploy]", Kind: KindValue, Detail: "as if left out", Rank: 9, Text: "[build, deploy]"}
		if s.glued {
			it.Text = " " + it.Text
		}
		c.add(it)
	}
}

// ids offers names of variables that mean something: those that Escape fills in, and those of packages that the plan needs. Most
// names are new, so that only those are offered that begin as what was typed, and editors ask again for each character: the next
// best match, taken by the key that ends the line, would replace the new name.
func (c *completer) ids() {
	c.list.Incomplete = true
	add := func(it Item) {
		if worth(c.typed(), it.Label) == 0 {
			c.add(it)
		}
	}
	for i, v := range types.KnownVars() {
		if (types.Var{Name: v}).IsMagic() {
			it := c.text(v, KindVariable, "filled in by Escape", 200+i)
			it.Topic = "type:" + v
			add(it)
		}
	}
	if c.Plan == nil || len(c.spot.trail) == 0 {
		return
	}
	field := c.spot.trail[0]
	for i, alias := range sortedKeys(c.Deps) {
		m := c.Deps[alias]
		list, what := m.Inputs, "input"
		if strings.HasSuffix(field, "outputs") {
			list, what = m.Outputs, "output"
		}
		for _, v := range list {
			it := c.text(v.ID, KindVariable, fmt.Sprintf("%s of %s", what, alias), i)
			it.Doc = v.Description
			add(it)
		}
	}
}

// aliases offers names for the dependency at hand.
func (c *completer) aliases() {
	spec := c.spot.entry["release_id"]
	if spec == "" {
		spec = c.spot.entry["name"]
	}
	if spec == "" {
		spec = c.spot.entry["release"]
	}
	if spec == "" {
		return
	}
	for i, alias := range aliasesOf(spec) {
		c.add(c.text(alias, KindVariable, "", i))
	}
}

// given offers values of a variable: those of its type, and those that it takes.
func (c *completer) given(slot *slot) {
	if name := slot.name(); name != "default" && name != "items" {
		return
	}
	v, _ := types.ParseVar(c.variableType())
	c.ofType(v, listOf(c.spot.entry["items"]))
	c.scriptStarts(slot, 100)
}

// ofType offers values of a type.
func (c *completer) ofType(v types.Var, items []string) {
	for i, item := range items {
		it := c.text(item, KindValue, "allowed", i)
		if v.Name == "integer" || v.Name == "bool" {
			it.Text = item
		}
		c.add(it)
	}
	if v.Name == "bool" && len(items) == 0 && (c.spot.style == plain || c.spot.style == native) {
		for i, b := range []string{"true", "false"} {
			it := Item{Label: b, Kind: KindValue, Text: b, Rank: i}
			if c.spot.glued {
				it.Text = " " + b
			}
			c.add(it)
		}
	}
}

// listOf reads a list as far as a line of either notation says it.
func listOf(text string) []string {
	text = strings.TrimSpace(text)
	inner, ok := strings.CutPrefix(text, "[")
	if !ok {
		if !strings.HasPrefix(text, "- ") {
			return nil
		}
		inner = strings.ReplaceAll(strings.ReplaceAll(text, "\n", ","), "- ", "")
	}
	inner, _, _ = strings.Cut(inner, "]")
	var items []string
	for _, part := range strings.Split(inner, ",") {
		part = strings.Trim(strings.TrimSpace(part), `"'`)
		if part != "" && !strings.HasPrefix(part, "$") && isNameLike(part) {
			items = append(items, part)
		}
	}
	return items
}

// mapped offers values for an input of a dependency, or for a key of another mapping.
func (c *completer) mapped(slot *slot) {
	if slot.field.Shape == plan.ShapeDependencies {
		m := c.dependency()
		if m != nil && slot.name() == "consumes" {
			c.providers(m, slot.free)
			return
		}
		if m != nil {
			for _, v := range m.Inputs {
				if v.ID == slot.free {
					t, _ := types.StoredVar(v.Type, v.Options)
					var items []string
					if list, ok := v.Items.([]any); ok {
						for _, item := range list {
							items = append(items, fmt.Sprint(item))
						}
					}
					c.ofType(t, items)
				}
			}
		}
	}
	c.scriptStarts(slot, 100)
}

// itemKeys offers the keys of an entry that begins behind a dash.
func (c *completer) itemKeys(slot *slot) {
	if !slot.inside || c.spot.flow || c.Notation == syntax.HCL || c.spot.style != plain {
		return
	}
	text := c.Source.Text()
	_, stop := lineAround(text, c.Offset)
	if _, end, colon := keyAt(text, c.Offset, stop); colon >= 0 || strings.HasPrefix(strings.TrimLeft(text[c.Offset:stop], " "), ":") {
		if colon < 0 {
			end = c.Offset
		}
		c.spot.assigned = true
		c.list.Replace.End = int32(end)
	}
	was := len(c.list.Items)
	c.keyNames(slot.keys, slot)
	for i := was; i < len(c.list.Items); i++ {
		it := &c.list.Items[i]
		it.Rank += 300
		if slot.shape == plan.ShapeVariables {
			it.Rank -= 200
		}
		if c.spot.glued {
			it.Text = " " + it.Text
			if it.Snippet != "" {
				it.Snippet = " " + it.Snippet
			}
		}
	}
}
