package refdoc

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/plan"
)

func references() map[string]func() string {
	return map[string]func() string{"fields": FieldReference, "codes": CodeReference, "builtins": BuiltinReference}
}

// TestMarkdown checks that the references are well formed: fences closed, rows of a table equally long, links that lead
// somewhere, no blank line at the end, and the same text each time.
func TestMarkdown(t *testing.T) {
	link := regexp.MustCompile(`\]\(#([^)]*)\)`)
	for name, make := range references() {
		text := make()
		if text != make() {
			t.Errorf("%s: differs from call to call", name)
		}
		if !strings.HasPrefix(text, "# ") || strings.HasSuffix(text, "\n\n") || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s: starts or ends badly", name)
		}
		anchors := map[string]bool{}
		fence, columns := "", 0
		for i, line := range strings.Split(text, "\n") {
			if fence != "" {
				if line == fence {
					fence = ""
				}
				continue
			}
			if ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]; len(ticks) >= 3 {
				fence = ticks
				continue
			}
			if heading, ok := strings.CutPrefix(line, "## "); ok {
				a := anchor(heading)
				if anchors[a] {
					t.Errorf("%s:%d: two headings %q", name, i+1, a)
				}
				anchors[a] = true
			}
			if !strings.HasPrefix(line, "|") {
				columns = 0
				continue
			}
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			if columns != 0 && n != columns {
				t.Errorf("%s:%d: %d columns, want %d", name, i+1, n, columns)
			}
			columns = n
		}
		if fence != "" {
			t.Errorf("%s: a block is not closed", name)
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if !anchors[m[1]] {
				t.Errorf("%s: link to %q leads nowhere", name, m[1])
			}
		}
	}
}

// TestReferencesAreComplete checks that each row of a table is in its reference.
func TestReferencesAreComplete(t *testing.T) {
	fields, codes := FieldReference(), CodeReference()
	for _, f := range plan.Fields {
		if !strings.Contains(fields, "\n## "+f.Name+"\n") || !strings.Contains(fields, f.Example) {
			t.Errorf("field %s is missing", f.Name)
		}
	}
	for _, e := range diag.Catalog() {
		if !strings.Contains(codes, "\n## "+title(e)+"\n") {
			t.Errorf("code %s is missing", e.Code)
		}
	}
}

func TestSchema(t *testing.T) {
	text := JSONSchema()
	if text != JSONSchema() {
		t.Error("differs from call to call")
	}
	var s struct {
		Properties map[string]struct{ Description string }
		Required   []string
		Defs       map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Properties) != len(plan.Fields) || len(plan.Fields) != 38 {
		t.Errorf("%d properties, %d fields, want 38", len(s.Properties), len(plan.Fields))
	}
	for _, f := range plan.Fields {
		if s.Properties[f.Name].Description == "" {
			t.Errorf("%s has no description", f.Name)
		}
	}
	if !slices.Equal(s.Required, []string{"name", "version"}) {
		t.Errorf("required: %v", s.Required)
	}
	for _, m := range regexp.MustCompile(`"#/\$defs/([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if s.Defs[m[1]] == nil {
			t.Errorf("definition %s is missing", m[1])
		}
	}
}

func TestExplain(t *testing.T) {
	found := func(name, text string, _ []catalog.File) diag.List {
		return diag.List{{Code: diag.UnknownField, Message: name + " has " + strings.TrimSpace(text)}}
	}
	for _, e := range diag.Catalog() {
		x, ok := catalog.Explain(e.Code)
		text, err := Explain(e, found)
		if ok != (err == nil) {
			t.Errorf("%s: explanation %v, error %v", e.Code, ok, err)
			continue
		}
		if ok && (!strings.Contains(text, x.Text) || !strings.HasPrefix(text, string(e.Code)+" "+e.Name)) {
			t.Errorf("%s: %s", e.Code, text)
		}
	}
}
