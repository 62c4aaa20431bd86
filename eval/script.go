package eval

//lint:file-ignore ST1005 these texts are the ones of the original.

import (
	"fmt"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/types"
)

// Script returns the value of the text of a scripted field: that of the expression if it is one, else the text itself
// (see expr.IsScript). Errors of reading and of evaluating are *Error.
func Script(text string, s *Scope, l Limits) (cty.Value, error) {
	if !expr.IsScript(text) {
		return cty.StringVal(text), nil
	}
	e, found := expr.Parse(text)
	if len(found) > 0 {
		return cty.NilVal, &Error{found[0].Span, found[0].Message, found[0].Code}
	}
	return Eval(e, s, l)
}

// ScriptGo is Script for callers that want plain Go values: literals pass through untouched. See ToGo for the errors.
func ScriptGo(text string, s *Scope, l Limits) (value any, secret bool, err error) {
	if !expr.IsScript(text) {
		return text, false, nil
	}
	v, err := Script(text, s, l)
	if err != nil {
		return nil, false, err
	}
	return ToGo(v)
}

// ScriptText is ScriptGo for places that take text only: an integer becomes decimal text, and for anything else it fails
// with the text of the original.
func ScriptText(text string, s *Scope, l Limits) (value string, secret bool, err error) {
	v, secret, err := ScriptGo(text, s, l)
	if err != nil {
		return "", secret, err
	}
	switch v := v.(type) {
	case string:
		return v, secret, nil
	case int64:
		return strconv.FormatInt(v, 10), secret, nil
	case uint64, float64:
		value, err = types.ToText(v)
		return value, secret, err
	}
	return "", secret, fmt.Errorf("Expression '%s' did not return a string value", text)
}
