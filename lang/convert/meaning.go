package convert

import (
	"fmt"
	"reflect"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// same checks the law of this package: the text of f says what p says.
func same(p *plan.Plan, f *source.File) error {
	_, other, findings := read(f)
	for _, d := range findings {
		if d.Severity == diag.Error {
			return fmt.Errorf("line %d of the result: %s", f.LineOf(int(d.Span.Start)), d.Message)
		}
	}
	return equal("", reflect.ValueOf(p).Elem(), reflect.ValueOf(other).Elem())
}

// places are the types that say where something is written or follow from its text.
var places = map[reflect.Type]bool{
	reflect.TypeFor[syntax.Node]():  true,
	reflect.TypeFor[*syntax.File](): true,
	reflect.TypeFor[expr.Expr]():    true,
	reflect.TypeFor[*plan.Field]():  true,
}

// equal compares two values of lang/plan apart from places. The error names the first part that differs.
func equal(path string, a, b reflect.Value) error {
	switch x := a.Addr().Interface().(type) {
	case *plan.Variable:
		y := b.Addr().Interface().(*plan.Variable)
		if !reflect.DeepEqual(x.DefaultGo(), y.DefaultGo()) {
			return fmt.Errorf("%s.Default is %v, was %v", path, y.DefaultGo(), x.DefaultGo())
		}
		if !reflect.DeepEqual(x.ItemsGo(), y.ItemsGo()) {
			return fmt.Errorf("%s.Items is %v, was %v", path, y.ItemsGo(), x.ItemsGo())
		}
	case *plan.Value:
		y := b.Addr().Interface().(*plan.Value)
		if !reflect.DeepEqual(x.Go(), y.Go()) || (x.Expr == nil) != (y.Expr == nil) {
			return fmt.Errorf("%s is %v, was %v", path, y.Go(), x.Go())
		}
		return nil
	}
	switch a.Kind() {
	case reflect.Struct:
		t := a.Type()
		for i := range t.NumField() {
			f := t.Field(i)
			if places[f.Type] || !f.IsExported() || f.Name == "Short" || f.Name == "Off" ||
				t == reflect.TypeFor[plan.Variable]() && (f.Name == "Default" || f.Name == "Items") {
				continue
			}
			if err := equal(path+"."+f.Name, a.Field(i), b.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Slice:
		if a.Len() != b.Len() {
			return fmt.Errorf("%s has %d elements, had %d", path, b.Len(), a.Len())
		}
		for i := range a.Len() {
			if err := equal(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Pointer:
		if a.IsNil() != b.IsNil() {
			return fmt.Errorf("%s is there in one of both only", path)
		}
		if !a.IsNil() {
			return equal(path, a.Elem(), b.Elem())
		}
	default:
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			return fmt.Errorf("%s is %#v, was %#v", path, b, a)
		}
	}
	return nil
}
