package config

import (
	"encoding/json"

	"escape.build/escape/lang/lint"
)

// Schema returns a JSON schema of the configuration, made from the tables of keys and rules.
func Schema() string {
	type object = map[string]any
	rules := object{}
	for i := range lint.All() {
		r := &lint.All()[i]
		level := object{"$ref": "#/$defs/level", "description": r.Code.Summary}
		if r.Fixed() {
			level = object{"const": "error", "description": r.Code.Summary + " (cannot be changed)"}
		}
		rules[r.Code.Name], rules[string(r.Code.Code)] = level, level
	}
	for _, c := range lint.Categories {
		rules[string(c)] = object{"$ref": "#/$defs/level", "description": "All rules of this category that can be changed."}
	}
	forms := map[string]object{
		"levels":  {"$ref": "#/$defs/levels"},
		"paths":   {"type": []string{"object", "null"}, "additionalProperties": object{"$ref": "#/$defs/levels"}},
		"ignore":  {"type": []string{"array", "null"}, "items": object{"type": "string"}},
		"fail_on": {"enum": FailLevels},
	}
	properties := object{}
	for _, k := range Keys {
		form := forms[k.Name]
		form["description"] = k.Doc
		properties[k.Name] = form
	}
	text, err := json.MarshalIndent(object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "Configuration of escape lint (" + Name + ")",
		"type":                 []string{"object", "null"},
		"properties":           properties,
		"additionalProperties": false,
		"$defs": object{
			"level":  object{"enum": []any{"off", "advice", "warning", "error", false}},
			"levels": object{"type": []string{"object", "null"}, "properties": rules, "additionalProperties": false},
		},
	}, "", "  ")
	if err != nil {
		panic(err) // maps of texts
	}
	return string(text) + "\n"
}
