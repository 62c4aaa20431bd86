package types

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
)

func TestParseVar(t *testing.T) {
	tests := []struct {
		text, name, elem string
		options          map[string]any
		err              string
		at               int
	}{
		{text: "string", name: "string"},
		{text: " integer\n", name: "integer"},
		{text: "bool", name: "bool"},
		{text: "version", name: "version"},
		{text: "client", name: "client"},
		{text: "list", name: "list", elem: "string"},
		{text: "list[string]", name: "list", elem: "string", options: map[string]any{"string": true}},
		{text: "list[integer]", name: "list", elem: "integer", options: map[string]any{"integer": true}},
		{text: "list[ bool ] ", name: "list", elem: "bool", options: map[string]any{"bool": true}},
		{text: "list[type=integer]", name: "list", elem: "integer", options: map[string]any{"type": "integer"}},
		{text: "list[ type = bool]", name: "list", elem: "bool", options: map[string]any{"type": "bool"}},

		{text: "", err: "Unknown variable type: "},
		{text: "user", err: "Unknown variable type: user"},
		{text: "String", err: "Unknown variable type: String"},
		{text: " user ", err: "Unknown variable type: user", at: 1},
		{text: "list[", err: "Unknown variable type: list["},
		{text: "list]", err: "Unknown variable type: list]"},
		{text: "list [a]", err: "Unknown variable type: list [a]"},
		{text: "map[string]", err: "Unknown variable type: map"},
		{text: "list[]", err: "Expecting expression key=value, got: ''", at: 5},
		{text: "list[string,]", err: "Expecting expression key=value, got: ''", at: 12},
		{text: "list[a=b]", err: "Expecting expression key=value, got: 'a=b'", at: 5},
		{text: "list[1]", err: "Expecting expression key=value, got: '1'", at: 5},
		{text: "list[type=user]", err: "Expecting expression key=value, got: 'type=user'", at: 5},
		{text: "list[string integer]", err: "Expecting ',' got 'integer'", at: 12},
		{text: "list[type]", err: `unknown option "type" of type "list"; use list[string], list[integer] or list[bool]`, at: 5},
		{text: "list[type=1]", err: `unknown option "type" of type "list"; use list[string], list[integer] or list[bool]`, at: 5},
		{text: "list[max=3]", err: `unknown option "max" of type "list"; use list[string], list[integer] or list[bool]`, at: 5},
		{text: "list[string, integer]", err: `a list has one element type; "integer" is the second`, at: 13},
		{text: "integer[min=1, x]", name: "integer", options: map[string]any{"min": int64(1), "x": true}},
	}
	for _, test := range tests {
		v, err := ParseVar(test.text)
		if test.err != "" {
			e, ok := errors.AsType[*VarError](err)
			if !ok || e.Msg != test.err || e.Offset != test.at || e.End < e.Offset || e.End > len(test.text) {
				t.Errorf("ParseVar(%q): error %+v, want %q at %d", test.text, err, test.err, test.at)
			}
			continue
		}
		if err != nil || v.Name != test.name || v.Elem != test.elem || !reflect.DeepEqual(v.Options, test.options) {
			t.Errorf("ParseVar(%q) = %+v, %v", test.text, v, err)
		}
		if again, err := ParseVar(v.String()); err != nil || again.Type().String() != v.Type().String() {
			t.Errorf("ParseVar(%q).String() = %q, which is %+v, %v", test.text, v, again, err)
		}
	}
}

func TestStoredVar(t *testing.T) {
	tests := []struct {
		name    string
		options map[string]any
		elem    string
	}{
		{"list", nil, "string"},
		{"list", map[string]any{"type": "integer"}, "integer"},
		{"list", map[string]any{"integer": true}, "integer"},
		{"list", map[string]any{"string": true, "x": 1.0}, "string"},
		{"list", map[string]any{"type": true}, "string"},
		{"bool", map[string]any{"x": true}, ""},
	}
	for _, test := range tests {
		if v, err := StoredVar(test.name, test.options); err != nil || v.Elem != test.elem {
			t.Errorf("StoredVar(%q, %v) = %+v, %v", test.name, test.options, v, err)
		}
	}
	if _, err := StoredVar("", nil); err == nil || err.Error() != "Unknown variable type ''" {
		t.Errorf("StoredVar of nothing: %v", err)
	}
}

