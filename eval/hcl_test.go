package eval_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/eval"
	"escape.build/escape/lang/expr"
)

// BenchmarkTemplate compares the evaluation of a text made of three parts with that of the same template in bare HCL,
// which has no limits, no marks and no lazy names. Both are parsed before.
func BenchmarkTemplate(b *testing.B) {
	this := cty.ObjectVal(map[string]cty.Value{
		"version": cty.StringVal("1.2.3"),
		"inputs":  cty.ObjectVal(map[string]cty.Value{"host": cty.StringVal("db.example.com"), "port": cty.NumberIntVal(5432)}),
	})
	const want = "https://db.example.com/1.2.3"

	b.Run("escape", func(b *testing.B) {
		e, found := expr.Parse(`$__concat("https://", $this.inputs.host, "/", $this.version)`)
		if len(found) > 0 {
			b.Fatal(found)
		}
		s := eval.NewScope(eval.Env{})
		s.Set("this", this)
		b.ReportAllocs()
		for b.Loop() {
			v, err := eval.Eval(e, s, eval.Limits{})
			if err != nil || v.AsString() != want {
				b.Fatal(v, err)
			}
		}
	})
	b.Run("hcl", func(b *testing.B) {
		e, found := hclsyntax.ParseTemplate([]byte("https://${this.inputs.host}/${this.version}"), "t", hcl.InitialPos)
		if found.HasErrors() {
			b.Fatal(found)
		}
		scope := &hcl.EvalContext{Variables: map[string]cty.Value{"this": this}}
		b.ReportAllocs()
		for b.Loop() {
			v, found := e.Value(scope)
			if found.HasErrors() || v.AsString() != want {
				b.Fatal(v, found)
			}
		}
	})
}
