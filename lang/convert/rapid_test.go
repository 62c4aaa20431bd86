package convert_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
)

// A maker writes a random plan in YAML that decodes without errors: all fields, all forms of entries, comments everywhere.
type maker struct {
	t   *rapid.T
	out strings.Builder
	n   int // comments and names so far
}

func (m *maker) flip(label string) bool { return rapid.Bool().Draw(m.t, label) }

func pick[T any](m *maker, list ...T) T { return rapid.SampledFrom(list).Draw(m.t, "pick") }

func (m *maker) name() string { m.n++; return fmt.Sprintf("n%d", m.n) }

func (m *maker) line(depth int, text string) {
	m.out.WriteString(strings.Repeat("  ", depth) + text)
	m.trail()
}

// trail ends a line, perhaps with a comment.
func (m *maker) trail() {
	if rapid.IntRange(0, 4).Draw(m.t, "trail") == 0 {
		m.n++
		fmt.Fprintf(&m.out, " # behind %d", m.n)
	}
	m.out.WriteByte('\n')
}

// above writes comments and blank lines.
func (m *maker) above(depth int) {
	for rapid.IntRange(0, 4).Draw(m.t, "above") == 0 {
		if m.flip("blank") {
			m.out.WriteByte('\n')
		}
		m.n++
		fmt.Fprintf(&m.out, "%s# above %d\n", strings.Repeat("  ", depth), m.n)
	}
}

// word is a text on one line as YAML writes it.
func (m *maker) word() string {
	text := pick(m, "plain", "two words", "a: b # c", "yes", "1.10", "010", "null", "~", "", "$$x", "'", "\"q\" \\n", "${HOME}", "%{if}", "$${x",
		"a\tb", "ünï 😀", " lead", "trail ", "\u0001\u007f", "a\nb\n", "a\n\n  b\n\tc\n", "\n", "x\n\n", "<<EOT\nEOT\n", "$", "-", "#", "&a", "{{ x }}")
	return yamlfile.ScalarText(text)
}

// script is a word or an expression.
func (m *maker) script() string {
	if m.flip("word") {
		return m.word()
	}
	return yamlfile.ScalarText(m.expr(2))
}

func (m *maker) expr(depth int) string {
	arg := func() string {
		if depth == 0 || m.flip("literal") {
			return pick(m, `"a"`, `"$"`, `"\n\t"`, `"\"\\"`, "5", "-1", `"${x}"`, `""`, `"%{"`)
		}
		return m.expr(depth - 1)
	}
	switch pick(m, 0, 1, 2, 3, 4, 5, 6) {
	case 0:
		return "$this.inputs." + pick(m, "a", "b-c", "true", "for")
	case 1:
		return "$dep.outputs.list[0]"
	case 2:
		return "$__concat(" + arg() + ", " + arg() + ", " + arg() + ")"
	case 3:
		return "$a.b.join(" + arg() + ")"
	case 4:
		return "$__id(" + arg() + ")"
	case 5:
		return "$func(x) { $x.upper() }(" + arg() + ")"
	}
	return "$a[1:2].add(1,2)"
}