func TestCoerce(t *testing.T) {
	type m = map[string]any
	type l = []any
	str, integer, boolean := Var{Name: "string"}, Var{Name: "integer"}, Var{Name: "bool"}
	list, ints, bools := Var{Name: "list"}, Var{Name: "list", Elem: "integer"}, Var{Name: "list", Elem: "bool"}
	const notBool = "Expecting 'bool' value, but got 'string'"
	tests := []struct {
		v    Var
		in   any
		want any
		err  string
	}{
		{str, "a", "a", ""},
		{str, "", "", ""},
		{str, true, "1", ""},
		{str, false, "0", ""},
		{str, int64(-3), "-3", ""},
		{str, 3, "3", ""},
		{str, uint64(math.MaxUint64), "18446744073709551615", ""},
		{str, 1.0, "1", ""},
		{str, 1.9, "1.9", ""},
		{str, 1e20, "100000000000000000000", ""},
		{str, l{}, "[]", ""},
		{str, l{"a<b", int64(1), true, nil, l{}, m{"k": 1.5}}, `["a\u003cb",1,true,null,[],{"k":1.5}]`, ""},
		{str, nil, nil, "Expecting 'string' value, but got '<nil>'"},
		{str, m{}, nil, "Expecting 'string' value, but got 'map[string]interface {}'"},
		{Var{Name: "version"}, "1.0", "1.0", ""},

		{integer, int64(5), int64(5), ""},
		{integer, 5, int64(5), ""},
		{integer, 5.0, int64(5), ""},
		{integer, 5.5, nil, "Expecting 'integer' value, but got 'float64'"},
		{integer, 1e30, nil, "Expecting 'integer' value, but got 'float64'"},
		{integer, math.NaN(), nil, "Expecting 'integer' value, but got 'float64'"},
		{integer, uint64(math.MaxUint64), nil, "Expecting 'integer' value, but got 'uint64'"},
		{integer, "5", int64(5), ""},
		{integer, "+5", int64(5), ""},
		{integer, "-1", int64(-1), ""},
		{integer, "007", int64(7), ""},
		{integer, " 5", nil, "Expecting 'integer' value, but got 'string'"},
		{integer, "5.0", nil, "Expecting 'integer' value, but got 'string'"},
		{integer, "0x10", nil, "Expecting 'integer' value, but got 'string'"},
		{integer, "1_000", nil, "Expecting 'integer' value, but got 'string'"},
		{integer, "", nil, "Expecting 'integer' value, but got 'string'"},
		{integer, true, nil, "Expecting 'integer' value, but got 'bool'"},
		{integer, nil, nil, "Expecting 'integer' value, but got '<nil>'"},
		{integer, l{}, nil, "Expecting 'integer' value, but got '[]interface {}'"},
		{integer, m{}, nil, "Expecting 'integer' value, but got 'map[string]interface {}'"},

		{boolean, true, true, ""},
		{boolean, int64(1), true, ""},
		{boolean, int64(7), true, ""},
		{boolean, int64(0), false, ""},
		{boolean, int64(-1), false, ""},
		{boolean, 1.0, true, ""},
		{boolean, 0.0, false, ""},
		{boolean, 0.5, nil, "Expecting 'bool' value, but got 'float64'"},
		{boolean, "true", true, ""},
		{boolean, "TRUE", true, ""},
		{boolean, "Yes", true, ""},
		{boolean, "on", true, ""},
		{boolean, "1", true, ""},
		{boolean, "yay", true, ""},
		{boolean, "false", false, ""},
		{boolean, "No", false, ""},
		{boolean, "OFF", false, ""},
		{boolean, "0", false, ""},
		{boolean, "", nil, notBool},
		{boolean, "maybe", nil, notBool},
		{boolean, "12", nil, notBool},
		{boolean, nil, nil, "Expecting 'bool' value, but got '<nil>'"},
		{boolean, l{}, nil, "Expecting 'bool' value, but got '[]interface {}'"},
		{boolean, m{}, nil, "Expecting 'bool' value, but got 'map[string]interface {}'"},

		{list, l{"a", "b"}, l{"a", "b"}, ""},
		{list, l{}, l{}, ""},
		{list, l{int64(1)}, nil, "Unexpected 'integer' value in list, expecting 'string'"},
		{list, l{1.5}, nil, "Unexpected 'float64' value in list, expecting 'string'"},
		{list, l{"x", true}, nil, "Unexpected 'bool' value in list, expecting 'string'"},
		{list, l{nil}, nil, "Unexpected 'null' value in list, expecting 'string'"},
		{list, l{m{}}, nil, "Unexpected 'map' value in list, expecting 'string'"},
		{list, l{l{}}, nil, "Unexpected 'list' value in list, expecting 'string'"},
		{list, "", l{}, ""},
		{list, `["a", "b"]`, l{"a", "b"}, ""},
		{list, ` [] `, l{}, ""},
		{list, `null`, l{}, ""},
		{list, `abc`, nil, "invalid character 'a' looking for beginning of value"},
		{list, `12`, nil, "json: cannot unmarshal number into Go value of type []interface {}"},
		{list, `["a"] x`, nil, "invalid character 'x' after top-level value"},
		{list, `["a"`, nil, "unexpected end of JSON input"},
		{list, `[1]`, nil, "Unexpected 'integer' value in list, expecting 'string'"},
		{list, true, nil, "Expecting 'list' value, got 'bool' (value: true)"},
		{list, int64(3), nil, "Expecting 'list' value, got 'int' (value: 3)"},
		{list, nil, nil, "Expecting 'list' value, got '<nil>' (value: <nil>)"},
		{ints, l{int64(1), 2, 3.0}, l{int64(1), int64(2), int64(3)}, ""},
		{ints, l{1.5}, nil, "Unexpected 'float64' value in list, expecting 'integer'"},
		{ints, l{"1"}, nil, "Unexpected 'string' value in list, expecting 'integer'"},
		{ints, `[1, 9007199254740993]`, l{int64(1), int64(9007199254740993)}, ""},
		{bools, l{true, false}, l{true, false}, ""},
		{bools, l{"true"}, nil, "Unexpected 'string' value in list, expecting 'bool'"},
	}
	for _, test := range tests {
		got, err := test.v.Coerce(test.in)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if !reflect.DeepEqual(got, test.want) || text != test.err {
			t.Errorf("%s: Coerce(%#v) = %#v, %q; want %#v, %q", test.v, test.in, got, text, test.want, test.err)
		}
	}
	for _, test := range []struct {
		v     Var
		value any
		want  string
	}{
		{integer, "a", "Expecting 'integer' value, but got 'string' for variable 'x'"},
		{boolean, "a", "Expecting 'bool' value, but got 'string' for variable 'x'"},
		{list, "a", `invalid character 'a' looking for beginning of value for variable 'x'`},
		{list, map[string]any{"a": "b; c"}, "Expecting 'list' value, got 'map[interface {}]interface {}' (value: map[a:b; c]) for variable 'x'"},
	} {
		if _, err := test.v.CoerceFor("x", test.value); err == nil || err.Error() != test.want {
			t.Errorf("CoerceFor(%v): %v, want %s", test.value, err, test.want)
		}
	}
}

