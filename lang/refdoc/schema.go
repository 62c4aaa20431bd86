package refdoc

import (
	"bytes"
	"encoding/json"
	"fmt"

	"escape.build/escape/lang/plan"
)

// SchemaID names the schema; it is no address to fetch from.
const SchemaID = "https://escape.build/schema/plan.json"

// JSONSchema returns a JSON schema (draft 2020-12) of plans in YAML. It knows shapes, keys and documentation; what
// expressions mean, and most rules for texts, is beyond it.
func JSONSchema() string {
	properties := object{}
	definitions := object{{"scalar", object{{"type", []string{"string", "number", "boolean", "null"}}}}}
	for i := range plan.Fields {
		f := &plan.Fields[i]
		s := schema{defs: &definitions}
		properties.add(f.Name, described(s.value(f.Shape, f.Shorthand, f.Keys), f.Doc, "", nil, false))
	}
	doc := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", SchemaID},
		{"$comment", "Code generated from lang/plan.Fields by cmd/internal/gen. DO NOT EDIT."},
		{"title", "Escape plan"},
		{"description", "Describes a package: what it needs, what it gives, and the steps that build and deploy it."},
		{"type", []string{"object", "null"}},
		{"properties", properties},
		{"patternProperties", object{{"^x-.", object{}}}}, // free for anchors and for other tools
		{"required", required()},
		{"additionalProperties", false},
		{"$defs", definitions},
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		panic(fmt.Sprintf("refdoc: schema: %v", err)) // texts, lists and objects only
	}
	return out.String()
}

func required() []string {
	var names []string
	for i := range plan.Fields {
		if plan.Fields[i].Required {
			names = append(names, plan.Fields[i].Name)
		}
	}
	return names
}

// An object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o *object) add(name string, value any) { *o = append(*o, member{name, value}) }

func (o object) has(name string) bool {
	for _, m := range o {
		if m.name == name {
			return true
		}
	}
	return false
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		for part, v := range []any{m.name, m.value} {
			if part == 1 {
				out.WriteByte(':')
			}
			enc := json.NewEncoder(&out)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(v); err != nil {
				return nil, err
			}
			out.Truncate(out.Len() - 1) // the line break of Encode
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func ref(name string) object { return object{{"$ref", "#/$defs/" + name}} }

// described adds documentation to a schema. Editors show one of the two descriptions.
func described(s object, doc, preset string, examples []string, deprecated bool) object {
	s = append(object{{"description", plain(doc)}, {"markdownDescription", doc}}, s...)
	if preset != "" {
		if value, ok := constant(preset); ok {
			s.add("default", value)
		}
	}
	if len(examples) > 0 {
		s.add("examples", examples)
	}
	if deprecated {
		s.add("deprecated", true)
	}
	return s
}

// plain removes the backquotes of Markdown.
func plain(doc string) string { return string(bytes.ReplaceAll([]byte(doc), []byte("`"), nil)) }

// constant returns the value of a default as the table writes it.
func constant(text string) (any, bool) {
	switch text {
	case "true", "false":
		return text == "true", true
	case "[build, deploy]":
		return []string{"build", "deploy"}, true
	}
	return text, true
}

// A schema collects the definitions that values refer to.
type schema struct{ defs *object }

// value returns the schema of a value of the given shape, whose entries have keys and a short form if shorthand is set.
func (s schema) value(shape plan.Shape, shorthand string, keys []plan.Key) object {
	switch shape {
	case plan.ShapeText, plan.ShapeScript:
		return ref("scalar")
	case plan.ShapeBool:
		return object{{"type", []string{"boolean", "null"}}}
	case plan.ShapeTexts, plan.ShapeScripts, plan.ShapeExtensions:
		return array(ref("scalar"))
	case plan.ShapePairs:
		return mapping(ref("scalar"))
	case plan.ShapeValues:
		return mapping(object{})
	case plan.ShapeScopes:
		return s.define("scopes", func() object {
			stage := object{{"enum", []string{"build", "deploy"}}}
			return object{{"anyOf", []object{stage, array(stage)}}}
		})
	case plan.ShapeStep:
		return s.define("step", func() object {
			return object{{"anyOf", []object{ref("scalar"), s.entry(keys)}}}
		})
	case plan.ShapeErrands:
		return mapping(s.element("errand", "", keys))
	case plan.ShapeDependencies:
		return array(s.element("dependency", shorthand, keys))
	case plan.ShapeConsumers:
		return array(s.element("consumer", shorthand, keys))
	case plan.ShapeVariables:
		return array(s.element("variable", "id", keys))
	case plan.ShapeTemplates:
		return array(s.element("template", shorthand, keys))
	case plan.ShapeDownloads:
		return array(s.element("download", "", keys))
	}
	return object{}
}

// define makes a definition on first use and returns a reference to it.
func (s schema) define(name string, body func() object) object {
	if !s.defs.has(name) {
		s.defs.add(name, nil)
		at := len(*s.defs) - 1
		made := body()
		(*s.defs)[at].value = made
	}
	return ref(name)
}

func (s schema) element(name, shorthand string, keys []plan.Key) object {
	return s.define(name, func() object {
		if shorthand == "" {
			return s.entry(keys)
		}
		return object{{"anyOf", []object{ref("scalar"), s.entry(keys)}}}
	})
}

// entry returns the schema of a mapping with keys.
func (s schema) entry(keys []plan.Key) object {
	properties := object{}
	var required []string
	for i := range keys {
		k := &keys[i]
		examples := k.Enum
		if k.Shape == plan.ShapeScopes {
			examples = nil
		}
		properties.add(k.Name, described(s.value(k.Shape, "", k.Keys), k.Doc, k.Default, examples, k.Ignored))
		if k.Required {
			required = append(required, k.Name)
		}
	}
	o := object{{"type", "object"}, {"properties", properties}}
	if len(required) > 0 {
		o.add("required", required)
	}
	o.add("additionalProperties", false)
	return o
}

func array(items object) object {
	return object{{"type", []string{"array", "null"}}, {"items", items}}
}

func mapping(values object) object {
	return object{{"type", []string{"object", "null"}}, {"additionalProperties", values}}
}
