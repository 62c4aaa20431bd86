package eval_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/eval"
	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/expr/exprtest"
	"escape.build/escape/lang/source"
)

// testScope is the world of the chunk files and of the examples of builtins.
func testScope() *eval.Scope { return scopeWith("hunter2") }

// scopeWith returns testScope with another password.
func scopeWith(password string) *eval.Scope {
	files := fstest.MapFS{
		"pkg/VERSION": {Data: []byte("1.2.3\n")},
		"pkg/src/a.c": {Data: []byte("int a;")},
		"etc/hosts":   {Data: []byte("hosts")},
	}
	inside := func(path string) string { return strings.TrimPrefix(filepath.ToSlash(path), "/") }
	fix := func(path string, err error) error {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = &fs.PathError{Op: "open", Path: path, Err: errors.New("no such file or directory")}
			_ = pe
		}
		return err
	}
	temp := 0
	env := eval.Env{
		Dir: "/pkg",
		Now: func() time.Time { return time.Unix(1500000000, 0) },
		ReadFile: func(path string) ([]byte, error) {
			b, err := files.ReadFile(inside(path))
			return b, fix(path, err)
		},
		Stat: func(path string) (fs.FileInfo, error) { return files.Stat(inside(path)) },
		TempFile: func(string) (string, error) {
			temp++
			return "/tmp/escape_input_" + strconv.Itoa(temp), nil
		},
	}
	s := eval.NewScope(env)
	this := eval.Unit{
		Project: "acme", Name: "demo", Version: "1.2.3", Description: "A demo.", Revision: "abc",
		Metadata: map[string]string{"owner": "me", "file": "a field"},
		Deployment: &eval.Deployed{
			Project: "proj", Environment: "ci", Path: "acme/demo", Client: "0.27.0",
			Inputs: map[string]any{
				"text": "hello", "blank": "", "number": int64(12), "flag": true, "list": []any{"a", "b", "c"}, "none": []any{},
				"ints": []any{int64(1), int64(2)}, "mixed": []any{"a", int64(1), true, []any{"x"}}, "fraction": 12.9, "null": nil,
				"object": map[string]any{"k": "v", "n": int64(1)}, "password": password, "secrets": []any{"s1", "s2"},
			},
			Outputs: map[string]any{"url": "https://demo"},
			Secret:  func(id string) bool { return id == "password" || id == "secrets" },
		},
	}
	s.SetLazy("this", func() (eval.Value, error) { return this.Value(), nil })
	s.Set("base", eval.Unit{Name: "base", Version: "0.1"}.Value())
	s.Set("vars", cty.MapVal(map[string]cty.Value{"k": cty.StringVal("v")}))
	s.Set("unknown", cty.DynamicVal)
	s.Set("text", cty.UnknownVal(cty.String))
	s.Set("number", cty.UnknownVal(cty.Number))
	s.Set("part", cty.TupleVal([]cty.Value{cty.StringVal("known"), cty.UnknownVal(cty.String), eval.Secret(cty.StringVal("s"))}))
	s.Set("flag", cty.True)
	s.SetAbsent("later", "it is deployed after this step")
	s.SetLazy("broken", func() (eval.Value, error) { return cty.NilVal, errors.New("Deployment 'x' does not exist") })
	return s
}