func TestAdvice(t *testing.T) {
	for v, want := range map[string]string{
		"bool": "use true, false, yes, no, on, off, 1 or 0", "list": `write a JSON list such as ["x"]`, "integer": "",
	} {
		_, err := Var{Name: v}.CoerceFor("x", "a")
		if got := Advice(err); got != want {
			t.Errorf("Advice(%v) = %q, want %q", err, got, want)
		}
	}
	if got := Advice(nil); got != "" {
		t.Errorf("Advice(nil) = %q", got)
	}
}

func TestCheckItems(t *testing.T) {
	type l = []any
	str, integer, boolean, list := Var{Name: "string"}, Var{Name: "integer"}, Var{Name: "bool"}, Var{Name: "list"}
	tests := []struct {
		v            Var
		value, items any
		err          string
	}{
		{str, "a", nil, ""},
		{str, "a", l{"a", "b"}, ""},
		{str, "c", l{"a", "b"}, `Expecting one of ["a","b"] for variable 'x', got: c (string)`},
		{str, "1", l{int64(1), int64(2)}, ""},
		{str, "a", l{}, `Expecting one of [] for variable 'x', got: a (string)`},
		{str, "a", "a", ""},
		{str, "c", "a", "Unexpected value 'c' for variable 'x', only 'a' is allowed"},
		{str, "", "", ""},
		{integer, int64(1), l{"1"}, ""},
		{integer, int64(1), l{1.0}, ""},
		{integer, int64(3), l{int64(1), "x"}, `Expecting one of [1,"x"] for variable 'x', got: 3 (int)`},
		{boolean, true, l{"1"}, ""},
		{boolean, false, l{true}, `Expecting one of [true] for variable 'x', got: false (bool)`},
		{list, l{"a", "b"}, l{"a", "b", "c"}, ""},
		{list, l{}, l{"a"}, ""},
		{list, l{"a", "z"}, l{"a"}, `Expecting one of ["a"] for variable 'x', got: [a z] ([]interface {})`},
		{list, l{"a"}, l{l{"a"}, map[string]any{}}, `Expecting one of [["a"],{}] for variable 'x', got: [a] ([]interface {})`},
		{Var{Name: "list", Elem: "integer"}, l{int64(1)}, l{"1"}, ""},
		{str, "a", int64(3), "Unexpected type 'int' for 'items' field of variable 'x'"},
		{str, "a", true, "Unexpected type 'bool' for 'items' field of variable 'x'"},
		{str, "a", map[string]any{}, "Unexpected type 'map[interface {}]interface {}' for 'items' field of variable 'x'"},
		{Var{Name: "version"}, "1", l{"2"}, ""},
	}
	for _, test := range tests {
		err := CheckItems("x", test.v, test.value, test.items)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != test.err {
			t.Errorf("CheckItems(%s, %v, %v) = %q, want %q", test.v, test.value, test.items, text, test.err)
		}
	}
}

