package lang_test

import (
	"regexp"
	"slices"
	"strings"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// misspell makes one of the mistakes of typing in a word: two letters swapped, one left out, one typed twice. It returns the
// word itself if that is too short.
func misspell(word string) string {
	n := len(word)
	if n < 3 {
		return word
	}
	at := n / 2
	switch hash(word) % 3 {
	case 0:
		for i := at; i > 0; i-- {
			if word[i] != word[i-1] {
				return word[:i-1] + word[i:i+1] + word[i-1:i] + word[i+1:]
			}
		}
	case 1:
		if n > 4 {
			return word[:at] + word[at+1:]
		}
	}
	return word[:at] + word[at:at+1] + word[at:]
}

func to(s string) func(string) string { return func(string) string { return s } }

// swap plants by a pattern: what its first group matches in a file that ends in ext ("plan" is the plan) is changed.
func swap(ext, pattern string, change func(string) string) func(*bed) []planted {
	re := regexp.MustCompile("(?m)" + pattern)
	return func(b *bed) []planted {
		var list []planted
		for _, name := range b.names() {
			if name != b.plan && !strings.HasSuffix(name, ext) || name == b.plan && ext != "plan" && ext != "" {
				continue
			}
			text := b.files[name]
			for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
				if name == b.plan && ext == "plan" && inComment(text, m[2]) {
					continue
				}
				if new := change(text[m[2]:m[3]]); new != text[m[2]:m[3]] {
					list = append(list, planted{file: name, edit: source.Edit{Span: source.Span{Start: int32(m[2]), End: int32(m[3])}, New: new}})
				}
			}
		}
		return list
	}
}

func inComment(text string, at int) bool {
	line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
	return strings.HasPrefix(strings.TrimSpace(line), "#") || strings.HasPrefix(strings.TrimSpace(line), "description") && !strings.HasSuffix(line, "description") &&
		!strings.HasSuffix(strings.TrimRight(line, "\"= :"), "description")
}

