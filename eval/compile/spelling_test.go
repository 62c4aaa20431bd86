package compile_test

import (
	"context"
	"reflect"
	"testing"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/release"
)

// A plain number of a variable of text stays as it is written, wherever variables are.
func TestNumbersKeepTheirText(t *testing.T) {
	tests := []struct {
		typ, text string
		want      any
	}{
		{"string", "1.10", "1.10"},
		{"string", "010", "010"},
		{"string", "0x10", "0x10"},
		{"string", "1_000", "1_000"},
		{"string", "+5", "+5"},
		{"string", "2.0", "2.0"},
		{"string", "1e3", "1e3"},
		{"string", "12", int64(12)},
		{"string", "-1.5", -1.5},
		{"string", "false", false},
		{"string", "yes", true},
		{"string", `"1.10"`, "1.10"},
		{"string", "1.10 # with a remark", "1.10"},
		{"string", "&a 1.10", "1.10"},
		{"string", "[1.10]", []any{1.1}},
		{"integer", "010", int64(8)},
		{"bool", "0x1", int64(1)},
	}
	for _, test := range tests {
		entry := "- id: a\n  default: " + test.text + "\n"
		if test.typ != "string" { // which no type means too
			entry += "  type: " + test.typ + "\n"
		}
		indented := "    - id: a\n      default: " + test.text + "\n      type: " + test.typ + "\n"
		p := decode(t, t.TempDir(), "name: demo/app\nversion: 1.0.0\ninputs:\n"+entry+"deploy_outputs:\n"+entry+
			"errands:\n  e:\n    run: {cmd: ls}\n    inputs:\n"+indented)
		m, findings, err := compile.Compile(context.Background(), p, compile.Options{Dir: t.TempDir()})
		if err != nil || m == nil {
			t.Fatalf("%s: %v %v", test.text, findings, err)
		}
		for where, list := range map[string][]*release.Variable{"inputs": m.Inputs, "outputs": m.Outputs, "errand": m.Errands["e"].Inputs} {
			if got := list[0].Default; !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s of type %s: default: %s is %#v, want %#v", where, test.typ, test.text, got, test.want)
			}
		}
	}
}

func TestItemsKeepTheirText(t *testing.T) {
	p := decode(t, t.TempDir(), `name: demo/app
version: 1.0.0
inputs:
- {id: a, items: [1.10, 010, 12]}
- {id: b, type: list, items: [1.10, x]}
- {id: c, type: integer, items: [010]}
`)
	m, findings, err := compile.Compile(context.Background(), p, compile.Options{Dir: t.TempDir()})
	if err != nil || m == nil {
		t.Fatal(findings, err)
	}
	for i, want := range []any{[]any{"1.10", "010", int64(12)}, []any{"1.10", "x"}, []any{int64(8)}} {
		if got := m.Inputs[i].Items; !reflect.DeepEqual(got, want) {
			t.Errorf("items of %s: %#v, want %#v", m.Inputs[i].ID, got, want)
		}
	}
}
