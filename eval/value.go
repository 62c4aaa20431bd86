package eval

//lint:file-ignore ST1005 these texts are the ones of the original.

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/diag"
)

// Value is a value of an expression.
type Value = cty.Value

type markType string

// Sensitive is the mark of secret values.
const Sensitive = markType("sensitive")

// Secret returns v marked as Sensitive.
func Secret(v cty.Value) cty.Value { return v.Mark(Sensitive) }

// IsSecret reports whether v, or anything in it, is marked as Sensitive.
func IsSecret(v cty.Value) bool { return v.HasMarkDeep(Sensitive) }

// ErrUnknown is returned for values that are not known yet.
var ErrUnknown = errors.New("the value is not known yet")

// Lift returns a plain Go value as a value of Escape Script: nil is an empty string, and a number loses its fraction.
// It fails, with the text of the original, for other types than those of types.Var.Coerce, and for maps without string
// keys.
func Lift(v any) (cty.Value, error) {
	switch v := v.(type) {
	case nil:
		return cty.StringVal(""), nil
	case cty.Value:
		return noNull(v), nil
	case string:
		return cty.StringVal(v), nil
	case bool:
		return cty.BoolVal(v), nil
	case int:
		return cty.NumberIntVal(int64(v)), nil
	case int64:
		return cty.NumberIntVal(v), nil
	case uint64:
		return cty.NumberUIntVal(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			break
		}
		whole, _ := big.NewFloat(v).Int(nil)
		return cty.NumberVal(new(big.Float).SetInt(whole)), nil
	case []string:
		list := make([]cty.Value, len(v))
		for i, e := range v {
			list[i] = cty.StringVal(e)
		}
		return cty.TupleVal(list), nil
	case []any:
		list := make([]cty.Value, len(v))
		for i, e := range v {
			var err error
			if list[i], err = Lift(e); err != nil {
				return cty.NilVal, err
			}
		}
		return cty.TupleVal(list), nil
	case map[string]string:
		fields := make(map[string]cty.Value, len(v))
		for k, e := range v {
			fields[k] = cty.StringVal(e)
		}
		return cty.ObjectVal(fields), nil
	case map[string]any:
		fields := make(map[string]cty.Value, len(v))
		for k, e := range v {
			var err error
			if fields[k], err = Lift(e); err != nil {
				return cty.NilVal, err
			}
		}
		return cty.ObjectVal(fields), nil
	case map[any]any:
		fields := make(map[string]any, len(v))
		for k, e := range v {
			name, ok := k.(string)
			if !ok {
				return cty.NilVal, fmt.Errorf("Expecting string key for dictionary type, but got %T", k)
			}
			fields[name] = e
		}
		return Lift(fields)
	}
	return cty.NilVal, fmt.Errorf("Couldn't lift value of type '%T': %v", v, v)
}

// FromGo is Lift for values that are known to be plain; anything else is a bug of the caller and becomes an empty
// string.
func FromGo(v any) cty.Value {
	r, err := Lift(v)
	if err != nil {
		diag.Bugf("eval.FromGo: %v", err)
		return cty.StringVal("")
	}
	return r
}

// ToGo returns v as a plain Go value: string, bool, int64 (uint64 or float64 if it does not fit), []any or
// map[string]any. secret says whether anything in v was marked as Sensitive. It fails for lambdas, and with ErrUnknown
// for values that are not wholly known.
func ToGo(v cty.Value) (value any, secret bool, err error) {
	secret = IsSecret(v)
	if v.ContainsMarked() {
		v, _ = v.UnmarkDeep()
	}
	value, err = toGo(v)
	return value, secret, err
}

func toGo(v cty.Value) (any, error) {
	if !v.IsKnown() {
		return nil, ErrUnknown
	}
	if v = noNull(v); v == cty.NilVal {
		return "", nil
	}
	switch t := v.Type(); {
	case t == cty.String:
		return v.AsString(), nil
	case t == cty.Bool:
		return v.True(), nil
	case t == cty.Number:
		whole, _ := v.AsBigFloat().Int(nil)
		switch {
		case whole.IsInt64():
			return whole.Int64(), nil
		case whole.IsUint64():
			return whole.Uint64(), nil
		}
		f, _ := new(big.Float).SetInt(whole).Float64()
		return f, nil
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		list := make([]any, 0, v.LengthInt())
		for _, e := range v.AsValueSlice() {
			x, err := toGo(e)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		return list, nil
	case t.IsObjectType() || t.IsMapType():
		fields := map[string]any{}
		for k, e := range v.AsValueMap() {
			x, err := toGo(e)
			if err != nil {
				return nil, err
			}
			fields[k] = x
		}
		return fields, nil
	}
	return nil, errors.New("Function application can not be converted to Go value (forgot to eval?)")
}

// Unknown returns a value that is not known yet, of any type. Among plain Go values it stands for itself: Lift takes it.
func Unknown() Value { return cty.DynamicVal }

// IsUnknown reports whether a plain Go value is one made by Unknown.
func IsUnknown(v any) bool {
	value, ok := v.(cty.Value)
	return ok && !value.IsKnown()
}
