package eval_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/eval"
)

func TestLift(t *testing.T) {
	tests := []struct {
		in   any
		want string
	}{
		{nil, `""`}, {"a", `"a"`}, {true, "true"}, {7, "7"}, {int64(-7), "-7"}, {uint64(math.MaxUint64), "18446744073709551615"},
		{12.9, "12"}, {-12.9, "-12"}, {1e20, "100000000000000000000"}, {[]any{"a", 1.0, []any{}}, `["a", 1, []]`},
		{map[string]any{"k": map[string]any{"l": nil}}, `{k: {l: ""}}`}, {map[any]any{"k": 1}, `{k: 1}`},
		{[]string{"a"}, `["a"]`}, {map[string]string{"a": "b"}, `{a: "b"}`}, {cty.NullVal(cty.String), `""`},
	}
	for _, test := range tests {
		v, err := eval.Lift(test.in)
		if err != nil || show(v) != test.want {
			t.Errorf("Lift(%#v) = %s, %v; want %s", test.in, show(v), err, test.want)
		}
	}
	for in, want := range map[any]string{
		struct{}{}:  "Couldn't lift value of type 'struct {}': {}",
		math.Inf(1): "Couldn't lift value of type 'float64': +Inf",
	} {
		if _, err := eval.Lift(in); err == nil || err.Error() != want {
			t.Errorf("Lift(%v): %v, want %s", in, err, want)
		}
	}
	if _, err := eval.Lift([]any{map[any]any{1: 2}}); err == nil || err.Error() != "Expecting string key for dictionary type, but got int" {
		t.Errorf("key of another type: %v", err)
	}
}

func TestToGo(t *testing.T) {
	in := map[string]any{"s": "a", "b": true, "i": int64(1), "u": uint64(math.MaxUint64), "f": 1e30, "l": []any{"x", []any{}}, "m": map[string]any{}}
	v := eval.FromGo(in)
	got, secret, err := eval.ToGo(v)
	if err != nil || secret || !reflect.DeepEqual(got, in) {
		t.Errorf("ToGo = %#v, %v, %v", got, secret, err)
	}
	_, secret, err = eval.ToGo(cty.ObjectVal(map[string]cty.Value{"a": cty.TupleVal([]cty.Value{eval.Secret(cty.True)})}))
	if err != nil || !secret {
		t.Errorf("deep mark: %v, %v", secret, err)
	}
	if _, _, err := eval.ToGo(cty.TupleVal([]cty.Value{cty.DynamicVal})); !errors.Is(err, eval.ErrUnknown) {
		t.Errorf("unknown: %v", err)
	}
	_, _, err = eval.ScriptGo(`$func(x) { $x }`, &eval.Scope{}, eval.Limits{})
	if err == nil || err.Error() != "Function application can not be converted to Go value (forgot to eval?)" {
		t.Errorf("lambda: %v", err)
	}
}

func TestScriptText(t *testing.T) {
	decomposed := "e\u0301"
	tests := []struct{ text, want, err string }{
		{"plain", "plain", ""},
		{"$$x", "$$x", ""},
		{"a {{ $this.version }} b", "a {{ $this.version }} b", ""},
		{" $this", " $this", ""},
		{"", "", ""},
		{decomposed, decomposed, ""},
		{"$this.version", "1.2.3", ""},
		{"$this.inputs.number", "12", ""},
		{"$this.inputs.flag", "", "Expression '$this.inputs.flag' did not return a string value"},
		{"$this.inputs.list", "", "Expression '$this.inputs.list' did not return a string value"},
		{"$this", "", "Expression '$this' did not return a string value"},
		{"$this.", "", "Couldn't parse expression '$this.': Expecting indentifier, got ''"},
	}
	for _, test := range tests {
		got, _, err := eval.ScriptText(test.text, testScope(), eval.Limits{})
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != test.want || text != test.err {
			t.Errorf("ScriptText(%q) = %q, %q; want %q, %q", test.text, got, text, test.want, test.err)
		}
	}
	if _, secret, err := eval.ScriptText(`$__concat("x", $this.inputs.password)`, testScope(), eval.Limits{}); err != nil || !secret {
		t.Errorf("secret: %v, %v", secret, err)
	}
}

func TestOSEnv(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := eval.NewScope(eval.OSEnv(dir))
	v, err := eval.Script(`$__concat($__read_file("f"), $func(x) { $__read_file($x.file) }("!"))`, s, eval.Limits{})
	if err != nil || v.AsString() != "content!" {
		t.Fatalf("got %#v, %v", v, err)
	}
	made, _ := filepath.Glob(filepath.Join(dir, "escape_input_*"))
	if len(made) != 1 {
		t.Fatalf("files %v", made)
	}
	if info, _ := os.Stat(made[0]); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	for text, want := range map[string]string{
		`$__path_exists("f/x")`: "false", `$__path_exists("f")`: "true", `$__path_exists("")`: "false", `$__dir_exists(".")`: "true",
		`$__file_exists("f/x")`: "false",
	} {
		if v, err := eval.Script(text, s, eval.Limits{}); err != nil || show(v) != want {
			t.Errorf("%s = %s, %v", text, show(v), err)
		}
	}
	_, err = eval.Script(`$__read_file("nope")`, s, eval.Limits{})
	if err == nil || !strings.HasSuffix(err.Error(), ": open nope: no such file or directory") {
		t.Errorf("missing file: %v", err)
	}
}
