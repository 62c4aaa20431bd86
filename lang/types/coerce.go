package types

//lint:file-ignore ST1005 these texts are the ones of the original.

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Coerce returns value as the variable's type has it: string, int64, bool or []any. The error texts are those of the
// original, for Advice; the caller adds which variable it was, or calls CoerceFor.
//
// Numbers keep their exact value: a float becomes text with its fraction, and an integer only if it has none.
func (v Var) Coerce(value any) (any, error) {
	if n, ok := value.(int); ok {
		value = int64(n)
	}
	switch v.Name {
	case "integer":
		return toInt(value)
	case "bool":
		return toBool(value)
	case "list":
		return toList(value, v.elem())
	}
	return toString(value)
}

// CoerceFor is Coerce for the variable id: errors say " for variable '<id>'" at their end.
func (v Var) CoerceFor(id string, value any) (any, error) {
	r, err := v.Coerce(value)
	if err != nil {
		return nil, advised{fmt.Sprintf("%s for variable '%s'", err, id), Advice(err)}
	}
	return r, nil
}

// advised is an error with what to write instead, which may be empty.
type advised struct{ text, hint string }

func (e advised) Error() string { return e.text }

// Advice returns what to write instead of a value for which Coerce or CoerceFor failed with err; it may be empty.
func Advice(err error) string {
	var e advised
	errors.As(err, &e)
	return e.hint
}

func unexpected(want string, value any) error {
	got := GoName(value)
	if _, ok := value.(map[string]any); ok {
		got = "map[string]interface {}"
	}
	return fmt.Errorf("Expecting '%s' value, but got '%s'", want, got)
}

func toString(value any) (any, error) {
	switch value.(type) {
	case string, bool, int64, uint64, float64, []any:
		return ToText(value)
	}
	return nil, unexpected("string", value)
}

func toInt(value any) (any, error) {
	switch x := value.(type) {
	case int64:
		return x, nil
	case float64:
		if n, ok := wholeInt(x); ok {
			return n, nil
		}
	case string:
		if n, err := strconv.ParseInt(x, 10, 64); err == nil {
			return n, nil
		}
	}
	return nil, unexpected("integer", value)
}

func toBool(value any) (any, error) {
	switch x := value.(type) {
	case bool:
		return x, nil
	case int64:
		return x >= 1, nil
	case uint64:
		return true, nil
	case float64:
		if n, ok := wholeInt(x); ok {
			return n >= 1, nil
		}
	case string:
		switch strings.ToLower(x) {
		case "true", "yes", "on", "1", "yay":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
		return nil, advised{unexpected("bool", value).Error(), "use true, false, yes, no, on, off, 1 or 0"}
	}
	return nil, unexpected("bool", value)
}

func toList(value any, elem string) (any, error) {
	switch x := value.(type) {
	case []any:
		return toElems(x, elem)
	case string:
		if x == "" {
			return []any{}, nil
		}
		list, err := readList(x)
		if err != nil {
			return nil, advised{err.Error(), `write a JSON list such as ["x"]`}
		}
		return toElems(list, elem)
	}
	return nil, fmt.Errorf("Expecting 'list' value, got '%s' (value: %v)", GoName(value), value)
}

// readList reads a JSON array, with numbers as int64 where they are integers.
func readList(text string) ([]any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var list []any
	if err := dec.Decode(&list); err != nil {
		// The messages of a decoder differ from those of Unmarshal, which the original shows.
		if e := json.Unmarshal([]byte(text), &list); e != nil {
			return nil, e
		}
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, json.Unmarshal([]byte(text), &list)
	}
	if list == nil {
		return []any{}, nil // null
	}
	for i, e := range list {
		list[i] = number(e)
	}
	return list, nil
}

// number turns the json.Numbers of v into int64, uint64 or float64.
func number(v any) any {
	switch x := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(x.String(), 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(x.String(), 10, 64); err == nil {
			return n
		}
		f, _ := x.Float64() // out of range: infinite, which no type accepts
		return f
	case []any:
		for i := range x {
			x[i] = number(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = number(x[k])
		}
	}
	return v
}

// toElems checks every element of list. Elements are not coerced, except that a float without fraction is an integer:
// release metadata holds all numbers as floats.
func toElems(list []any, elem string) (any, error) {
	out := make([]any, len(list))
	for i, e := range list {
		got := scriptName(e)
		switch x := e.(type) {
		case int:
			e = int64(x)
		case float64:
			if n, ok := wholeInt(x); ok {
				e = n
			} else {
				got = GoName(e)
			}
		case uint64:
			if elem == "integer" {
				got = GoName(e)
			}
		}
		if got != elem {
			return nil, fmt.Errorf("Unexpected '%s' value in list, expecting '%s'", got, elem)
		}
		out[i] = e
	}
	return out, nil
}
