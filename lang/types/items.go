package types

//lint:file-ignore ST1005 these texts are the ones of the original.

import (
	"fmt"
	"slices"
)

// CheckItems reports whether the variable id may have value, which has been coerced to v. items is a list of allowed
// values, or a string: the only allowed one; nil allows everything. Expressions in items have been evaluated already.
// Items are coerced to the type of the variable, those of a list variable to its element type, and each element of a
// list must be one of the items. The error texts are those of the original and name the variable.
func CheckItems(id string, v Var, value, items any) error {
	if items == nil || v.IsMagic() {
		return nil
	}
	one := v
	if v.Name == "list" {
		one = Var{Name: v.elem()}
	}
	switch items := items.(type) {
	case string:
		if !allowed(value, one, []any{items}) {
			return fmt.Errorf("Unexpected value '%v' for variable '%s', only '%s' is allowed", value, id, items)
		}
		return nil
	case []any:
		if !allowed(value, one, items) {
			text, err := toJSON(items, true)
			if err != nil {
				text = fmt.Sprint(items)
			}
			return fmt.Errorf("Expecting one of %s for variable '%s', got: %v (%s)", text, id, value, GoName(value))
		}
		return nil
	}
	return fmt.Errorf("Unexpected type '%s' for 'items' field of variable '%s'", GoName(items), id)
}

func allowed(value any, v Var, items []any) bool {
	coerced := make([]any, 0, len(items))
	for _, item := range items {
		if c, err := v.Coerce(item); err == nil { // one that does not fit can never match
			coerced = append(coerced, c)
		}
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	return !slices.ContainsFunc(list, func(e any) bool {
		if n, ok := e.(int); ok {
			e = int64(n)
		}
		switch e.(type) {
		case string, int64, bool:
			return !slices.Contains(coerced, e)
		}
		return true
	})
}
