package complete

import (
	"context"
	"testing"

	"escape.build/escape/lang"
	"escape.build/escape/lang/source"
)

// FuzzComplete asks at any place of any text: there is an answer, and what is replaced lies in the text, in whole characters, around
// the cursor.
func FuzzComplete(f *testing.F) {
	for i, plan := range goodPlans(f) {
		if len(plan.Text()) < 1500 {
			f.Add(plan.Text(), i*31%len(plan.Text()), plan.Name() == "escape.hcl")
		}
	}
	for hcl, lines := range breakages {
		for _, line := range lines {
			f.Add(line, len(line)/2, hcl)
		}
	}
	known := lang.Analyze(source.NewFile("escape.yml", "name: demo/app\nversion: 0.1.@\ninputs: [zone]\n"), lang.Options{})
	f.Fuzz(func(t *testing.T, text string, off int, hcl bool) {
		name := "escape.yml"
		if hcl {
			name = "escape.hcl"
		}
		file := source.NewFile(name, text)
		r := request(file, known, off)
		list := Complete(context.Background(), r)
		Signature(r)
		InFile(context.Background(), file, off, []User{{World: r.World, Steps: []string{"build"}, Shell: hcl}})
		off = min(max(off, 0), len(text))
		if len(list.Items) == 0 {
			return
		}
		if i, x := list.Insert, list.Replace; i.Start != x.Start || i.End > x.End || !i.Contains(off) || int(x.End) > len(text) || i.Start < 0 {
			t.Errorf("at %d of %q: replaces %v or %v", off, text, i, x)
		}
		if len(list.Items) > maxItems {
			t.Errorf("%d items", len(list.Items))
		}
	})
}
