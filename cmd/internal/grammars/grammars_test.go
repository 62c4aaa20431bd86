package grammars

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// TestSameText: what is generated is the same each time, ends in one line break, and parses if it is JSON.
func TestSameText(t *testing.T) {
	for _, f := range Files() {
		text := f.Text()
		if text != f.Text() {
			t.Errorf("%s: differs from call to call", f.Path)
		}
		if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") {
			t.Errorf("%s: ends badly", f.Path)
		}
		if strings.HasSuffix(f.Path, ".json") && !json.Valid([]byte(text)) {
			t.Errorf("%s: is no JSON", f.Path)
		}
	}
}

// TestIncludes: a rule that is included exists, and a rule that exists is included.
func TestIncludes(t *testing.T) {
	for _, text := range []string{planYAML(), planHCL(), script(), injection(), markdown()} {
		var g grammar
		if err := json.Unmarshal([]byte(text), &g); err != nil {
			t.Fatal(err)
		}
		used := map[string]bool{}
		for _, m := range regexp.MustCompile(`"include": "#([^"]*)"`).FindAllStringSubmatch(text, -1) {
			if used[m[1]] = true; g.Repository[m[1]].Patterns == nil && g.Repository[m[1]].Match == "" && g.Repository[m[1]].Begin == "" {
				t.Errorf("%s: there is no rule %q", g.ScopeName, m[1])
			}
		}
		for name := range g.Repository {
			if !used[name] {
				t.Errorf("%s: nothing includes the rule %q", g.ScopeName, name)
			}
		}
	}
}

// TestShellKeys: the keys that are named by hand exist, and their documentation says what they hold.
func TestShellKeys(t *testing.T) {
	for _, name := range shellKeys() {
		found := false
		walkKeys(func(k *plan.Key) { found = found || k.Name == name && strings.Contains(k.Doc, "shell script") })
		if !found {
			t.Errorf("no key %q holds a shell script", name)
		}
	}
}

// TestSnippets: every snippet as it is inserted is a plan without an error, once it has a name and a version; so are all choices.
func TestSnippets(t *testing.T) {
	for n, lead := range map[syntax.Notation][]string{
		syntax.YAML: {"name: demo/app\n", "version: 1.0.0\n"},
		syntax.HCL:  {"name = \"demo/app\"\n", "version = \"1.0.0\"\n"},
	} {
		var list map[string]snippet
		if err := json.Unmarshal([]byte(snippets(n)), &list); err != nil {
			t.Fatal(err)
		}
		for title, s := range list {
			for i := range 20 { // more than there are choices
				text, more := inserted(t, strings.Join(s.Body, "\n")+"\n", i)
				for _, l := range lead {
					if key := strings.Fields(strings.ReplaceAll(l, ":", " "))[0]; !regexp.MustCompile(`(?m)^` + key + `\b`).MatchString(text) {
						text = l + text
					}
				}
				found := lang.Analyze(source.NewFile(planLanguages()[n].FileNames[0], text), lang.Options{}).Findings
				// A choice may not suit the other values of the example.
				if found.HasErrors() && (i == 0 || slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code.IsText() })) {
					t.Errorf("%s, choice %d:\n%s\n%s", title, i, text, diag.Sprint(found))
				}
				if !more {
					break
				}
			}
		}
	}
}

// inserted returns body with the text or the i-th choice of all placeholders, as an editor inserts it. It reports whether one
// of them has more choices.
func inserted(t *testing.T, body string, i int) (text string, more bool) {
	placeholder := regexp.MustCompile(`\$\{\d+(?::((?:\\.|[^\\}])*)|\|((?:\\.|[^\\|])*)\|)\}|\\([\\$}])|\$`)
	return placeholder.ReplaceAllStringFunc(body, func(s string) string {
		m := placeholder.FindStringSubmatch(s)
		unescape := func(s string) string { return regexp.MustCompile(`\\(.)`).ReplaceAllString(s, "$1") }
		switch {
		case s == "$":
			t.Errorf("a dollar sign without a backslash:\n%s", body)
			return s
		case m[3] != "":
			return m[3]
		case m[2] != "":
			choices := strings.Split(m[2], ",") // none has a comma
			more = more || i+1 < len(choices)
			return unescape(choices[min(i, len(choices)-1)])
		}
		return unescape(m[1])
	}), more
}