// value is any value, on one line.
func (m *maker) value(depth int, scripts bool) string {
	switch n := rapid.IntRange(0, 9).Draw(m.t, "value"); {
	case n < 4 || depth == 0 && n > 6:
		if scripts {
			return m.script()
		}
		return m.word()
	case n == 4:
		return pick(m, "1", "-7", "0x1f", "0o17", "010", "1_000", "18446744073709551615", "+5", "0b11", "9223372036854775807")
	case n == 5:
		return pick(m, "1.10", "1e+3", ".5", "5.", "-0.0", "1.5e-3", "2.0")
	case n == 6:
		return pick(m, "true", "no", "on", "null", "~", "2001-01-02", "!!str 5", "!!binary aGVsbG8=")
	case n == 7:
		return "[]"
	}
	list := make([]string, rapid.IntRange(1, 4).Draw(m.t, "items"))
	for i := range list {
		list[i] = m.value(depth-1, scripts)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// text writes a key with a text in one of all styles.
func (m *maker) text(depth int, key, prefix string) {
	pad := strings.Repeat("  ", depth+1)
	switch pick(m, 0, 1, 2, 3) {
	case 0:
		fmt.Fprintf(&m.out, "%s: %s\n%s%s one\n\n%s  two ${x} %%{y}\n", prefix+key, pick(m, "|", "|-", ">", ">-", "| # note"), pad, pick(m, "", "$", "#"), pad)
	default:
		m.out.WriteString(prefix + key + ": " + m.word())
		m.trail()
	}
}

// keys writes some keys of an entry, the first of which must be there.
func (m *maker) entry(depth int, first string, keys []func(prefix string)) {
	pad := strings.Repeat("  ", depth)
	m.above(depth)
	m.out.WriteString(pad + "- " + first)
	m.trail()
	for _, key := range keys {
		if rapid.IntRange(0, 2).Draw(m.t, "key") == 0 {
			m.above(depth + 1)
			key(pad + "  ")
		}
	}
}

func (m *maker) key(name string, value func() string) func(string) {
	return func(prefix string) {
		m.out.WriteString(prefix + name + ": " + value())
		m.trail()
	}
}

func (m *maker) bool() string { return pick(m, "true", "false", "yes", "off") }

func (m *maker) scopes() string { return pick(m, "build", "[deploy]", "[build, deploy]", "[]") }

func (m *maker) values() string {
	var list []string
	for range rapid.IntRange(0, 3).Draw(m.t, "pairs") {
		m.n++
		list = append(list, yamlfile.ScalarText(fmt.Sprint(pick(m, "k", "a b", "for ", "${", "$", "1."), m.n))+": "+m.value(1, true))
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// list writes the entries of a field.
func (m *maker) list(field *plan.Field, depth int, element func(depth int)) {
	name := field.Name
	if rapid.IntRange(0, 9).Draw(m.t, "empty") == 0 {
		m.line(depth, name+": []")
		return
	}
	m.line(depth, name+":")
	for range rapid.IntRange(1, 3).Draw(m.t, "entries") {
		element(depth)
	}
}

func (m *maker) variable(depth int) {
	id := m.name()
	if m.flip("short") {
		m.above(depth)
		m.line(depth, "- "+pick(m, id, id, "version", "project", "yes"))
		return
	}
	m.entry(depth, "id: "+id, []func(string){
		m.key("type", func() string {
			return pick(m, "string", "integer", "list", "'list[string]'", "list[integer]", "version", "' bool '")
		}),
		m.key("default", func() string { return m.value(1, true) }),
		func(p string) { m.text(depth, "description", p) },
		m.key("friendly", m.word), m.key("visible", m.bool), m.key("sensitive", m.bool),
		m.key("items", func() string { return m.value(1, true) }),
		m.key("eval_before_dependencies", m.bool), m.key("scopes", m.scopes), m.key("options", m.values),
		m.key("unknown_key", m.word),
	})
}

func (m *maker) reference(name string) string {
	return name + pick(m, "", "", " as "+m.name())
}

func (m *maker) step(depth int, name string) {
	switch pick(m, 0, 1, 2, 3, 4) {
	case 0:
		m.line(depth, name+": "+pick(m, "make all", "./x.sh $a b", "''", "echo \"x\"", "{}", "null"))
		return
	case 1:
		m.line(depth, name+": {cmd: "+m.script()+", args: ["+m.script()+", "+m.script()+"]}")
		return
	}
	m.line(depth, name+":")
	m.above(depth + 1)
	m.text(depth+1, "inline", strings.Repeat("  ", depth+1))
}

func (m *maker) field(f *plan.Field) {
	switch f.Shape {
	case plan.ShapeText:
		m.text(0, f.Name, "")
	case plan.ShapeScript:
		m.line(0, f.Name+": "+m.script())
	case plan.ShapeTexts:
		m.list(f, 0, func(int) { m.above(0); m.line(0, "- "+m.word()) })
	case plan.ShapePairs:
		m.line(0, f.Name+":")
		m.line(1, m.name()+": "+m.script())
		m.above(1)
		m.line(1, m.name()+": "+pick(m, "1.10", "yes", "null", "x"))
	case plan.ShapeExtensions:
		m.list(f, 0, func(int) { m.above(0); m.line(0, "- "+m.reference("a/b-v1.@")) })
	case plan.ShapeDependencies:
		m.list(f, 0, func(int) {
			if m.flip("short") {
				m.line(0, "- "+m.reference("a/c-latest"))
				return
			}
			m.entry(0, "release_id: "+m.reference("a/d-v2"), []func(string){
				m.key("mapping", m.values), m.key("build_mapping", m.values), m.key("deploy_mapping", m.values),
				m.key("consumes", func() string { return "{x: " + pick(m, "$a.b", "c", "'yes'") + "}" }),
				m.key("scopes", m.scopes), m.key("variable", m.name), m.key("deployment_name", m.name), m.key("as", m.name),
			})
		})
	case plan.ShapeConsumers:
		m.list(f, 0, func(int) {
			if m.flip("short") {
				m.line(0, "- "+pick(m, m.reference("k8s"), "yes"))
				return
			}
			m.entry(0, "name: "+m.reference("db"), []func(string){
				m.key("scopes", m.scopes), m.key("skip_activate", m.bool), m.key("skip_deactivate", m.bool), m.key("variable", m.word),
			})
		})
	case plan.ShapeVariables:
		m.list(f, 0, m.variable)
	case plan.ShapeTemplates:
		m.list(f, 0, func(int) {
			if m.flip("short") {
				m.line(0, "- a.tpl")
				return
			}
			m.entry(0, "file: b.tpl", []func(string){m.key("target", func() string { return "c" }), m.key("scopes", m.scopes),
				m.key("mapping", func() string { return "{a: " + m.values() + ", b: " + m.value(2, true) + "}" })})
		})
	case plan.ShapeDownloads:
		m.list(f, 0, func(int) {
			m.entry(0, "url: https://x/y", []func(string){m.key("overwrite", m.bool), m.key("if_not_exists", func() string { return "[a, 1]" }),
				m.key("unpack", m.bool), m.key("platform", func() string { return "linux" }), m.key("arch", func() string { return "null" }), m.key("scopes", m.scopes)})
			m.out.WriteString("  dest: y\n")
		})
	case plan.ShapeErrands:
		m.line(0, f.Name+":")
		m.above(1)
		m.line(1, pick(m, "scale", "'a b'", "yes")+":")
		m.line(2, "description: "+yamlfile.ScalarText(m.name()))
		m.step(2, "script: x.sh\n    run")
		if m.flip("inputs") {
			m.line(2, "inputs:")
			m.variable(2)
		}
	case plan.ShapeStep:
		m.step(0, f.Name)
	}
}

// TestConvertLaws: random plans keep what they mean and all their comments, there and back, and a second conversion gives
// what the first gave.
func TestConvertLaws(t *testing.T) {
	refused, all := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		m := &maker{t: rt}
		m.above(0)
		for i := range plan.Fields {
			if rapid.IntRange(0, 2).Draw(rt, "field") == 0 {
				m.above(0)
				m.field(&plan.Fields[i])
			}
		}
		m.above(0)
		text := m.out.String()
		all++
		hcl, findings, err := convert.To(source.NewFile("escape.yml", text), other("escape.yml"))
		if findings.HasErrors() {
			refused++
			rt.Logf("%s\n%s", diag.Sprint(findings), text)
			return
		}
		if err != nil && strings.Contains(err.Error(), "as the type is inherited") {
			refused++
			return
		}
		if err != nil {
			rt.Fatalf("%v\n%s", err, text)
		}
		laws(rt, "plan", "escape.yml", text)
		laws(rt, "plan", "escape.hcl", hcl)
	})
	t.Logf("%d of %d plans had mistakes", refused, all)
	if refused*2 > all {
		t.Errorf("%d of %d plans had mistakes", refused, all)
	}
}
