package convert

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
)

// TestFieldsInBothNotations: each field, and each key of its entries, says the same in YAML, as an attribute of HCL, and as a
// block if it has some.
func TestFieldsInBothNotations(t *testing.T) {
	blocks := 0
	for i := range plan.Fields {
		row := &plan.Fields[i]
		for _, s := range samplesOf(row) {
			yaml := source.NewFile("escape.yml", row.Name+": "+s.value+"\n")
			_, want, findings := read(yaml)
			set := reflect.ValueOf(row.Bind(want)).Elem()
			if set.IsZero() {
				t.Errorf("%q sets nothing", yaml.Text())
				continue
			}
			if s.key != nil && !isSet(set, s.key) {
				t.Errorf("%q does not set %s", yaml.Text(), s.key.Name)
			}
			forms := []string{row.Name + " = " + s.value}
			if s.block != "" {
				forms = append(forms, s.block)
				blocks++
			}
			for _, text := range forms {
				_, got, list := read(source.NewFile("escape.hcl", text+"\n"))
				if err := equal("", reflect.ValueOf(want).Elem(), reflect.ValueOf(got).Elem()); err != nil {
					t.Errorf("%q is not %q: %v", text, yaml.Text(), err)
				}
				if got, want := messages(list), messages(findings); got != want {
					t.Errorf("%q gives the findings %s, but %q gives %s", text, got, yaml.Text(), want)
				}
			}
		}
	}
	if blocks < 100 {
		t.Errorf("only %d forms of blocks were tried", blocks)
	}
}

func messages(list diag.List) string {
	text := ""
	for _, d := range list {
		text += fmt.Sprintf("%s %s\n", d.Code.Code, d.Message)
	}
	return text
}

// isSet reports whether a field, or the first entry of it, has a key.
func isSet(field reflect.Value, key *plan.Key) bool {
	if field.Kind() == reflect.Slice {
		field = field.Index(0)
	}
	return !reflect.ValueOf(key.Bind(field.Interface())).Elem().IsZero()
}

// A sample is a value of a field, in words that both notations have, and the block of HCL that means the same.
type sample struct {
	value, block string
	key          *plan.Key // the key of an entry that it is about; may be nil
}

func samplesOf(row *plan.Field) []sample {
	var list []sample
	entry := func(key *plan.Key, keys map[string]any, body string) {
		switch row.Shape {
		case plan.ShapeStep:
			list = append(list, sample{words(keys), row.Name + " {" + body + "}", key})
		case plan.ShapeErrands:
			list = append(list, sample{words(map[string]any{"go": keys}), row.Block + ` "go" {` + body + "}", key})
		default:
			keys[row.Label] = word(row.Label)
			list = append(list, sample{words([]any{keys}), fmt.Sprintf("%s %q {%s}", row.Block, word(row.Label), body), key})
		}
	}
	for i := range row.Keys {
		k := &row.Keys[i]
		if k.Name == row.Label {
			entry(nil, map[string]any{}, "")
			continue
		}
		v := valueOf(k.Name, k.Shape)
		entry(k, map[string]any{k.Name: v}, " "+k.Name+" = "+words(v)+" ")
		if m, ok := v.(map[string]any); ok && k.Block() == k.Name {
			entry(k, map[string]any{k.Name: v}, "\n"+k.Name+" { "+attributes(m)+" }\n")
		}
		if k.Shape == plan.ShapeVariables {
			entry(k, map[string]any{k.Name: []any{map[string]any{"id": "size"}}}, "\n"+k.Block()+" \"size\" {}\n")
		}
	}
	switch {
	case row.Shape == plan.ShapePairs:
		m := valueOf(row.Name, row.Shape).(map[string]any)
		list = append(list, sample{value: words(m), block: row.Name + " { " + attributes(m) + " }"})
	case row.Keys == nil:
		list = append(list, sample{value: words(valueOf(row.Name, row.Shape))})
	}
	if row.Shape.TakesAlias() {
		list = append(list, sample{value: words([]any{word(row.Label) + " as other"}), block: fmt.Sprintf("%s %q { as = \"other\" }", row.Block, word(row.Label))})
	}
	if row.Shape == plan.ShapeStep || row.Shorthand != "" {
		v := any(word(row.Label))
		if row.Shape != plan.ShapeStep {
			v = []any{v}
		}
		list = append(list, sample{value: words(v)})
	}
	return list
}

// valueOf is a value of a field or key that has a meaning.
func valueOf(name string, shape plan.Shape) any {
	switch shape {
	case plan.ShapeBool:
		return name != "visible" && name != "eval_before_dependencies" // not the default
	case plan.ShapeTexts, plan.ShapeScripts, plan.ShapeExtensions:
		return []any{word("release"), word("name")}
	case plan.ShapePairs, plan.ShapeValues:
		return map[string]any{"one": "two"}
	case plan.ShapeScopes:
		return []any{"deploy"}
	case plan.ShapeStep:
		return map[string]any{"inline": "true"}
	case plan.ShapeVariables:
		return []any{map[string]any{"id": "size", "default": "big"}, "zone"}
	}
	if name == "items" {
		return []any{"small", "big"}
	}
	return word(name)
}

// word is a text for a field, key or label.
func word(name string) string {
	switch name {
	case "name":
		return "demo"
	case "version":
		return "1.0.0"
	case "release", "release_id":
		return "demo/base-v1.0.0"
	case "url":
		return "https://example.com/x.tgz"
	case "type":
		return "string"
	case "platform":
		return "linux"
	case "arch":
		return "amd64"
	}
	return "word"
}

// words writes a value as JSON, which both notations read.
func words(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func attributes(m map[string]any) string {
	text := ""
	for name, v := range m {
		text += name + " = " + words(v)
	}
	return text
}
