package plan_test

import (
	"reflect"
	"strings"
	"testing"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
)

// TestFieldsBindPlan: each field of Plan is bound by exactly one row, and the rows are in the order of formatting.
func TestFieldsBindPlan(t *testing.T) {
	p := new(plan.Plan)
	v := reflect.ValueOf(p).Elem()
	bound := map[any]string{}
	for _, row := range plan.Fields {
		ptr := row.Bind(p)
		if other, ok := bound[ptr]; ok {
			t.Errorf("%s and %s are bound to the same field", row.Name, other)
		}
		bound[ptr] = row.Name
	}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "File" && name != "Lost" && bound[v.Field(i).Addr().Interface()] == "" {
			t.Errorf("Plan.%s is bound by no row", name)
		}
	}
	const order = "name version description license logo extends depends consumes build_consumes deploy_consumes provides inputs " +
		"build_inputs deploy_inputs outputs build_outputs deploy_outputs metadata includes generates errands downloads templates " +
		"build_templates deploy_templates pre_build build post_build test pre_deploy deploy post_deploy smoke pre_destroy destroy " +
		"post_destroy activate_provider deactivate_provider"
	if got := strings.Join(plan.FieldNames(), " "); got != order {
		t.Errorf("the fields are in this order:\n%s\nwant\n%s", got, order)
	}
}

// TestFieldsAreDocumented: every row has a doc, and an example that decodes without findings and sets its field.
func TestFieldsAreDocumented(t *testing.T) {
	for i := range plan.Fields {
		row := &plan.Fields[i]
		if !strings.HasSuffix(row.Doc, ".") || !strings.HasPrefix(row.Example, row.Name+":") {
			t.Errorf("%s lacks a doc sentence or an example", row.Name)
		}
		tree, findings := yamlfile.Parse(source.NewFile("escape.yml", row.Example))
		p, more := plan.Decode(tree, plan.Options{})
		for _, d := range append(findings, more...) {
			t.Errorf("the example of %s: %s", row.Name, d.Message)
		}
		if reflect.ValueOf(row.Bind(p)).Elem().IsZero() {
			t.Errorf("the example of %s does not set it", row.Name)
		}
		if found, at, ok := plan.Lookup(row.Name); !ok || found != row || at != i {
			t.Errorf("Lookup(%q) does not find its row", row.Name)
		}
		keys(t, row.Name, row.Keys)
	}
}

func keys(t *testing.T, of string, rows []plan.Key) {
	seen := map[string]bool{}
	for _, k := range rows {
		if seen[k.Name] || !strings.HasSuffix(k.Doc, ".") || k.Bind == nil {
			t.Errorf("key %s of %s is there twice, or lacks a doc sentence or a binding", k.Name, of)
		}
		seen[k.Name] = true
		if len(k.Keys) > 0 {
			keys(t, of+"."+k.Name, k.Keys)
		}
	}
}

func TestValueTyping(t *testing.T) {
	for _, c := range []struct {
		text string
		want any
	}{
		{"010", int64(8)}, {"0x10", int64(16)}, {"0b11", int64(3)}, {"1_000", int64(1000)}, {"-5", int64(-5)}, {"+5", int64(5)},
		{"1e3", "1e3"}, {"1.5", 1.5}, {"y", true}, {"Off", false}, {"yes", true}, {"2018-01-01", "2018-01-01"}, {"9223372036854775808", uint64(1 << 63)},
		{"18446744073709551616", 18446744073709551616.0}, {"text", "text"}, {`"1"`, "1"}, {"!!str 1", "1"}, {"!!binary aGk=", "hi"}, {"[1, a]", []any{int64(1), "a"}},
	} {
		tree, _ := yamlfile.Parse(source.NewFile("escape.yml", "templates:\n- file: a\n  mapping:\n    k: "+c.text+"\n"))
		p, findings := plan.Decode(tree, plan.Options{})
		if len(p.Templates) != 1 || len(p.Templates[0].Mapping) != 1 {
			t.Errorf("%s: not decoded: %v", c.text, findings)
			continue
		}
		if got := p.Templates[0].Mapping[0].Value.Go(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s is %#v, want %#v", c.text, got, c.want)
		}
	}
}
