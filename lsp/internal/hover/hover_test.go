package hover_test

import (
	"fmt"
	"strings"
	"testing"

	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/hover"
	"escape.build/escape/lsp/internal/plantest"
	"escape.build/escape/lsp/internal/value"
)

func open(name, text string) (*cache.Snapshot, *cache.Document) {
	language := cache.PlanLanguages[0]
	if strings.HasSuffix(name, ".hcl") {
		language = cache.PlanLanguages[1]
	}
	snap := cache.New(cache.Options{}).Open("untitled:"+name, "", language, 1, text)
	return snap, snap.Document("untitled:" + name)
}

// recordedSecret begins the recorded values of sensitive variables.
const recordedSecret = "S3cr3t-"

// deployed records a value for each variable of a plan.
func deployed(an *cache.Analyzed) []*value.Deployment {
	d := &value.Deployment{Environment: "dev", Name: "x", Inputs: map[string]any{}, Outputs: map[string]any{}}
	for _, v := range an.Plan.AllVariables() {
		text := "plain"
		if v.Sensitive.Value {
			text = recordedSecret + v.ID.Value
		}
		d.Inputs[v.ID.Value], d.Outputs[v.ID.Value] = text, text
	}
	return []*value.Deployment{d}
}

// check fails if a hover is empty, does not lie where it was asked for, or shows a secret.
func check(t plantest.TB, name, text string, step int) {
	snap, d := open(name, text)
	for off := 0; off <= len(text); off += step {
		a, ok := hover.At(snap, d, off, deployed)
		if !ok {
			continue
		}
		if strings.TrimSpace(a.Text(true)) == "" || strings.TrimSpace(a.Text(false)) == "" {
			t.Fatalf("the hover at %d of %q is empty", off, text)
		}
		if !strings.Contains(text, recordedSecret) && strings.Contains(a.Text(false), recordedSecret) {
			t.Fatalf("the hover at %d of %q shows a secret: %s", off, text, a.Text(false))
		}
		if !a.Span.Contains(off) {
			t.Fatalf("the hover at %d of %q covers %v", off, text, a.Span)
		}
	}
}

func TestHoverLiesUnderTheCursor(t *testing.T) { plantest.Broken(t, check) }

func FuzzHover(f *testing.F) {
	plantest.Fuzz(f, "name: a/b\nversion: '@'\ndepends:\n- - a\n- x-v1.@ as y as z\n- 'x: '\nconsumes: [a as b, ' ']\n", check)
}

func BenchmarkHover(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		for name, text := range plantest.Plans(b, lines) {
			snap, d := open(name, text)
			mid := len(text) / 3
			for _, what := range []string{"default", "$this.inputs", "this.inputs", "zone_"} {
				at := strings.Index(text[mid:], what)
				if at < 0 {
					continue
				}
				off := mid + at + len(what) - 1
				if _, ok := hover.At(snap, d, off, nil); !ok {
					b.Fatalf("%s: no hover at %q", name, what)
				}
				b.Run(fmt.Sprintf("%s/lines=%d/at=%s", name, lines, what), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						a, _ := hover.At(snap, d, off, nil)
						a.Text(true)
					}
				})
			}
		}
	}
}
