package refdoc

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/plan"
)

// valid checks value against a schema, as far as JSONSchema uses the language of schemas.
func valid(root, schema map[string]any, value any, path string) error {
	for name, rule := range schema {
		switch name {
		case "$ref":
			target := root["$defs"].(map[string]any)[strings.TrimPrefix(rule.(string), "#/$defs/")].(map[string]any)
			if err := valid(root, target, value, path); err != nil {
				return err
			}
		case "type":
			types, ok := rule.([]any)
			if !ok {
				types = []any{rule}
			}
			if !slices.Contains(types, any(typeOf(value))) {
				return fmt.Errorf("%s: %T is none of %v", path, value, types)
			}
		case "enum":
			if !slices.Contains(rule.([]any), value) {
				return fmt.Errorf("%s: %v is none of %v", path, value, rule)
			}
		case "anyOf":
			var errs []string
			for _, s := range rule.([]any) {
				err := valid(root, s.(map[string]any), value, path)
				if err == nil {
					errs = nil
					break
				}
				errs = append(errs, err.Error())
			}
			if errs != nil {
				return fmt.Errorf("%s: %s", path, strings.Join(errs, ", and "))
			}
		case "items":
			list, _ := value.([]any)
			for i, v := range list {
				if err := valid(root, rule.(map[string]any), v, fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return err
				}
			}
		case "properties", "additionalProperties":
			m, _ := value.(map[string]any)
			known, _ := schema["properties"].(map[string]any)
			for k, v := range m {
				s, ok := known[k]
				if ok == (name == "additionalProperties") {
					continue
				}
				if schema["patternProperties"] != nil && strings.HasPrefix(k, "x-") {
					continue
				}
				if rule == false {
					return fmt.Errorf("%s: unknown key %s", path, k)
				}
				if !ok {
					s = rule
				}
				if err := valid(root, s.(map[string]any), v, path+"."+k); err != nil {
					return err
				}
			}
		case "required":
			if m, ok := value.(map[string]any); ok {
				for _, k := range rule.([]any) {
					if _, ok := m[k.(string)]; !ok {
						return fmt.Errorf("%s: %s is missing", path, k)
					}
				}
			}
		case "patternProperties":
			if fmt.Sprint(rule) != "map[^x-.:map[]]" {
				return fmt.Errorf("%s: the test does not know the pattern %v", path, rule)
			}
		case "$schema", "$id", "$comment", "$defs", "title", "description", "markdownDescription", "default", "examples", "deprecated":
		default:
			return fmt.Errorf("%s: the test does not know the rule %s", path, name)
		}
	}
	return nil
}

func typeOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "number"
}

func loadSchema(t *testing.T) map[string]any {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(JSONSchema()), &root); err != nil {
		t.Fatal(err)
	}
	return root
}

func validate(t *testing.T, root map[string]any, text string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	return valid(root, root, value, "plan")
}

// TestExamplesFitSchema checks the examples of the table of fields.
func TestExamplesFitSchema(t *testing.T) {
	root := loadSchema(t)
	for _, f := range plan.Fields {
		text := f.Example
		for _, other := range []string{"name: demo/app\n", "version: 1.0.0\n"} {
			if !strings.HasPrefix(other, f.Name+":") {
				text += other
			}
		}
		if err := validate(t, root, text); err != nil {
			t.Errorf("%s: %v\n%s", f.Name, err, text)
		}
	}
}

// TestCorpusFitsSchema checks the plans of the shared corpus that are clean.
func TestCorpusFitsSchema(t *testing.T) {
	root := loadSchema(t)
	files, err := filepath.Glob("../../testdata/plans/*.txtar")
	good, _ := filepath.Glob("../../testdata/plans/ok/*.txtar")
	if files = append(files, good...); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, findings := "", ""
		for _, f := range a.Files {
			switch f.Name {
			case "in.yml":
				text = string(f.Data)
			case "out/check":
				findings = string(f.Data)
			}
		}
		if text == "" || strings.TrimSpace(findings) != "" {
			continue
		}
		if err := validate(t, root, text); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
}

// TestSchemaRefuses checks that the mistakes which a schema can find are found.
func TestSchemaRefuses(t *testing.T) {
	root := loadSchema(t)
	const head = "name: demo/app\nversion: 1.0.0\n"
	for _, text := range []string{
		"name: demo/app\n",
		head + "inptus: []\n",
		head + "inputs: a\n",
		head + "inputs: [{idd: a}]\n",
		head + "inputs: [{type: string}]\n",
		head + "inputs: [{id: a, visible: maybe}]\n",
		head + "consumes: [{name: a, scopes: [bild]}]\n",
		head + "build: {command: x}\n",
		head + "errands: [a]\n",
		head + "errands: {a: {runn: x}}\n",
		head + "downloads: [a]\n",
		head + "description: [a]\n",
	} {
		if validate(t, root, text) == nil {
			t.Errorf("fits, but should not:\n%s", text)
		}
	}
}