func TestToText(t *testing.T) {
	tests := []struct {
		in   any
		want string
	}{
		{"a", "a"}, {true, "1"}, {false, "0"}, {int64(12), "12"}, {1.5, "1.5"}, {2.0, "2"}, {1e21, "1000000000000000000000"},
		{nil, ""}, {[]any{"a<b&c", "é"}, `["a\u003cb\u0026c","é"]`}, {[]any{}, "[]"},
		{map[string]any{"b": "a<b&c", "a": int64(1)}, `{"a":1,"b":"a<b&c"}`},
	}
	for _, test := range tests {
		if got, err := ToText(test.in); err != nil || got != test.want {
			t.Errorf("ToText(%#v) = %q, %v; want %q", test.in, got, err, test.want)
		}
	}
	if _, err := ToText(struct{}{}); err == nil || err.Error() != "Type 'struct {}' not supported" {
		t.Errorf("ToText of a struct: %v", err)
	}
}

func TestAssignable(t *testing.T) {
	object := Object(false, Field{Name: "a", Type: String})
	tests := []struct {
		from, to Type
		want     Fit
	}{
		{String, String, Fits}, {Int, String, Fits}, {Bool, String, Fits}, {List(String), String, FitsAsJSON},
		{object, String, FitsNot}, {FuncType(String), String, FitsNot}, {Any, String, Fits}, {String, Any, Fits},
		{Int, Int, Fits}, {String, Int, FitsPerhaps}, {Bool, Int, FitsNot}, {List(Int), Int, FitsNot},
		{Bool, Bool, Fits}, {Int, Bool, Fits}, {String, Bool, FitsPerhaps}, {List(Bool), Bool, FitsNot},
		{List(String), List(String), Fits}, {List(Any), List(Int), Fits}, {List(String), List(Int), FitsNot},
		{String, List(String), FitsPerhaps}, {Int, List(Int), FitsNot}, {object, List(String), FitsNot},
		{object, Map(String), Fits}, {object, object, Fits}, {Map(String), object, FitsPerhaps}, {String, object, FitsNot},
	}
	for _, test := range tests {
		if got := Assignable(test.from, test.to); got != test.want {
			t.Errorf("Assignable(%s, %s) = %d, want %d", test.from, test.to, got, test.want)
		}
	}
}

