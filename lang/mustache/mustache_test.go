package mustache_test

import (
	"strings"
	"testing"

	"escape.build/escape/lang/mustache"
)

func TestRender(t *testing.T) {
	mapping := map[string]any{
		"x": "v", "html": `&<>"'`, "n": int64(1234567), "f": 1.5, "big": 1234567.0, "yes": true, "no": false, "zero": int64(0),
		"list": []any{"a", "b"}, "none": []any{}, "blank": "  ", "m": map[string]any{"k": "mv", "d": map[string]any{"e": "deep"}}, "null": nil,
		"maps": []any{map[string]any{"n": "1"}, map[string]any{"n": "2"}},
	}
	partials := func(name string) (string, bool) {
		texts := map[string]string{"p": "<{{x}}>", "loop": "{{>loop}}", "bad": "{{"}
		text, ok := texts[name]
		return text, ok
	}
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain { } }}", "plain { } }}"},
		{"{{x}} {{ x }}", "v v"},
		{"{{html}}", "&amp;&lt;&gt;&#34;&#39;"},
		{"{{{html}}}", `&<>"'`},
		{"{{n}} {{f}} {{big}} {{yes}} {{list}} {{null}}", "1234567 1.5 1234567 true [a b] "},
		{"{{m.k}} {{m.d.e}}", "mv deep"},
		{"{{#list}}({{.}}){{/list}}", "(a)(b)"},
		{"{{#maps}}{{n}}{{x}};{{/maps}}", "1v;2v;"},
		{"{{#m}}{{k}}{{/m}}", "mv"},
		{"{{#x}}is {{.}}{{/x}}", "is v"},
		{"{{#zero}}zero{{/zero}}{{#no}}no{{/no}}{{#none}}none{{/none}}{{#blank}}b{{/blank}}{{#null}}n{{/null}}{{#gone}}g{{/gone}}", "zero"},
		{"{{^no}}a{{/no}}{{^none}}b{{/none}}{{^blank}}c{{/blank}}{{^gone}}d{{/gone}}{{^x}}e{{/x}}", "abcd"},
		{"a{{! comment }}b", "ab"},
		{"{{#x}}\nline\n{{/x}}\nend", "line\n\nend"},
		{"{{#x}}\r\nline{{/x}}", "line"},
		{"{{=<% %>=}}<%x%> {{x}} <%={{ }}=%>{{x}}", "v {{x}} v"},
		{"{{>p}}{{> gone}}", "<v>"},
	} {
		got, err := mustache.Render(c.in, mapping, partials)
		if err != nil || got != c.want {
			t.Errorf("Render(%q) = %q, %v, want %q", c.in, got, err, c.want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"{{gone}}", `Missing variable "gone"`},
		{"{{#x}}{{gone}}after{{/x}}", `Missing variable "gone"`},
		{"{{m.gone}}", `Missing variable "m.gone"`},
		{"{{{ x }}}", `Missing variable " x "`},
		{"{{&x}}", `Missing variable "&x"`},
		{"{{x", "line 1: unmatched open tag"},
		{"{{}}", "line 1: empty tag"},
		{"\n{{#s}}\n", "line 2: Section s has no closing tag"},
		{"{{/s}}", "line 1: unmatched close tag"},
		{"{{#s}}{{/q}}{{/s}}", "line 1: interleaved closing tag: q"},
		{"{{=x}}", "line 1: Invalid meta tag"},
		{"{{>loop}}", "partials are nested too deeply"},
		{"{{>bad}}", "partial bad: line 1: unmatched open tag"},
		{strings.Repeat("{{#x}}", 200), "line 1: sections are nested too deeply"},
	} {
		if got, err := mustache.Render(c.in, mapping, partials); err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("Render(%q) = %q, %v, want error %q", c.in, got, err, c.want)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add("{{#a}}{{.}}{{/a}}{{=<% %>=}}<%a%>")
	f.Fuzz(func(t *testing.T, text string) {
		// The law: it ends and does not panic, whatever the text.
		_, _ = mustache.Render(text, map[string]any{"a": []any{"x"}}, func(string) (string, bool) { return text, true })
	})
}
