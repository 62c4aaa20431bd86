package infer_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/expr/exprtest"
	"escape.build/escape/lang/infer"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/types"
)

// scope is the world of the chunk files.
func scope() infer.Scope {
	object := func(open bool, fields ...types.Field) types.Type { return types.Object(open, fields...) }
	str := func(name string) types.Field { return types.Field{Name: name, Type: types.String} }
	inputs := object(false, str("text"), types.Field{Name: "number", Type: types.Int}, types.Field{Name: "flag", Type: types.Bool},
		types.Field{Name: "list", Type: types.List(types.String)}, types.Field{Name: "ints", Type: types.List(types.Int)},
		types.Field{Name: "zone", Type: types.String, Def: "the zone"})
	this := object(false, str("name"), str("version"), str("description"),
		types.Field{Name: "metadata", Type: object(false, str("owner"))},
		types.Field{Name: "inputs", Type: inputs},
		types.Field{Name: "outputs", Type: types.Any, Absent: "outputs exist only after the main step"})
	return infer.NewScope(false,
		types.Field{Name: "this", Type: this},
		types.Field{Name: "dep", Type: types.Any},
		types.Field{Name: "open", Type: object(true, str("known"))},
		types.Field{Name: "map", Type: types.Map(types.String)},
		types.Field{Name: "empty", Type: object(false)},
		types.Field{Name: "later", Type: types.Any, Absent: "it is deployed after this step"},
	)
}

func TestChunks(t *testing.T) {
	exprtest.Run(t, "testdata/*.esc", func(t *testing.T, c exprtest.Case) {
		e, found := expr.Parse(c.Text)
		typ, more := infer.Infer(e, scope())
		more = append(more, infer.CheckResult(e, c.Text, typ, infer.WantAny)...)
		more.Sort()
		exprtest.Findings(t, c, append(exprtest.List(found), exprtest.List(more)...))
		for _, d := range more {
			if !(source.Span{End: int32(len(c.Text))}).Encloses(d.Span) || d.Span.Len() == 0 {
				t.Errorf("%s: %q at %v", c.Text, d.Message, d.Span)
			}
			for _, f := range d.Fixes {
				if len(more)+len(found) > 1 {
					continue // its followers stay
				}
				fixed, err := source.Apply(c.Text, f.Edits)
				if err != nil {
					t.Fatal(err)
				}
				e, found := expr.Parse(fixed)
				_, after := infer.Infer(e, scope())
				if len(found)+len(after) >= len(more) {
					t.Errorf("%s: fix %q gives %s with %d findings", c.Text, f.Title, fixed, len(found)+len(after))
				}
			}
		}
		if len(c.Errors) == 0 && typ.String() != c.Want {
			t.Errorf("%s has type %s, want %s", c.Text, typ, c.Want)
		}
	})
}

func TestDeny(t *testing.T) {
	s := scope()
	s.Deny, s.DenyReason = builtin.ReadsFiles, "the release is not unpacked yet"
	e, _ := expr.Parse(`$__concat($__read_file("a"), $__timestamp())`)
	_, found := infer.Infer(e, s)
	if len(found) != 1 || found[0].Code != diag.NotAvailable || !strings.HasSuffix(found[0].Message, ": the release is not unpacked yet") {
		t.Errorf("found %s", diag.Sprint(found))
	}
}

func TestObserve(t *testing.T) {
	s := scope()
	var got []string
	s.Observe = func(e expr.Expr, typ types.Type, f *types.Field) {
		text := expr.String(e) + " " + typ.String()
		if f != nil && f.Def != nil {
			text += " " + f.Def.(string)
		}
		got = append(got, text)
	}
	e, _ := expr.Parse(`$this.inputs.zone.split("-")[0]`)
	infer.Infer(e, s)
	want := []string{"$this map", "$this.inputs map", "$this.inputs.zone string the zone", `"-" string`,
		`$this.inputs.zone.split("-") list[string]`, `$this.inputs.zone.split("-")[0] string`}
	if !slices.Equal(got, want) {
		t.Errorf("observed %q, want %q", got, want)
	}
}