// show writes a value in the notation of the chunk files.
func show(v eval.Value) string {
	if v.IsMarked() {
		v, _ = v.Unmark()
		return "secret(" + show(v) + ")"
	}
	t := v.Type()
	switch {
	case !v.IsKnown() && t == cty.DynamicPseudoType:
		return "unknown"
	case !v.IsKnown():
		return "unknown " + builtin.Kind(v)
	case t == cty.String:
		return expr.Quote(v.AsString())
	case t == cty.Number:
		return v.AsBigFloat().Text('f', -1)
	case t == cty.Bool:
		return strconv.FormatBool(v.True())
	case t.IsTupleType():
		var parts []string
		for _, e := range v.AsValueSlice() {
			parts = append(parts, show(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case t.IsObjectType() || t.IsMapType():
		var parts []string
		for k, e := range v.AsValueMap() {
			parts = append(parts, k+": "+show(e))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return builtin.Kind(v)
}

// public is show without the content of secrets.
func public(v eval.Value) string {
	v, _ = cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.IsMarked() {
			return cty.StringVal("secret"), nil
		}
		return v, nil
	})
	return show(v)
}

func TestChunks(t *testing.T) {
	exprtest.Run(t, "testdata/*.esc", func(t *testing.T, c exprtest.Case) {
		v, err := eval.Script(c.Text, testScope(), eval.Limits{})
		if err == nil {
			exprtest.Findings(t, c, nil)
			if got := show(v); got != c.Want {
				t.Errorf("%s = %s, want %s", c.Text, got, c.Want)
			}
			return
		}
		e, ok := err.(*eval.Error)
		if !ok {
			t.Fatalf("%s: error %v of type %T", c.Text, err, err)
		}
		if !(source.Span{End: int32(len(c.Text))}).Encloses(e.Span) {
			t.Errorf("%s: error at %v", c.Text, e.Span)
		}
		exprtest.Findings(t, c, []string{string(e.Code.Code) + ": " + e.Msg})
	})
}

func TestExamples(t *testing.T) {
	for _, b := range builtin.Table() {
		if b.Doc == "" || len(b.Examples) == 0 {
			t.Errorf("%s lacks documentation or an example", b.Name)
		}
		for _, p := range b.Params {
			if p.Name == "" || p.Doc == "" {
				t.Errorf("%s: parameter %q lacks documentation", b.Name, p.Name)
			}
		}
		for _, x := range b.Examples {
			v, err := eval.Script(x.Expr, testScope(), eval.Limits{})
			if err != nil {
				t.Errorf("%s: %s: %v", b.Name, x.Expr, err)
			} else if got := show(v); got != x.Want {
				t.Errorf("%s: %s = %s, want %s", b.Name, x.Expr, got, x.Want)
			}
		}
	}
}

func TestErrorSpan(t *testing.T) {
	tests := []struct{ text, marked string }{
		{`$ths.version`, `$ths`},
		{`$this.versoin`, `versoin`},
		{`$__concat("a", $this.inputs.flag)`, `$this.inputs.flag`},
		{`$this.inputs.list.join(1)`, `1`},
		{`$this.inputs.number.upper()`, `$this.inputs.number`},
		{`$this.inputs.list[7]`, `7`},
		{`$__concat($this.version.uper())`, `uper`},
		{`$this.version.upper(1)`, `$this.version.upper(1)`},
		{`$func(x) { $x.nope }("a")`, `nope`},
	}
	for _, test := range tests {
		_, err := eval.Script(test.text, testScope(), eval.Limits{})
		e, ok := err.(*eval.Error)
		if !ok {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := test.text[e.Span.Start:e.Span.End]; got != test.marked {
			t.Errorf("%s marks %q, want %q", test.text, got, test.marked)
		}
	}
}

func TestLimits(t *testing.T) {
	loop := `$func(f) { $f.foo }($func(x) { $f.foo })`
	tests := []struct {
		text   string
		limits eval.Limits
		want   string
	}{
		{loop, eval.Limits{}, "too deeply"},
		{loop, eval.Limits{Depth: 1 << 30, Steps: 10_000}, "too many steps"},
		{`$__add(1, 2)`, eval.Limits{Steps: 2}, "too many steps"},
		{`$__replace("aaaa", "", $__base64_encode("aaaaaaaa"), -1)`, eval.Limits{Size: 40}, "too large"},
		{`$__split("aaaaaaaa", "")`, eval.Limits{Size: 100}, "too large"},
		{`$__read_file("VERSION")`, eval.Limits{Size: 3}, "too large"},
		{bomb(40), eval.Limits{}, "too large"},
	}
	for _, test := range tests {
		_, err := eval.Script(test.text, testScope(), test.limits)
		if e, ok := err.(*eval.Error); !ok || !strings.Contains(e.Msg, test.want) || e.Code != diag.ExprFailed {
			t.Errorf("%.60s: %v, want %q", test.text, err, test.want)
		}
	}
}

// bomb doubles a text n times.
func bomb(n int) string {
	text := `"0123456789abcdef"`
	for range n {
		text = `$func(x) { $__concat($x, $x) }(` + text + `)`
	}
	return text
}

func TestLazy(t *testing.T) {
	made := 0
	s := eval.NewScope(eval.Env{})
	s.SetLazy("a", func() (eval.Value, error) { made++; return cty.StringVal("x"), nil })
	s.SetLazy("b", func() (eval.Value, error) { t.Error("b was made"); return cty.DynamicVal, nil })
	s.SetLazy("bad", func() (eval.Value, error) { panic("no") })
	child := s.Child().Set("c", cty.StringVal("y")).SetAbsent("b", "hidden")
	for range 2 {
		if v, err := eval.Script(`$__concat($a, $c, $a)`, child, eval.Limits{}); err != nil || v.AsString() != "xyx" {
			t.Errorf("got %#v, %v", v, err)
		}
	}
	if made != 1 {
		t.Errorf("a was made %d times", made)
	}
	if _, err := eval.Script(`$b`, child, eval.Limits{}); err == nil || !strings.HasSuffix(err.Error(), "; hidden") {
		t.Errorf("absent: %v", err)
	}
	if _, err := eval.Script(`$bad`, s, eval.Limits{}); err == nil {
		t.Error("a panic was lost")
	}
	if got := strings.Join(child.Names(), " "); got != "a bad c" {
		t.Errorf("Names = %q", got)
	}
}

func TestNoEnv(t *testing.T) {
	for _, text := range []string{`$__read_file("a")`, `$__path_exists("a")`, `$__timestamp()`, `$__id("x".file)`} {
		if _, err := eval.Script(text, &eval.Scope{}, eval.Limits{}); err == nil || !strings.Contains(err.Error(), "not available here") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzEval(f *testing.F) {
	for _, pattern := range []string{"testdata/*.esc", "../lang/expr/testdata/forms.esc"} {
		for _, text := range exprtest.Texts(f, pattern) {
			f.Add(text)
		}
	}
	f.Add(`$func(f) { $f.foo }($func(x) { $f.foo })`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		e, _ := expr.Parse(text)
		s := testScope()
		v, err := eval.Eval(e, s, eval.Limits{Steps: 20_000, Size: 1 << 20})
		if err != nil {
			if strings.Contains(err.Error(), "internal error") {
				t.Errorf("%s: %v", text, err)
			}
			if strings.Contains(err.Error(), "hunter2") && !strings.Contains(text, "hunter2") {
				t.Errorf("%s: the error shows a secret: %v", text, err)
			}
			return
		}
		// What is not marked may not depend on the secret.
		other, err := eval.Eval(e, scopeWith("Wx12_,="), eval.Limits{Steps: 20_000, Size: 1 << 20})
		if err == nil && public(v) != public(other) {
			t.Errorf("%s: a secret came out unmarked: %s and %s", text, show(v), show(other))
		}
	})
}

func TestConcurrent(t *testing.T) {
	s := testScope()
	e, _ := expr.Parse(`$__concat($this.name, $this.inputs.text)`)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if v, err := eval.Eval(e, s, eval.Limits{}); err != nil || v.AsString() != "demohello" {
				t.Errorf("got %#v, %v", v, err)
			}
		})
	}
	group.Wait()
}