func (b *bed) names() []string {
	var names []string
	for name := range b.files {
		if !strings.Contains(name, "deps/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// A node is an entry of a plan.
type node struct {
	path  string // the names of what it is in, in the words of YAML
	e     *syntax.Entry
	in    *syntax.Mapping
	at    int         // its index there
	whole source.Span // the item or block that it is in
}

var plural = map[string]string{"input": "inputs", "output": "outputs", "build_input": "inputs", "deploy_input": "inputs", "build_inputs": "inputs", "deploy_inputs": "inputs",
	"build_output": "outputs", "deploy_output": "outputs", "build_outputs": "outputs", "deploy_outputs": "outputs", "template": "templates", "build_template": "templates",
	"deploy_template": "templates", "build_templates": "templates", "deploy_templates": "templates", "download": "downloads", "errand": "errands",
	"build_consumes": "consumes", "deploy_consumes": "consumes"}

// nodes lists all entries below the root, and the root's own.
func (b *bed) nodes() []node {
	var list []node
	var walk func(n syntax.Node, path string, whole source.Span)
	walk = func(n syntax.Node, path string, whole source.Span) {
		switch n := n.(type) {
		case *syntax.Mapping:
			for i := range n.Entries {
				e := &n.Entries[i]
				key := e.Key.Text
				if p, ok := plural[key]; ok {
					key = p
				}
				if path == "errands" && b.plan == "escape.yml" {
					walk(e.Value, "errands", e.Span())
					continue
				}
				p := strings.TrimPrefix(path+"/"+key, "/")
				list = append(list, node{p, e, n, i, whole})
				inner := whole
				if e.Block {
					inner = e.Span()
				}
				walk(e.Value, p, inner)
			}
		case *syntax.Sequence:
			for _, item := range n.Items {
				walk(item.Value, path, item.Value.Span())
			}
		}
	}
	walk(b.tree.Root, "", source.Span{})
	return list
}

// entries plants with the entries whose path matches.
func entries(pattern string, plant func(*bed, node) (source.Edit, bool)) func(*bed) []planted {
	re := regexp.MustCompile("^(?:" + pattern + ")$")
	return func(b *bed) []planted {
		var list []planted
		for _, n := range b.nodes() {
			if re.MatchString(n.path) {
				if edit, ok := plant(b, n); ok {
					p := planted{file: b.plan, edit: edit}
					if edit.New == "" { // what is missing in an item may be shown anywhere in it
						whole := source.Span{Start: n.whole.Start, End: n.whole.End - int32(edit.Span.Len())}
						p.where = []spot{{b.plan, whole}}
					}
					list = append(list, p)
				}
			}
		}
		return list
	}
}

func keyed(change func(string) string) func(*bed, node) (source.Edit, bool) {
	return func(b *bed, n node) (source.Edit, bool) {
		old := n.e.Key.Text
		span := n.e.Key.Pos
		if b.text(span) != old {
			return source.Edit{}, false
		}
		return source.Edit{Span: span, New: change(old)}, change(old) != old
	}
}

// value replaces a value, written in YAML and in HCL.
func value(yaml, hcl string) func(*bed, node) (source.Edit, bool) {
	return func(b *bed, n node) (source.Edit, bool) {
		new := yaml
		if b.plan == "escape.hcl" {
			new = hcl
		}
		s, ok := n.e.Value.(*syntax.Scalar)
		return source.Edit{Span: n.e.Value.Span(), New: new}, ok && s.Props == nil && s.Style != syntax.Literal && s.Style != syntax.Folded && s.Style != syntax.Heredoc
	}
}

func (b *bed) text(s source.Span) string { return b.tree.Source.Slice(s) }

// sibling is the text of another entry beside n, without quotes.
func (n node) sibling(b *bed, key string) string {
	for i := range n.in.Entries {
		if e := &n.in.Entries[i]; e.Key.Text == key {
			return strings.Trim(b.text(e.Value.Span()), `"'`)
		}
	}
	return ""
}

// lines widens a span to whole lines; false if anything else stands on them.
func (b *bed) lines(s source.Span) (source.Span, bool) {
	f := b.tree.Source
	first, last := f.Line(f.LineOf(int(s.Start))), f.Line(f.LineOf(int(s.End)))
	before := strings.Trim(f.Slice(source.Span{Start: first.Start, End: s.Start}), " -")
	after := strings.TrimSpace(f.Slice(source.Span{Start: s.End, End: last.End}))
	return source.Span{Start: first.Start, End: min(last.End+1, int32(len(f.Text())))}, before == "" && (after == "" || after == "}")
}

// dropped removes a whole entry, which is not the first of an item in YAML.
func dropped(b *bed, n node) (source.Edit, bool) {
	span, ok := b.lines(n.e.Span())
	if strings.Contains(b.text(source.Span{Start: span.Start, End: n.e.Key.Pos.Start}), "-") {
		return source.Edit{}, false
	}
	return source.Edit{Span: span}, ok
}

// firstDropped removes the first key of an item of YAML.
func firstDropped(b *bed, n node) (source.Edit, bool) {
	if n.at != 0 || len(n.in.Entries) < 2 || n.in.Flow {
		return source.Edit{}, false
	}
	return source.Edit{Span: source.Span{Start: n.e.Key.Pos.Start, End: n.in.Entries[1].Key.Pos.Start}}, true
}

// A declaration is an entry with a name, on lines of its own.
type declaration struct {
	id   string // with " as ALIAS" if there is one
	span source.Span
}

// declared lists the declarations of a field and of its variants for one stage.
func (b *bed) declared(field string) []declaration {
	var list []declaration
	root := b.tree.Root.(*syntax.Mapping)
	for i := range root.Entries {
		e := &root.Entries[i]
		if plural[e.Key.Text] != field && e.Key.Text != field {
			continue
		}
		add := func(id string, s source.Span) {
			if span, ok := b.lines(s); ok && id != "" {
				list = append(list, declaration{id, span})
			}
		}
		if e.Block && len(e.Labels) == 1 {
			id := e.Labels[0].Text
			if as := regexp.MustCompile(`\bas\s*=\s*"(\w+)"`).FindStringSubmatch(b.text(e.Span())); as != nil {
				id += " as " + as[1]
			}
			add(id, e.Span())
		}
		seq, ok := e.Value.(*syntax.Sequence)
		if !ok || seq.Flow || len(seq.Items) < 2 {
			continue
		}
		for _, item := range seq.Items {
			switch v := item.Value.(type) {
			case *syntax.Scalar:
				add(v.Text, v.Pos)
			case *syntax.Mapping:
				id, alias := "", ""
				for _, e := range v.Entries {
					switch e.Key.Text {
					case "id", "release_id", "name":
						id = strings.Trim(b.text(e.Value.Span()), `"'`)
					case "variable":
						alias = " as " + strings.Trim(b.text(e.Value.Span()), `"'`)
					}
				}
				if v.Props == nil {
					add(id+alias, v.Pos)
				}
			}
		}
	}
	return list
}

// removed removes declarations which are still used: %s in a pattern is the name.
func removed(field, ext, pattern string, most int) func(*bed) []planted {
	return func(b *bed) []planted {
		var list []planted
		for _, d := range b.declared(field) {
			name := d.id
			if i := strings.LastIndex(name, " as "); i >= 0 {
				name = name[i+4:]
			} else if i := strings.LastIndex(name, "-v"); i >= 0 {
				name = name[strings.LastIndex(name[:i], "/")+1 : i]
			}
			quoted := regexp.QuoteMeta(name)
			if !regexp.MustCompile(strings.ReplaceAll(pattern, "%s", quoted)).MatchString(b.beyond(ext, d.span)) {
				continue
			}
			re := regexp.MustCompile(`\b(?:INPUT_|OUTPUT_)?` + quoted + `\b`)
			p := planted{file: b.plan, edit: source.Edit{Span: d.span}}
			uses := 0
			for _, file := range b.names() {
				text := b.files[file]
				for _, m := range re.FindAllStringIndex(text, -1) {
					start, end := int32(m[0]), int32(m[1])
					if file == b.plan {
						switch {
						case d.span.Contains(m[0]):
							continue
						case start > d.span.Start:
							start, end = start-int32(d.span.Len()), end-int32(d.span.Len())
						}
					}
					uses++
					p.where = append(p.where, spot{file, source.Span{Start: start, End: end}})
				}
			}
			if 0 < uses && uses <= most {
				list = append(list, p)
			}
		}
		return list
	}
}

// beyond is the text of the files that end in ext, without a span of the plan.
func (b *bed) beyond(ext string, but source.Span) string {
	text := ""
	for _, name := range b.names() {
		switch {
		case name == b.plan && ext == "plan":
			text += b.files[name][:but.Start] + "\n" + b.files[name][but.End:]
		case name != b.plan && strings.HasSuffix(name, ext):
			text += b.files[name]
		}
	}
	return text
}

const keys = `inputs/(?:type|description|default|items|sensitive|visible|friendly|eval_before_dependencies|scopes)|outputs/(?:description|default|type)|` +
	`depends/(?:mapping|build_mapping|deploy_mapping|consumes|variable|scopes|release_id)|templates/(?:file|target|mapping|scopes)|` +
	`errands/(?:description|run|inputs|script)|downloads/(?:url|dest|unpack|platform|arch)|consumes/(?:name|scopes|skip_activate|skip_deactivate)|` +
	`(?:errands/run|build|deploy|test|smoke|destroy)/(?:cmd|args|inline|script)`

const word = `[A-Za-z_]\w+`

// kinds are all sorts of mistakes. Some that people make cannot be known, so they are not here: a comma missing between two
// plain words of a YAML list, which make one text; a wrong output of a provider of which nobody knows the packages; a required
// input that is no longer mapped, since it is then passed on; a name misspelt where nothing else uses it; a blank less where an
// entry has one key only; a colon in an object of HCL, which may have one.
var kinds = []kind{
	// Names of the language.
	{name: "field misspelt", plant: entries(word, keyed(misspell)), cure: true},
	{name: "field with capital", plant: entries(word, keyed(strings.ToUpper)), cure: true},
	{name: "key misspelt", plant: entries(keys, keyed(misspell)), cure: true},
	{name: "key with capital", plant: entries(keys, keyed(func(s string) string { return strings.ToUpper(s[:1]) + s[1:] })), cure: true},
	{name: "field of one variable", in: "yml", plant: swap("plan", `^(inputs|outputs|templates|errands|downloads):`, func(s string) string { return s[:len(s)-1] }), cure: true},
	{name: "type misspelt", plant: swap("plan", `^\s*type *[:=] *"?(integer|bool|list|version|project|environment|deployment|string)\b`, misspell), cure: true},
	{name: "type of another language", plant: swap("plan", `^\s*type *[:=] *"?(integer|bool)\b`, func(s string) string {
		return map[string]string{"integer": "int", "bool": "boolean"}[s]
	}), cure: true},
	{name: "scope misspelt", plant: swap("plan", `scopes *[:=] *\[?"?(build|deploy)\b`, misspell), cure: true},
	{name: "truth value misspelt", plant: swap("plan", `^\s*(?:sensitive|visible|eval_before_dependencies|unpack|overwrite|skip_activate|skip_deactivate) *[:=] *(true|false)`, misspell), cure: true},

	// Names in expressions.
	{name: "this misspelt", in: "yml", plant: swap("plan", `\$(this)\.`, misspell), cure: true},
	{name: "this misspelt", in: "hcl", plant: swap("plan", `[ {(](this)\.`, misspell), cure: true},
	{name: "inputs or outputs misspelt", plant: swap("plan", `\bthis\.(inputs|outputs)\.`, misspell), cure: true},
	{name: "inputs for input", plant: swap("plan", `\bthis\.(inputs|outputs)\.`, func(s string) string { return s[:len(s)-1] }), cure: true},
	{name: "input misspelt in an expression", plant: swap("plan", `\bthis\.inputs\.(\w+)`, misspell), cure: true},
	{name: "output misspelt in an expression", plant: swap("plan", `\bthis\.outputs\.(\w+)`, misspell), cure: true},
	{name: "output of a dependency misspelt", plant: ofDeps(`\.outputs\.(\w+)`, misspell), cure: true},
	{name: "alias misspelt", in: "yml", plant: swap("plan", `\$([a-su-z]\w+|t[a-gi-z]\w*)\.(?:inputs|outputs|deployment|version|metadata)`, misspell), cure: true},
	{name: "alias misspelt", in: "hcl", plant: swap("plan", `[ {(]([a-su-z]\w+|t[a-gi-z]\w*)\.(?:inputs|outputs|deployment|version|metadata)`, misspell), cure: true},
	{name: "function misspelt", in: "yml", plant: swap("plan", `\$__(concat|split|id|title|and|or|not|equals|base64_decode|base64_encode|read_file|file_exists)\(`, misspell), cure: true},
	{name: "method misspelt", plant: swap("plan", `this\.\w+(?:\.\w+)*\.(split|join|replace|trim|lower|upper|length|concat|gte|gt|add|track_\w+)\(`, misspell), cure: true},
	{name: "key of the context misspelt", plant: swap("plan", `[^.]\bthis\.(environment|version|project|deployment|name)\b`, misspell), cure: true},
	{name: "metadata misspelt", plant: ofDeps(`\.metadata\.(\w+)`, misspell), cure: true},
	{name: "comma for a dot", in: "yml", plant: swap("plan", `(?:default|: ) *\$this(\.)inputs`, to(","))},
	{name: "dollar forgotten", in: "yml", plant: swap("plan", `(?:default|\w+): (\$)this\.inputs\.\w+$`, to("")), cure: true},
	{name: "braces as in a shell", in: "yml", plant: swap("plan", `default: (\$this\.inputs\.\w+)$`, func(s string) string { return "${" + s[1:] + "}" }), cure: true},
	{name: "braces as in a template", in: "yml", plant: swap("plan", `default: (\$this\.inputs\.\w+)$`, func(s string) string { return "{{" + s[1:] + "}}" })},

	// Expressions.
	{name: "too many arguments", plant: swap("plan", `default *[:=] \$?this\.inputs\.\w+()$`, to(`.lower("x")`))},
	{name: "too few arguments", plant: swap("plan", `default *[:=] \$?this\.inputs\.\w+()$`, to(`.split()`))},
	{name: "parenthesis not closed", loose: true, in: "yml", plant: swap("plan", `: \$__\w+\([^()'\n]*(\))$`, to(""))},
	{name: "parenthesis not closed", loose: true, in: "hcl", plant: swap("plan", `= [a-z.]+\([^()'"\n]*(\))$`, to(""))},
	{name: "interpolation not closed", loose: true, in: "hcl", plant: swap("plan", `"[^"\n]*\$\{[\w.]+(\})[^"\n]*"$`, to(""))},
	{name: "string not closed in an expression", loose: true, in: "yml", plant: swap("plan", `: \$__\w+\("[^"\n]*(")`, to(""))},
	{name: "quote for nothing in an expression", in: "yml", plant: swap("plan", `: \$__\w+\("[^"\n]*"()`, to(`"`))},
	{name: "comma missing in an expression", loose: true, in: "yml", plant: swap("plan", `: \$__\w+\("[^"\n]*"(,) `, to(""))},
	{name: "comma too much in an expression", in: "yml", plant: swap("plan", `: \$__\w+\("[^"\n]*",()`, to(","))},
	{name: "text behind an expression", in: "yml", plant: swap("plan", `(?:default|target|zone): \$this\.inputs\.\w+()$`, to("/path"))},
	{name: "dot at the end", plant: swap("plan", `\bthis\.inputs\.\w+()$`, to("."))},
	{name: "two dots", plant: swap("plan", `\bthis\.inputs(\.)`, to(".."))},
	{name: "brackets for a dot", plant: swap("plan", `\bthis\.inputs(\.)\w+$`, to("["))},

	// Text.
	{name: "closing quote missing", plant: swap("plan", `[:=] "[^"\n$\\]+(")$`, to(""))},
	{name: "opening quote missing", loose: true, plant: swap("plan", `[:=] (")[^"\n\\]+"$`, to(""))},
	{name: "quote too much", in: "yml", plant: swap("plan", `^ *(?:- )?\w+: ()[A-Za-z][\w. ]*$`, to(`"`))},
	{name: "bracket not closed", loose: true, plant: swap("plan", `[:=] \[[^]\n]*(\])$`, to(""))},
	{name: "bracket not opened", loose: true, plant: swap("plan", `[:=] (\[)[^]\n]*\]$`, to(""))},
	{name: "brace not closed", above: 25, loose: true, in: "yml", plant: swap("plan", `(?:- |: )\{[^}\n]*(\})$`, to(""))},
	{name: "brace not closed", above: 25, loose: true, in: "hcl", plant: swap("plan", `^( *\}\n)`, to(""))},
	{name: "brace too much", in: "hcl", plant: swap("plan", `^\}\n()`, to("}\n"))},
	{name: "comma missing in a list", in: "hcl", loose: true, plant: swap("plan", `= \["[^]\n,"]*"(,) `, to(""))},
	{name: "tab for blanks", in: "yml", plant: swap("plan", `^( +)\w+: `, to("\t"))},
	{name: "a blank too much", below: 1, in: "yml", plant: swap("plan", `^ +()\w+: .`, to(" "))},
	{name: "two blanks too much", below: 1, in: "yml", plant: swap("plan", `^ +()\w+: .`, to("  "))},
	{name: "a blank missing", below: 1, loose: true, in: "yml", plant: swap("plan", `^( ) +\w+: .`, to(""))},
	{name: "colon missing", in: "yml", plant: swap("plan", `^ *(?:- )?\w+(:) [A-Za-z$]`, to(""))},
	{name: "equals sign for a colon", in: "yml", plant: swap("plan", `^ *(?:- )?(?:id|type|default|description|name|version|license|build|deploy)(:) [A-Za-z$]`, to(" ="))},
	{name: "blank missing behind a colon", in: "yml", plant: swap("plan", `^ *(?:- )?\w+(: )[A-Za-z$][^\n:]*$`, to(":")), cure: true},
	{name: "blank missing behind a dash", in: "yml", plant: swap("plan", `^ *-( )\w+: `, to("")), cure: true},
	{name: "dash missing", in: "yml", cure: true, plant: swap("plan", `^ *(- )\w+: `, to("  "))},
	{name: "equals sign missing", loose: true, in: "hcl", plant: swap("plan", `^ *\w+ *(= )["\[\w]`, to(""))},
	{name: "colon for an equals sign", in: "hcl", plant: swap("plan", `^(?:  )?\w+( *=) ["\w]`, to(":"))},
	{name: "single quotes", in: "hcl", plant: swap("plan", `= ("[^"'$\n\\]+")$`, func(s string) string { return "'" + s[1:len(s)-1] + "'" })},
	{name: "round quotes", in: "hcl", plant: swap("plan", `= ("[^"'$\n\\]+")$`, func(s string) string { return "“" + s[1:len(s)-1] + "”" })},
	{name: "dollar before a reference", in: "hcl", plant: swap("plan", `= ()this\.inputs\.\w+$`, to("$")), cure: true},
	{name: "reference in quotes", in: "hcl", plant: swap("plan", `= (this\.inputs\.\w+)$`, func(s string) string { return `"$` + s + `"` }), cure: true},
	{name: "brackets around a block", loose: true, in: "hcl", plant: swap("plan", `^(?:input|output)( )"`, to(" = "))},
	{name: "list field for a block", in: "hcl", plant: swap("plan", `^(input|output|template|errand)\b "`, func(s string) string { return s + "s" }), cure: true},
	{name: "conflict not resolved", plant: conflict, most: 3},
	{name: "backquote", plant: swap("plan", `^\w+ *[:=] ()["\w][^\n]*$`, to("`"))},
	{name: "alias of YAML misspelt", in: "yml", plant: swap("plan", `\*(\w+)$`, misspell), cure: true},

	// Values.
	{name: "default of an integer", plant: entries(`inputs/default`, func(b *bed, n node) (source.Edit, bool) {
		e, ok := value("many", `"many"`)(b, n)
		return e, ok && n.sibling(b, "type") == "integer"
	})},
	{name: "default of a truth value", plant: entries(`inputs/default`, func(b *bed, n node) (source.Edit, bool) {
		e, ok := value("maybe", `"maybe"`)(b, n)
		return e, ok && n.sibling(b, "type") == "bool"
	})},
	{name: "default is none of the items", plant: entries(`inputs/default`, func(b *bed, n node) (source.Edit, bool) {
		edit, ok := source.Edit{}, false
		for i := range n.in.Entries {
			if seq, is := n.in.Entries[i].Value.(*syntax.Sequence); is && n.in.Entries[i].Key.Text == "items" && len(seq.Items) > 0 {
				word := strings.Trim(b.text(seq.Items[0].Value.Span()), `"`)
				edit, ok = value(misspell(word), `"`+misspell(word)+`"`)(b, n)
				ok = ok && misspell(word) != word
			}
		}
		return edit, ok
	})},
	{name: "items of the wrong type", plant: entries(`inputs/type`, func(b *bed, n node) (source.Edit, bool) {
		if n.in.Flow || n.sibling(b, "items") != "" || b.text(n.e.Value.Span()) != "integer" {
			return source.Edit{}, false
		}
		new := "\n  items: [low, high]"
		if b.plan == "escape.hcl" {
			new = "\n  items = [\"low\", \"high\"]"
		} else if b.text(source.Span{Start: b.tree.Source.Line(b.tree.Source.LineOf(int(n.e.Key.Pos.Start))).Start, End: n.e.Key.Pos.Start}) != "  " {
			return source.Edit{}, false
		}
		return source.Edit{Span: source.Span{Start: n.e.Value.Span().End, End: n.e.Value.Span().End}, New: new}, true
	})},
	{name: "version with a letter", plant: entries("version", value("1.2.x", `"1.2.x"`))},
	{name: "version latest", plant: entries("version", value("latest", `"latest"`))},
	{name: "name with a blank", plant: entries("name", value("shop/my app", `"shop/my app"`))},
	{name: "name is reserved", plant: entries("name", value("this", `"this"`))},
	{name: "list for a text", plant: entries("name|description|license|inputs/description|inputs/id|templates/file", value("[one, two]", `["one", "two"]`))},
	{name: "mapping for a text", plant: entries("name|license|inputs/description|templates/file", value("{one: two}", `{ one = "two" }`))},
	{name: "text for a mapping", plant: entries("metadata|errands|depends/mapping|templates/mapping", func(b *bed, n node) (source.Edit, bool) {
		m, ok := n.e.Value.(*syntax.Mapping)
		new := " text"
		if n.e.Block {
			new = "= \"text\""
		} else if b.plan == "escape.hcl" {
			new = "\"text\""
		}
		return source.Edit{Span: source.Span{Start: n.e.Value.Span().Start, End: n.e.Value.Span().End}, New: new}, ok && m.Props == nil
	})},
	{name: "release without version", plant: swap("plan", `(?:^ *- (?:release_id: )?|depends ")[\w/-]+(-v[\d.@]+)\b`, to(""))},
	{name: "v missing in a release", plant: swap("plan", `(?:^ *- (?:release_id: )?|depends ")[\w/-]+-(v)[\d.@]+\b`, to(""))},
	{name: "release with a bad version", plant: swap("plan", `(?:^ *- (?:release_id: )?|depends ")[\w/-]+-v[\d]+()\.`, to("x"))},
	{name: "as misspelt", in: "yml", plant: swap("plan", `^ *- [\w/@.-]+ (as) \w+$`, to("at"))},
	{name: "as forgotten", in: "yml", plant: swap("plan", `^ *- [\w/@.-]+ (as )\w+$`, to(""))},
	{name: "scheme misspelt", plant: swap("plan", `(?:url: |download ")(https)://`, misspell)},
	{name: "id with a dot", plant: swap("plan", `^(?:- id: |output ")(\w+)"?`, func(s string) string { return s[:1] + "." + s[1:] }), most: 3},
	{name: "id is reserved", plant: unused("output", "PREVIOUS_")},
	{name: "name missing", below: 60, loose: true, plant: entries("name", func(b *bed, n node) (source.Edit, bool) { return source.Edit{Span: wholeLine(b, n)}, n.at == 0 })},
	{name: "version missing", below: 60, loose: true, plant: entries("version", func(b *bed, n node) (source.Edit, bool) { return source.Edit{Span: wholeLine(b, n)}, true })},
	{name: "required key missing", in: "yml", plant: entries("inputs/id|outputs/id|templates/file|depends/release_id", firstDropped)},
	{name: "errand without run", plant: entries("errands/(?:run|script)", dropped)},
	{name: "download without dest", plant: entries("downloads/dest", dropped)},
	{name: "script and inline", above: 3, loose: true, plant: entries("(?:build|deploy|test|smoke|destroy)/(?:inline|script)", func(b *bed, n node) (source.Edit, bool) {
		f := b.tree.Source
		new := "cmd: echo\n"
		if b.plan == "escape.hcl" {
			new = "cmd = \"echo\"\n"
		}
		line := f.Line(f.LineOf(int(n.e.Key.Pos.Start)))
		lead := f.Slice(source.Span{Start: line.Start, End: n.e.Key.Pos.Start})
		at := source.Span{Start: line.Start, End: line.Start}
		return source.Edit{Span: at, New: lead + new}, strings.TrimSpace(lead) == ""
	})},
	{name: "field twice", plant: entries("license|description|includes|build|deploy", func(b *bed, n node) (source.Edit, bool) {
		span, ok := b.lines(n.e.Span())
		return source.Edit{Span: source.Span{Start: span.End, End: span.End}, New: b.text(span)}, ok && !n.e.Block
	})},
	{name: "variable twice", plant: func(b *bed) []planted {
		var list []planted
		for _, d := range append(b.declared("inputs"), b.declared("outputs")...) {
			text := b.text(d.span)
			if !strings.Contains(text, "#") && !strings.Contains(text, "&") {
				list = append(list, planted{file: b.plan, edit: source.Edit{Span: source.Span{Start: d.span.End, End: d.span.End}, New: text}})
			}
		}
		return list
	}},

	// What belongs together.
	{name: "input removed, used in an expression", plant: removed("inputs", "plan", `this\.inputs\.%s\b`, 2)},
	{name: "input removed, used in a script", plant: removed("inputs", ".sh", `INPUT_%s\b`, 2)},
	{name: "input removed, used in a template", plant: removed("inputs", ".tpl", `\{%s\}`, 2)},
	{name: "input renamed", plant: renamed("inputs", "plan", `(?:INPUT_|this\.inputs\.|\{)%s\b`, 2)},
	{name: "output renamed, written by a script", plant: renamed("outputs", "sh", `\b%s\b`, 2)},
	{name: "dependency removed", plant: removed("depends", "plan", `\b%s\.(?:outputs|version|metadata|release|deployment|name)`, 2)},
	{name: "consumer removed", plant: removed("consumes", "plan", `\b%s\.(?:outputs|version|metadata|release|deployment|name)`, 2)},
	{name: "alias renamed", plant: aliases},
	{name: "key of a mapping misspelt", plant: mapped(misspell, nil), cure: true},
	{name: "value of a mapping of the wrong type", plant: mapped(nil, []string{"integer", "bool"})},
	{name: "mapping of a template misspelt", plant: inTemplates},
	{name: "output used before the main step", plant: entries("inputs/default", func(b *bed, n node) (source.Edit, bool) {
		if out := b.declared("outputs"); len(out) > 0 {
			return value("$this.outputs."+out[0].id, "this.outputs."+out[0].id)(b, n)
		}
		return source.Edit{}, false
	})},
	{name: "output used in pre_deploy", plant: func(b *bed) []planted {
		if out := b.declared("outputs"); len(out) > 0 && !strings.Contains(b.files[b.plan], "pre_deploy") {
			return b.appended("pre_deploy: {cmd: echo, args: [$this.outputs."+out[0].id+"]}\n", "pre_deploy {\n  cmd = \"echo\"\n  args = [this.outputs."+out[0].id+"]\n}\n")
		}
		return nil
	}},
	{name: "consumer of the other stage", plant: func(b *bed) []planted {
		m := regexp.MustCompile(`(?m)^deploy_consumes:\n- (?:name: )?"?(\w+)"?$|^deploy_consumes *=? *\[?"(\w+)"`).FindStringSubmatch(b.files[b.plan])
		if m == nil || strings.Contains(b.files[b.plan], "pre_build") {
			return nil
		}
		alias := m[1] + m[2]
		return b.appended("pre_build: {cmd: echo, args: [$"+alias+".deployment]}\n", "pre_build {\n  cmd = \"echo\"\n  args = ["+alias+".deployment]\n}\n")
	}},
	{name: "extension used when it runs", plant: func(b *bed) []planted {
		m := regexp.MustCompile(`(?m)^extends:\n- \S+ as (\w+)$|^extends "[^"]*" \{\n  as *= "(\w+)"`).FindStringSubmatch(b.files[b.plan])
		if m == nil || strings.Contains(b.files[b.plan], "post_deploy") {
			return nil
		}
		alias := m[1] + m[2]
		return b.appended("post_deploy: {cmd: echo, args: [$"+alias+".version]}\n", "post_deploy {\n  cmd = \"echo\"\n  args = ["+alias+".version]\n}\n")
	}},
	{name: "eval_before_dependencies forgotten", plant: entries("inputs/eval_before_dependencies", func(b *bed, n node) (source.Edit, bool) {
		e, ok := dropped(b, n)
		return e, ok && strings.Contains(n.sibling(b, "default"), ".outputs.")
	})},

	// Files.
	{name: "script of a step misspelt", plant: swap("plan", `^(?:pre_|post_)?(?:build|test|deploy|smoke|destroy) *[:=] "?(?:[\w-]+/)*(\w+)\.(?:sh|py|rb)`, misspell), cure: true},
	{name: "script of an errand misspelt", plant: swap("plan", `^ +(?:run|script) *[:=] "?(?:[\w-]+/)*(\w+)\.(?:sh|py|rb)`, misspell), cure: true},
	{name: "include misspelt", plant: swap("plan", `^includes *[:=]\s*(?:- |\[)"?(\w+)\.`, misspell), cure: true},
	{name: "template misspelt", plant: swap("plan", `(?:file: "?|^- |template ")(?:[\w.-]+/)*(\w+)[\w.-]*\.tpl`, misspell)},

	// Templates.
	{name: "tag misspelt", plant: swap(".tpl", `\{\{\{?(\w+)\}`, misspell), cure: true},
	{name: "tag not closed", loose: true, plant: swap(".tpl", `\{\{\{?\w+(\}+)`, to(""))},
	{name: "section misspelt", plant: swap(".tpl", `\{\{[#^](\w+)\}`, misspell)},
	{name: "section not closed", above: 25, loose: true, plant: swap(".tpl", `(\{\{/\w+\}\})`, to(""))},
	{name: "section closed twice", plant: swap(".tpl", `\{\{/\w+\}\}()`, to("{{/more}}"))},

	// Scripts.
	{name: "input misspelt in a shell script", plant: swap(".sh", `\bINPUT_(\w+)`, misspell), cure: true},
	{name: "input misspelt in an inline script", plant: swap("plan", `\bINPUT_(\w+)`, misspell), cure: true},
	{name: "input misspelt in Python", plant: swap(".py", `\bINPUT_(\w+)`, misspell), cure: true},
	{name: "input misspelt in Ruby", plant: swap(".rb", `\bINPUT_(\w+)`, misspell), cure: true},
	{name: "input misspelt in JavaScript", plant: swap(".js", `\b(?:INPUT|OUTPUT)_(\w+)`, misspell), cure: true},
	{name: "INPUT in lower case", plant: swap(".sh", `\$\{?(INPUT)_\w+`, strings.ToLower)},
	{name: "input in upper case", plant: swap(".sh", `\bINPUT_([a-z_]+)\b`, strings.ToUpper), cure: true},
	{name: "output misspelt in a script", plant: swap(".sh", `\bOUTPUT_(\w+)`, misspell), cure: true},
	{name: "output misspelt where it is written", plant: written, cure: true},
	{name: "quote missing in a shell script", above: 25, below: 25, plant: swap(".sh", `^[a-z]+ [^"'\n]*"[^"'\n]*(")$`, to("")), most: 3},
	{name: "fi missing", above: 25, plant: swap(".sh", `^ *(fi\n)`, to("")), most: 3},
}

func wholeLine(b *bed, n node) source.Span {
	span, _ := b.lines(n.e.Span())
	return span
}

// conflict writes both sides of a conflict around an entry.
func conflict(b *bed) []planted {
	return entries("license|description|includes|build|deploy|inputs/description|inputs/default", func(b *bed, n node) (source.Edit, bool) {
		span, ok := b.lines(n.e.Span())
		text := b.text(span)
		return source.Edit{Span: span, New: "<<<<<<< HEAD\n" + text + "=======\n" + text + ">>>>>>> other\n"}, ok && !n.e.Block && strings.HasSuffix(text, "\n") && !strings.Contains(text, "- ")
	})(b)
}

// appended adds a field at the end of the plan.
func (b *bed) appended(yaml, hcl string) []planted {
	new := yaml
	if b.plan == "escape.hcl" {
		new = hcl
	}
	end := int32(len(b.files[b.plan]))
	return []planted{{file: b.plan, edit: source.Edit{Span: source.Span{Start: end, End: end}, New: new}}}
}

// ofDeps plants behind the aliases of dependencies and extensions which can be read.
func ofDeps(pattern string, change func(string) string) func(*bed) []planted {
	return func(b *bed) []planted {
		var list []planted
		for alias := range b.deps {
			if regexp.MustCompile(`^\w+$`).MatchString(alias) {
				list = append(list, swap("plan", `\b`+alias+pattern, change)(b)...)
			}
		}
		slices.SortFunc(list, func(x, y planted) int { return int(x.edit.Span.Start - y.edit.Span.Start) })
		return list
	}
}

// unused puts a prefix before the names of variables that nothing uses.
func unused(field, prefix string) func(*bed) []planted {
	return func(b *bed) []planted {
		var list []planted
		for _, p := range swap("plan", `^(?:- id: |`+field+` ")(\w+)"?`, func(s string) string { return prefix + s })(b) {
			uses := 0
			for _, name := range b.names() {
				uses += strings.Count(b.files[name], b.text(p.edit.Span))
			}
			if uses == 1 {
				list = append(list, p)
			}
		}
		return list
	}
}

// renamed misspells the name of a declaration that is used.
func renamed(field, ext, pattern string, most int) func(*bed) []planted {
	return func(b *bed) []planted {
		var list []planted
		for _, d := range b.declared(field) {
			text := b.text(d.span)
			at := strings.Index(text, d.id)
			re := regexp.MustCompile(strings.ReplaceAll(pattern, "%s", regexp.QuoteMeta(d.id)))
			span := source.Span{Start: d.span.Start + int32(at), End: d.span.Start + int32(at+len(d.id))}
			new := misspell(d.id)
			p := planted{file: b.plan, edit: source.Edit{Span: span, New: new}}
			for _, file := range b.names() {
				if ext == "sh" && file == b.plan {
					continue
				}
				for _, m := range re.FindAllStringIndex(b.files[file], -1) {
					start, end := int32(m[0]), int32(m[1])
					if file == b.plan && start > span.Start {
						start, end = start+int32(len(new)-len(d.id)), end+int32(len(new)-len(d.id))
					}
					p.where = append(p.where, spot{file, source.Span{Start: start, End: end}})
				}
			}
			if n := len(p.where); 0 < n && n < most {
				list = append(list, p)
			}
		}
		return list
	}
}

// mapped changes keys of the mappings of dependencies, or values of inputs of some types.
func mapped(change func(string) string, types []string) func(*bed) []planted {
	return entries("depends/(?:build_|deploy_)?mapping/"+word, func(b *bed, n node) (source.Edit, bool) {
		var kind string
		for _, m := range b.deps {
			for _, in := range m.Inputs {
				if in.ID == n.e.Key.Text {
					kind = in.Type
				}
			}
		}
		switch {
		case kind == "":
			return source.Edit{}, false
		case change != nil:
			return keyed(change)(b, n)
		}
		edit, ok := value("many", `"many"`)(b, n)
		return edit, ok && slices.Contains(types, kind)
	})
}

// aliases misspells aliases that are used once or twice.
func aliases(b *bed) []planted {
	var list []planted
	for _, p := range swap("plan", `(?:^ *- [\w/@.-]+ as|^  as *=) "?(\w+)"?$`, misspell)(b) {
		text := b.files[b.plan]
		re := regexp.MustCompile(`[$ {(]` + b.text(p.edit.Span) + `\.(?:outputs|version|metadata|release|deployment|name)`)
		uses := re.FindAllStringIndex(text, -1)
		for _, m := range uses {
			shift := 0
			if m[0] > int(p.edit.Span.Start) {
				shift = len(p.edit.New) - p.edit.Span.Len()
			}
			p.where = append(p.where, spot{b.plan, source.Span{Start: int32(m[0] + shift), End: int32(m[1] + shift)}})
		}
		if 0 < len(uses) && len(uses) <= 2 {
			list = append(list, p)
		}
	}
	return list
}

// inTemplates misspells what templates are given; the tag that gets no value then is as good a place.
func inTemplates(b *bed) []planted {
	list := entries("templates/mapping/"+word, keyed(misspell))(b)
	for i := range list {
		name := b.text(list[i].edit.Span)
		for _, file := range b.names() {
			if n := strings.Index(b.files[file], name); n >= 0 && file != b.plan {
				list[i].where = append(list[i].where, spot{file, source.Span{Start: int32(n), End: int32(n + len(name))}})
			}
		}
	}
	return list
}

// written misspells outputs where scripts write them.
func written(b *bed) []planted {
	var list []planted
	for _, d := range b.declared("outputs") {
		id := regexp.QuoteMeta(d.id)
		list = append(list, swap(".sh", `["']`+id[:1]+`(`+id[1:]+`)\\?["'] *[:,]`, misspell)(b)...)
		list = append(list, swap(".py", `["'](`+id+`)["'] *:`, misspell)(b)...)
	}
	return list
}