// What is made of constants is worked out.
func TestValues(t *testing.T) {
	version := "1.2.3"
	s := infer.NewScope(false, types.Field{Name: "base", Type: types.Object(false,
		types.Field{Name: "version", Type: types.String, Const: &version},
		types.Field{Name: "gone", Type: types.String, Const: &version, Absent: "it is away"},
		types.Field{Name: "other", Type: types.String})})
	for text, want := range map[string]any{
		`$base.version`:                         "1.2.3",
		`$base.version.track_minor_version()`:   "1.2.@",
		`$base.version.split(".")[0:2]`:         []any{"1", "2"},
		`$base.version.split(".").length()`:     int64(3),
		`$__equals($base.version, "1.2.3")`:     true,
		`$base.other`:                           nil,
		`$__concat("v", $base.other)`:           nil,
		`$base.gone`:                            nil,
		`$base.version.split(".")[3]`:           nil, // fails
		`$func(base) { $base }("x")`:            nil,
		`$__timestamp()`:                        nil,
		`$base`:                                 nil,
		`$__concat("v", $base.version, 1).file`: nil,
	} {
		e, _ := expr.Parse(text)
		if got := infer.Work(e, s).Value; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}

func TestCheckResult(t *testing.T) {
	tests := []struct {
		text string
		ok   string // the wants that accept it
	}{
		{`$this.name`, "any value text string items"},
		{`$this.inputs.number`, "any value text"},
		{`$this.inputs.flag`, "any value"},
		{`$this.inputs.list`, "any value items"},
		{`$this.inputs`, "any"},
		{`$func(x) { $x }`, ""},
		{`$dep.x`, "any value text string items"},
	}
	wants := []string{"any", "value", "text", "string", "items"}
	for _, test := range tests {
		e, _ := expr.Parse(test.text)
		typ, _ := infer.Infer(e, scope())
		var ok []string
		for i, name := range wants {
			if len(infer.CheckResult(e, test.text, typ, infer.Want(i))) == 0 {
				ok = append(ok, name)
			}
		}
		if got := strings.Join(ok, " "); got != test.ok {
			t.Errorf("%s may be %q, want %q", test.text, got, test.ok)
		}
	}
}

// The examples of all builtins are sound, and have the types that the table says.
func TestExamples(t *testing.T) {
	for _, b := range builtin.Table() {
		for _, x := range b.Examples {
			e, _ := expr.Parse(x.Expr)
			typ, found := infer.Infer(e, scope())
			if len(found) > 0 {
				t.Errorf("%s: %s", x.Expr, diag.Sprint(found))
			}
			want := map[bool]types.Kind{true: types.KindString, false: types.KindInt}[x.Want[0] == '"']
			switch {
			case x.Want == "true" || x.Want == "false":
				want = types.KindBool
			case x.Want[0] == '[':
				want = types.KindList
			}
			if typ.Kind() != want && !typ.IsAny() {
				t.Errorf("%s has type %s, but its value is %s", x.Expr, typ, x.Want)
			}
		}
	}
}

func FuzzInfer(f *testing.F) {
	for _, pattern := range []string{"testdata/*.esc", "../expr/testdata/*.esc"} {
		for _, text := range exprtest.Texts(f, pattern) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		e, _ := expr.Parse(text)
		_, found := infer.Infer(e, scope())
		for _, d := range found {
			if !(source.Span{End: int32(len(text))}).Encloses(d.Span) || d.Span.End < d.Span.Start {
				t.Errorf("%q: %q at %v", text, d.Message, d.Span)
			}
		}
	})
}

func BenchmarkInfer(b *testing.B) {
	e, _ := expr.Parse(`$__concat("v", $this.version, $this.inputs.list[0].upper())`)
	s := scope()
	b.ReportAllocs()
	for b.Loop() {
		infer.Infer(e, s)
	}
}

// TestHCL: in HCL all arguments stand behind the name of a function, which findings count and name accordingly.
func TestHCL(t *testing.T) {
	s := scope()
	s.HCL = true
	for script, want := range map[string]string{
		"$this.name.uper()":           `there is no function "uper"; did you mean "upper"?`,
		"$this.name.split()":          `"split" takes 2 arguments, but 1 is given (it is written split(text: string, separator: string) list[string])`,
		"$this.name.split(\"a\", 2)":  `"split" takes 2 arguments, but 3 are given (it is written split(text: string, separator: string) list[string])`,
		"$this.name.timestamp()":      `"timestamp" takes 0 arguments, but 1 is given (it is written timestamp() string)`,
		"$this.inputs.list.upper()":   `"text" of "upper" must be a string, but this is a list of strings`,
		"$this.name.upper":            `a string has no keys, so it has no "upper"; to call the function, write "upper(...)"`,
		"$upper":                      `"$upper" is not known here; to call the function, write "upper(...)"`,
		"$this.inputs.list.length(1)": `"length" takes 1 argument, but 2 are given (it is written length(value: list|string) integer)`,
	} {
		e, _ := expr.Parse(script)
		_, found := infer.Infer(e, s)
		if len(found) != 1 {
			t.Errorf("%s has %d findings", script, len(found))
			continue
		}
		got := found[0].Message
		if found[0].Hint != "" {
			got += " (" + found[0].Hint + ")"
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", script, got, want)
		}
	}
}
