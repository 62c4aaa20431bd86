package eval_test

import (
	"testing"

	"escape.build/escape/eval"
	"escape.build/escape/lang/expr"
)

// benchScope is a deployment with three dependencies of a dozen inputs and outputs each.
func benchScope() *eval.Scope {
	s := eval.NewScope(eval.Env{})
	for _, name := range []string{"this", "db", "cache", "kubernetes"} {
		values := map[string]any{}
		for _, id := range []string{"host", "port", "user", "password", "zone", "size", "replicas", "url", "region", "tier", "name", "bucket"} {
			values[id] = "value of " + id
		}
		u := eval.Unit{Name: name, Version: "1.2.3", Metadata: map[string]string{"a": "b"}, Deployment: &eval.Deployed{
			Project: "p", Environment: "dev", Path: "_/" + name, Inputs: values, Outputs: values,
			Secret: func(id string) bool { return id == "password" },
		}}
		s.SetLazy(name, func() (eval.Value, error) { return u.Value(), nil })
	}
	return s
}

func benchEval(b *testing.B, text string) {
	e, found := expr.Parse(text)
	if len(found) > 0 {
		b.Fatal(found)
	}
	s := benchScope()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := eval.Eval(e, s, eval.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvalConcat(b *testing.B) { benchEval(b, `$__concat("v", $this.version)`) }
func BenchmarkEvalOutput(b *testing.B) { benchEval(b, `$kubernetes.outputs.host`) }
func BenchmarkEvalSecret(b *testing.B) {
	benchEval(b, `$__concat("https://", $db.outputs.password, "@", $db.outputs.host)`)
}
func BenchmarkEvalLists(b *testing.B) {
	benchEval(b, `$func(v) { $v.split(".")[:2].join(".") }($this.version)`)
}

func BenchmarkScript(b *testing.B) {
	s := benchScope()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := eval.Script(`$__concat("v", $this.version)`, s, eval.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