// Assignable never says no where Coerce would say yes, and never yes where Coerce says no.
func TestAssignableAgreesWithCoerce(t *testing.T) {
	samples := map[string][]any{
		"string": {"", "a", "1", "true", "[]", `["a"]`}, "integer": {int64(0), int64(-5), int64(7)}, "bool": {true, false},
		"list": {[]any{}, []any{"a"}}, "list[integer]": {[]any{}, []any{int64(1)}},
	}
	for from, values := range samples {
		for _, to := range []string{"string", "integer", "bool", "list", "list[integer]", "list[bool]"} {
			f, _ := ParseVar(from)
			v, _ := ParseVar(to)
			fit := Assignable(f.Type(), v.Type())
			for _, value := range values {
				_, err := v.Coerce(value)
				if l, ok := value.([]any); ok && len(l) == 0 {
					continue // an empty list has any element type
				}
				if err == nil && fit == FitsNot || err != nil && (fit == Fits || fit == FitsAsJSON) {
					t.Errorf("Assignable(%s, %s) = %d, but Coerce(%#v): %v", from, to, fit, value, err)
				}
			}
		}
	}
}

func TestObject(t *testing.T) {
	o := Object(false, Field{Name: "b", Type: Int}, Field{Name: "a", Type: String}, Field{Name: "c", Absent: "not yet"}, Field{Name: "b", Type: Bool})
	if got := fmt.Sprint(o.Names()); got != "[a b]" {
		t.Errorf("Names = %s", got)
	}
	if f, ok := o.Field("b"); !ok || !f.Type.Equal(Bool) {
		t.Errorf("Field b = %+v", f)
	}
	if f, ok := o.Field("c"); !ok || f.Absent == "" {
		t.Errorf("Field c = %+v", f)
	}
	if _, ok := o.Field("d"); ok || o.Open() {
		t.Error("there is a d")
	}
	if !o.Equal(o) || o.Equal(Object(true)) || !List(Int).Equal(List(Int)) || List(Int).Equal(List(Bool)) {
		t.Error("Equal")
	}
}

func TestDescribe(t *testing.T) {
	for want, typ := range map[string]Type{
		"a string": String, "an integer": Int, "a list of strings": List(String), "a list": List(Any),
		"a list of lists of integers": List(List(Int)), "a map": Map(Any), "a function": FuncType(Any), "anything": Any,
	} {
		if got := typ.Describe(); got != want {
			t.Errorf("Describe(%s) = %q, want %q", typ, got, want)
		}
	}
	if got := FuncType(List(Int), String, Any).String(); got != "func(string, any) list[integer]" {
		t.Errorf("String = %q", got)
	}
}

func FuzzParseVar(f *testing.F) {
	for _, s := range []string{"string", "list[integer]", "list[type=bool]", " list[ string ] ", "list[a=1,b]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseVar(text)
		if err == nil {
			if _, err := ParseVar(v.String()); err != nil {
				t.Errorf("%q: %q: %v", text, v.String(), err)
			}
			return
		}
		if e, ok := errors.AsType[*VarError](err); !ok || e.Offset < 0 || e.End < e.Offset || e.End > len(text) {
			t.Errorf("%q: %+v", text, err)
		}
	})
}
