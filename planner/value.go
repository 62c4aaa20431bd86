package planner

import (
	"encoding/json"
	"slices"
	"strings"

	"maps"
	"strconv"
)

// A Value is an input or output as far as it is known when the graph is built.
type Value struct {
	ID   string
	Type string // as written in a plan, such as "list[integer]"
	// Known says that Value is final. An unknown value has a type and is shown as "(known after apply: string)".
	Known bool
	Value any // plain Go value; nil if unknown
	// Sensitive values are compared, but never shown or written.
	Sensitive bool
	// Volatile values come out differently at every evaluation (a clock); that they differ is no reason to run again.
	Volatile bool
	// From says where the value comes from: "user", "environment", "deployment", "default" or "dependency".
	From string
}

// String returns the value as people see it: JSON without escapes for HTML, or what hides it.
func (v Value) String() string {
	switch {
	case !v.Known:
		return "(known after apply: " + v.Type + ")"
	case v.Sensitive:
		return "(sensitive)"
	}
	return canonical(v.Value)
}

// MarshalJSON writes the value for programs. The value of a sensitive one is left out.
func (v Value) MarshalJSON() ([]byte, error) {
	out := struct {
		ID        string          `json:"id"`
		Type      string          `json:"type"`
		Known     bool            `json:"known"`
		Sensitive bool            `json:"sensitive"`
		Volatile  bool            `json:"volatile,omitempty"`
		From      string          `json:"from,omitempty"`
		Value     json.RawMessage `json:"value,omitempty"`
	}{ID: v.ID, Type: v.Type, Known: v.Known, Sensitive: v.Sensitive, Volatile: v.Volatile, From: v.From}
	if v.Known && !v.Sensitive {
		out.Value = json.RawMessage(canonical(v.Value))
	}
	return encode(out)
}

// canonical writes a plain Go value as compact JSON, keys in order and numbers by value, so that equal values have equal
// texts whatever Go type a decoder chose for a number.
func canonical(v any) string {
	var b strings.Builder
	writeCanonical(&b, v)
	return b.String()
}

func writeCanonical(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case uint64:
		b.WriteString(strconv.FormatUint(v, 10))
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			writeCanonical(b, f)
			return
		}
		b.WriteString(v.String())
	case float64:
		if v == float64(int64(v)) && v > -1e18 && v < 1e18 {
			b.WriteString(strconv.FormatInt(int64(v), 10))
			return
		}
		text, err := encode(v)
		if err != nil { // not a number of JSON; keep it readable
			text, _ = encode(strconv.FormatFloat(v, 'g', -1, 64))
		}
		b.Write(text)
	case string:
		text, _ := encode(v)
		b.Write(text)
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCanonical(b, item)
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for i, k := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCanonical(b, k)
			b.WriteByte(':')
			writeCanonical(b, v[k])
		}
		b.WriteByte('}')
	default:
		text, err := encode(v)
		if err != nil {
			text = []byte("null")
		}
		b.Write(text)
	}
}

// encode is json.Marshal without the escapes for HTML.
func encode(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}
