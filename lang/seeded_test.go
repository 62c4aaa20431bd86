package lang_test

import (
	"cmp"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

var (
	seededPer  = flag.Int("seeded.per", 0, "plant each kind of mistake at that many places of each plan; 0 means at one place of some plans")
	seededShow = flag.String("seeded.show", "", "print what goes wrong with a kind of mistake; \"all\" for all kinds")
)

// A bed is a plan without findings, in which mistakes are planted.
type bed struct {
	name  string
	plan  string            // name of the file of the plan
	files map[string]string // the plan and the files beside it
	deps  check.Deps
	tree  *syntax.File
}

// A planted mistake is an edit of a bed.
type planted struct {
	file string
	edit source.Edit
	// where are further places, in the text after the edit, at which the mistake may be shown; the first one is where it was planted.
	where []spot
}

type spot struct {
	file string
	span source.Span
}

// A kind is one sort of mistake.
type kind struct {
	name string
	in   string // the notation of the plans, "yml" or "hcl"; empty for both
	// plant finds all places of a bed where it can be made.
	plant func(*bed) []planted
	// most is how many findings it may cost; 0 means 2.
	most int
	// above and below are how many lines away the mistake may be shown: of a bracket without its end, the start is shown.
	above, below int
	// loose says that any place on the right line will do: what is missing has none.
	loose bool
	// cure says whether a fix is expected that gives a plan without findings.
	cure bool
}

// A tally counts what became of the mistakes of one kind.
type tally struct {
	all, found, line, token, few, offered, fixed int
}

func (b *bed) analyze(files map[string]string) *lang.Analysis {
	find := func(p *plan.Plan) check.Deps {
		deps := check.Deps{}
		for _, d := range p.Depends {
			for _, m := range b.deps {
				if strings.HasPrefix(d.Release.Value, m.Project+"/"+m.Name+"-") {
					deps[cmp.Or(d.Variable.Value, d.As.Value, m.VersionlessID())], deps[d.Release.Value] = m, m
				}
			}
		}
		for key, m := range b.deps {
			if strings.Contains(key, "/") || len(p.Extends) > 0 {
				deps[key] = m
			}
		}
		return deps
	}
	opts := lang.Options{Env: memory(files), Find: find, Lint: func(r *lint.Rule) bool { return !r.Off }}
	return lang.Analyze(source.NewFile(b.plan, files[b.plan]), opts)
}

// beds are the plans of testdata/plans/ok in both notations, and some more with scripts in other languages.
func beds(t *testing.T) []*bed {
	t.Helper()
	files, err := filepath.Glob("../testdata/plans/ok/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all []*bed
	for _, file := range append(files, "testdata/seeded.txtar") {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b := &bed{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), plan: "escape.yml", files: map[string]string{}, deps: depsOf(t, a)}
		for _, f := range a.Files {
			if f.Name == "in.yml" {
				f.Name = "escape.yml"
			}
			b.files[f.Name] = string(f.Data)
		}
		all = append(all, b)
		text, _, err := convert.To(source.NewFile(b.plan, b.files[b.plan]), syntax.HCL)
		if err != nil {
			continue // YAML can say a few things that HCL cannot
		}
		twin := &bed{name: b.name, plan: "escape.hcl", files: map[string]string{}, deps: b.deps}
		for name, text := range b.files {
			if name != b.plan {
				twin.files[name] = text
			}
		}
		twin.files[twin.plan] = text
		all = append(all, twin)
	}
	all = append(all, storefront(t))
	clean := all[:0]
	for _, b := range all {
		an := b.analyze(b.files)
		if len(an.Findings) > 0 {
			t.Logf("%s/%s is not clean:\n%s", b.name, b.plan, show(an.Findings))
			continue
		}
		b.tree = an.Syntax
		clean = append(clean, b)
	}
	return clean
}

// storefront is the example in HCL, with the files and packages that it needs.
func storefront(t *testing.T) *bed {
	t.Helper()
	text, err := os.ReadFile("testdata/storefront.hcl")
	if err != nil {
		t.Fatal(err)
	}
	a, err := txtar.ParseFile("testdata/storefront.txtar")
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{name: "storefront", plan: "escape.hcl", files: map[string]string{"escape.hcl": string(text)}, deps: depsOf(t, a)}
	for _, f := range a.Files {
		b.files[f.Name] = string(f.Data)
	}
	return b
}

// TestSeeded makes single mistakes of the kinds that people make in plans without findings. Each must be found, at its place,
// with few findings, and where one can know what was meant there must be a fix that gives back a plan without findings.
func TestSeeded(t *testing.T) {
	all := beds(t)
	if len(all) < 120 {
		t.Errorf("only %d plans", len(all))
	}
	sum := tally{}
	var table strings.Builder
	fmt.Fprintf(&table, "%-44s %5s %6s %6s %6s %6s %6s\n", "mistake", "made", "found", "line", "token", "few", "fixed")
	tallies := make([]tally, len(kinds))
	var wait sync.WaitGroup
	work := make(chan int)
	for range 2 {
		wait.Go(func() {
			for i := range work {
				tallies[i] = sow(t, &kinds[i], all)
			}
		})
	}
	for i := range kinds {
		work <- i
	}
	close(work)
	wait.Wait()
	for i, n := range tallies {
		k := &kinds[i]
		fixed := "-"
		if k.cure {
			fixed = percent(n.fixed, n.all)
			sum.offered += n.all
			sum.fixed += n.fixed
		}
		fmt.Fprintf(&table, "%-44s %5d %6s %6s %6s %6s %6s\n", strings.TrimSpace(k.name+" "+k.in), n.all, percent(n.found, n.all), percent(n.line, n.all),
			percent(n.token, n.all), percent(n.few, n.all), fixed)
		if n.all == 0 {
			t.Errorf("%s: no plan has a place for it", k.name)
		}
		sum.all += n.all
		sum.found += n.found
		sum.line += n.line
		sum.token += n.token
		sum.few += n.few
	}
	fmt.Fprintf(&table, "%-44s %5d %6s %6s %6s %6s %6s\n", fmt.Sprintf("all %d kinds", len(kinds)), sum.all, percent(sum.found, sum.all),
		percent(sum.line, sum.all), percent(sum.token, sum.all), percent(sum.few, sum.all), percent(sum.fixed, sum.offered))
	t.Logf("%d plans\n%s", len(all), &table)
	for _, goal := range []struct {
		what     string
		got, of  int
		perMille int
	}{
		{"are found", sum.found, sum.all, 994},
		{"are found on their line", sum.line, sum.all, 985},
		{"make few findings", sum.few, sum.all, 992},
		{"are mended by the fix of the first finding", sum.fixed, sum.offered, 980},
	} {
		if goal.got*1000 < goal.perMille*goal.of {
			t.Errorf("only %d of %d mistakes %s; see -v -args -seeded.show=all", goal.got, goal.of, goal.what)
		}
	}
}

func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", 100*float64(n)/float64(of))
}

