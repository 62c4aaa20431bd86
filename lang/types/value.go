package types

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Values outside of expressions are plain Go values: string, bool, int64, uint64 (only above the range of int64),
// float64, []any, map[string]any and nil. int is taken like int64.

// GoName returns the name that the original shows for the type of v: "string", "int", "float64", "[]interface {}".
func GoName(v any) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case int64:
		return "int"
	case []any:
		return "[]interface {}"
	case map[string]any:
		return "map[interface {}]interface {}"
	default:
		return fmt.Sprintf("%T", v)
	}
}

// scriptName returns the name that Escape Script has for the type of v.
func scriptName(v any) string {
	switch v.(type) {
	case int, int64, uint64, float64:
		return "integer"
	case []any:
		return "list"
	case map[string]any:
		return "map"
	case nil:
		return "null"
	}
	return GoName(v)
}

// FloatText returns f exactly, without an exponent: "1.5", "100000000000000000000".
func FloatText(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// wholeInt returns f as an integer if it is one.
func wholeInt(f float64) (int64, bool) {
	if f != math.Trunc(f) || f < math.MinInt64 || f >= math.MaxInt64 {
		return 0, false
	}
	return int64(f), true
}

// ToText returns v as an environment variable holds it: a bool is "1" or "0", a number its exact decimal text, a list
// compact JSON with HTML characters escaped (as the original writes it), a map compact JSON with sorted keys and
// without such escapes, and nil is empty. It fails for other types, with the original's text.
func ToText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		if v {
			return "1", nil
		}
		return "0", nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		return FloatText(v), nil
	case []any:
		return toJSON(v, true)
	case map[string]any:
		return toJSON(v, false)
	}
	return "", fmt.Errorf("Type '%T' not supported", v)
}

func toJSON(v any, html bool) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}
