package navigate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/navigate"
	"escape.build/escape/lsp/internal/symbol"
)

// longPlan is a plan of about as many lines.
func longPlan(lines int) string {
	var b strings.Builder
	b.WriteString("name: bench/long\nversion: 0.1.@\ndepends:\n- bench/db-v1.@ as db\ninputs:\n")
	n := lines / 6
	for i := range n {
		fmt.Fprintf(&b, "- id: input_%d\n  type: string\n  default: value\n", i)
	}
	b.WriteString("outputs:\n")
	for i := range n {
		fmt.Fprintf(&b, "- id: output_%d\n  type: string\n  default: $__concat($this.inputs.input_%d, $db.outputs.url)\n", i, i)
	}
	return b.String()
}

// bench is an opened workspace.
type bench struct {
	session *cache.Session
	dir     string
}

// openBench writes plans below a folder and opens one of them.
func openBench(b *testing.B, plans map[string]string, open string) *bench {
	b.Helper()
	dir := b.TempDir()
	for name, text := range plans {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	x := &bench{dir: dir}
	x.start(open, plans[open])
	return x
}

func (x *bench) start(open, text string) {
	x.session = cache.New(cache.Options{})
	x.session.SetFolders([]string{x.dir})
	path := filepath.Join(x.dir, open)
	x.session.Open(cache.FileURI(path), path, "", 1, text).Load(context.Background(), x.dir)
}

// at returns the symbol at the end of a text of a file.
func (x *bench) at(b *testing.B, file, before string) (*cache.Snapshot, symbol.Symbol) {
	b.Helper()
	snap := x.session.Snapshot()
	d := snap.File(filepath.Join(x.dir, file))
	s, ok := symbol.At(snap, d, strings.Index(d.Source.Text(), before)+len(before))
	if !ok {
		b.Fatalf("%s has nothing at %q", file, before)
	}
	return snap, s
}

func BenchmarkInFile(b *testing.B) {
	for _, lines := range []int{100, 1_000, 10_000} {
		x := openBench(b, map[string]string{"escape.yml": longPlan(lines), "db/escape.yml": "name: bench/db\nversion: 1.0.@\noutputs:\n- id: url\n  default: x\n"}, "escape.yml")
		last := fmt.Sprintf("$this.inputs.input_%d", lines/6-1)
		snap, s := x.at(b, "escape.yml", last)
		b.Run(fmt.Sprintf("At/%d", lines), func(b *testing.B) {
			for b.Loop() {
				x.at(b, "escape.yml", last)
			}
		})
		b.Run(fmt.Sprintf("Highlight/%d", lines), func(b *testing.B) {
			for b.Loop() {
				navigate.Here(snap, s)
			}
		})
		b.Run(fmt.Sprintf("References/%d", lines), func(b *testing.B) {
			for b.Loop() {
				navigate.References(b.Context(), snap, s)
			}
		})
		b.Run(fmt.Sprintf("Rename/%d", lines), func(b *testing.B) {
			for b.Loop() {
				if _, err := navigate.Rename(b.Context(), snap, s, "another"); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("Index/%d", lines), func(b *testing.B) {
			for n := int32(2); b.Loop(); n++ {
				b.StopTimer()
				doc := snap.Open()[0]
				x.session.Edit(doc.URI, n, source.NewFile(doc.Source.Name(), doc.Source.Text()))
				now := x.session.Snapshot()
				an := now.Analyze(now.Open()[0])
				b.StartTimer()
				symbol.Of(now, an)
			}
		})
	}
}

// BenchmarkWorkspace finds and renames an output that ten of 1,000 plans use, at first and again.
func BenchmarkWorkspace(b *testing.B) {
	plans := map[string]string{"db/escape.yml": "name: bench/db\nversion: 1.0.@\ninputs:\n- size\noutputs:\n- id: address\n  default: $this.inputs.size\n"}
	for i := range 1_000 {
		text := fmt.Sprintf("name: bench/plan%d\nversion: 1.0.@\n", i)
		if i%100 == 0 {
			text += "depends:\n- release_id: bench/db-v1.0.@ as db\n  mapping: {size: 1}\n"
		} else {
			text += fmt.Sprintf("depends:\n- bench/plan%d-v1.0.@ as db\n", i-1)
		}
		for n := range 10 {
			text += fmt.Sprintf("# line %d\n", n)
		}
		text += "outputs:\n- id: address\n  default: $db.outputs.address\n"
		plans[fmt.Sprintf("plans/p%d/escape.yml", i)] = text
	}
	x := openBench(b, plans, "db/escape.yml")
	ask := map[string]func(context.Context) int{
		"References": func(ctx context.Context) int {
			snap, s := x.at(b, "db/escape.yml", "- id: addr")
			return len(navigate.References(ctx, snap, s).Uses)
		},
		"Rename": func(ctx context.Context) int {
			snap, s := x.at(b, "db/escape.yml", "- id: addr")
			edits, err := navigate.Rename(ctx, snap, s, "location")
			if err != nil {
				b.Fatal(err)
			}
			return len(edits)
		},
		"Symbols": func(ctx context.Context) int { return len(navigate.Symbols(ctx, x.session.Snapshot(), "addr")) },
	}
	for name, fn := range ask {
		b.Run(name+"/first", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				b.StartTimer()
				x.start("db/escape.yml", plans["db/escape.yml"])
				b.ReportMetric(float64(fn(b.Context())), "found")
			}
		})
		b.Run(name+"/again", func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(fn(b.Context())), "found")
			}
		})
	}
}