// somePlans is how many plans a kind of mistake is planted in if not all are asked for.
const somePlans = 30

// sow makes the mistakes of one kind, each by itself.
func sow(t *testing.T, k *kind, all []*bed) (sum tally) {
	t.Helper()
	start := int(hash(k.name)) % len(all)
	for i := range all {
		b := all[(start+i)%len(all)]
		if k.in != "" && !strings.HasSuffix(b.plan, k.in) || *seededPer == 0 && sum.all >= somePlans {
			continue
		}
		list := k.plant(b)
		for i := range min(max(*seededPer, 1), len(list)) {
			p := list[(int(hash(b.name+k.name))+i*7)%len(list)]
			text, err := source.Apply(b.files[p.file], []source.Edit{p.edit})
			if err != nil || text == b.files[p.file] {
				continue
			}
			judge(t, k, b, &p, text, &sum)
		}
	}
	return sum
}

func judge(t *testing.T, k *kind, b *bed, p *planted, text string, sum *tally) {
	t.Helper()
	files := map[string]string{}
	for name, old := range b.files {
		files[name] = old
	}
	files[p.file] = text
	an := b.analyze(files)
	lawful(t, an)
	sum.all++
	var faults []string
	if len(an.Findings) == 0 {
		faults = append(faults, "NOT FOUND")
	} else {
		sum.found++
		first := &an.Findings[0]
		spots := append([]spot{{p.file, source.Span{Start: p.edit.Span.Start, End: p.edit.Span.Start + int32(len(p.edit.New))}}}, p.where...)
		line, token := false, false
		for _, s := range spots {
			if s.file != first.File.Name() {
				continue
			}
			f := first.File
			from, to := f.LineOf(int(s.span.Start)), f.LineOf(int(s.span.End))
			at := f.LineOf(int(first.Span.Start))
			from, to = from-k.above, to+k.below
			line = line || from <= at && at <= to || at <= from && to <= f.LineOf(int(first.Span.End))
			token = token || first.Span.Start <= s.span.End+1 && s.span.Start <= first.Span.End+1 || k.loose && line
		}
		if line {
			sum.line++
		} else {
			faults = append(faults, "WRONG LINE")
		}
		if token {
			sum.token++
		} else {
			faults = append(faults, "wrong token")
		}
		most := k.most
		if most == 0 {
			most = 2
		}
		if len(an.Findings) <= most {
			sum.few++
		} else {
			faults = append(faults, "MANY")
		}
		if b.cured(an, files) {
			sum.fixed++
		} else if k.cure {
			faults = append(faults, "not fixed")
		}
	}
	if len(faults) > 0 && (*seededShow == "all" || *seededShow == k.name) {
		f := source.NewFile(p.file, text)
		n := f.LineOf(int(p.edit.Span.Start))
		old := source.NewFile(p.file, b.files[p.file])
		t.Logf("%s: %s in %s/%s:%d\n- %s\n+ %s\n%s", k.name, strings.Join(faults, ", "), b.name, p.file, n,
			old.Slice(old.Line(n)), f.Slice(f.Line(n)), show(an.Findings))
	}
}

// cured reports whether the fix of the first finding gives a plan without findings.
func (b *bed) cured(an *lang.Analysis, files map[string]string) bool {
	d := &an.Findings[0]
	i := slices.IndexFunc(d.Fixes, func(f diag.Fix) bool { return f.Preferred })
	if i < 0 {
		return false
	}
	fix := &d.Fixes[i]
	name := d.Edited(fix).Name()
	text, err := source.Apply(files[name], fix.Edits)
	if err != nil {
		return false
	}
	after := map[string]string{}
	for name, old := range files {
		after[name] = old
	}
	after[name] = text
	return len(b.analyze(after).Findings) == 0
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32() >> 1
}
