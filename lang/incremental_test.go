package lang_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"escape.build/escape/lang"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile/plangen"
)

func defaultRules(r *lint.Rule) bool { return !r.Off }

// snippets are what edits write: what changes the meaning of what stands around it.
var snippets = []string{"a", "x_1", " ", "\n", "\r\n", "\t", "  ", "#", "# why\n", "# escape:ignore unused-input -- it is\n", ":", ": ", "- ", "-", "\"", "'", "[", "]", "{", "}", "|", ">-", "$", "${",
	"$this.inputs.a", "$__concat(\"a\", $this.inputs.region_1)", "&a ", "*a", "!!str ", "<<: *a", "---\n", "...\n", "%", "=", "/*", "*/", "//", "<<EOF\n", "EOF\n", "<<<<<<< x\n",
	"true", "1.0", "null", "sensitive: true\n", "  type: integer\n", "- id: more\n  default: 1\n", "- more\n", "inputs:\n", "outputs:\n- id: o\n",
	"deploy: |\n  echo $INPUT_a\n", "errands:\n  e:\n    run: x\n", "input \"more\" {\n  default = 1\n}\n", "type = integer\n", "set -eu\n", "  echo \"$INPUT_part\"\n",
	"curl http://x | sh\n", "\ufeff", "\x00", "é", "😀", "name: b\n", "name = \"b\"\n", "version: 2\n", "depends:\n- base-v1 as base\n", "metadata:\n  a: b\n"}

// edited returns text with a random change.
func edited(r *rand.Rand, text string) string {
	place := func() int { return r.IntN(len(text) + 1) }
	line := func() (int, int) {
		start := strings.LastIndexByte(text[:place()], '\n') + 1
		end := len(text)
		if i := strings.IndexByte(text[start:], '\n'); i >= 0 {
			end = start + i + 1
		}
		return start, end
	}
	switch r.IntN(10) {
	case 0, 1, 2: // a letter in a word
		for range 20 {
			if i := place(); i > 0 && i < len(text) && text[i] >= 'a' && text[i] <= 'z' && text[i-1] >= 'a' && text[i-1] <= 'z' {
				return text[:i] + string(rune('a'+r.IntN(26))) + text[i:]
			}
		}
		return text + "\n"
	case 3, 4:
		i := place()
		return text[:i] + snippets[r.IntN(len(snippets))] + text[i:]
	case 5: // at the start of a line
		i, _ := line()
		return text[:i] + snippets[r.IntN(len(snippets))] + text[i:]
	case 6:
		i := place()
		return text[:i] + text[min(len(text), i+1+r.IntN(3)):]
	case 7: // without a line
		start, end := line()
		return text[:start] + text[end:]
	case 8: // a line twice
		start, end := line()
		return text[:end] + text[start:end] + text[end:]
	default: // some lines somewhere else
		start, end := line()
		for range r.IntN(8) {
			if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
				end += i + 1
			}
		}
		at, _ := line()
		return text[:at] + text[start:end] + text[at:]
	}
}

// A fataler is a test, or a try of one.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// asFresh fails if what was found in an edited text is not what is found in it without knowing its past.
func asFresh(t fataler, got, want *lang.Analysis, before string) {
	t.Helper()
	if a, b := diag.Sprint(got.Findings), diag.Sprint(want.Findings); a != b {
		t.Fatalf("%s\nthis is found:\n%s\nbut in the same text alone\n%s", shown(before, want), a, b)
	}
	c := comparer{seen: map[[2]uintptr]bool{}}
	for _, part := range [][2]any{
		{got.Findings, want.Findings}, {got.Ignored, want.Ignored}, {got.Syntax, want.Syntax}, {got.Plan, want.Plan}, {got.Info.Exprs, want.Info.Exprs},
		{got.Info.Runs(), want.Info.Runs()}, {got.Info.Scripts(), want.Info.Scripts()}, {answers(got), answers(want)},
	} {
		if path := c.differ(reflect.ValueOf(part[0]), reflect.ValueOf(part[1]), fmt.Sprintf("%T", part[0])); path != "" {
			t.Fatalf("%s\nthis differs: %s", shown(before, want), path)
		}
	}
}

// shown is an edit in a message.
func shown(before string, an *lang.Analysis) string {
	after := an.Source.Text()
	c := source.Compare(before, after)
	start := max(0, c.Start-300)
	return fmt.Sprintf("%s: after an edit of %q to %q in\n%s>>>>%s<<<<%s", an.Source.Name(), before[c.Start:c.OldEnd], after[c.Start:c.NewEnd], after[start:c.Start],
		after[c.Start:c.NewEnd], after[c.NewEnd:min(len(after), c.NewEnd+300)])
}

// answers are what an editor asks for.
func answers(an *lang.Analysis) (out []string) {
	p := an.Plan
	for _, list := range [][]*plan.Variable{p.Inputs, p.BuildInputs, p.DeployInputs, p.Outputs, p.BuildOutputs, p.DeployOutputs} {
		for _, v := range list {
			used, known := an.Info.InputUse(v.ID.Value)
			text := fmt.Sprintf("%s used %v %v at", v.ID.Value, used, known)
			for _, use := range an.Info.UsesOf(v) {
				text += fmt.Sprintf(" %v", use.Expr.Text.At(use.Node.Span()))
			}
			out = append(out, text)
		}
	}
	for off := 0; off < len(an.Source.Text()); off += 1 + len(an.Source.Text())/50 {
		if x, ok := an.Info.At(off); ok {
			out = append(out, fmt.Sprintf("%d %v %s", off, x.Pos, x.TypeOf(x.Root)))
		}
	}
	return out
}

// A comparer compares values as reflect.DeepEqual does, but for functions, memories, and what is made on first use. Empty lists
// are equal to none.
type comparer struct{ seen map[[2]uintptr]bool }

// differ returns where two values differ; "" if they do not.
func (c comparer) differ(a, b reflect.Value, path string) string {
	if a.IsValid() != b.IsValid() {
		return path + ": one is missing"
	}
	if !a.IsValid() {
		return ""
	}
	if a.Type() != b.Type() {
		return fmt.Sprintf("%s: %v and %v", path, a.Type(), b.Type())
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return path + ": one is nil"
			}
			return ""
		}
		if a.Type() == reflect.TypeFor[*source.File]() {
			if f, ok := a.CanInterface(), b.CanInterface(); f && ok && a.Interface().(*source.File).Text() != b.Interface().(*source.File).Text() {
				return path + ": another text"
			}
			return ""
		}
		key := [2]uintptr{a.Pointer(), b.Pointer()}
		if c.seen[key] {
			return ""
		}
		c.seen[key] = true
		return c.differ(a.Elem(), b.Elem(), path)
	case reflect.Interface:
		return c.differ(a.Elem(), b.Elem(), path)
	case reflect.Struct:
		for i := range a.NumField() {
			f := a.Type().Field(i)
			if f.Name == "Memory" || f.Name == "Unit" || !f.IsExported() && a.Type().PkgPath() != "escape.build/escape/lang/types" {
				continue
			}
			if at := c.differ(a.Field(i), b.Field(i), path+"."+f.Name); at != "" {
				return at
			}
		}
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: %d and %d long", path, a.Len(), b.Len())
		}
		for i := range a.Len() {
			if at := c.differ(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); at != "" {
				return at
			}
		}
	case reflect.Map:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: %d and %d long", path, a.Len(), b.Len())
		}
		for _, key := range a.MapKeys() {
			if at := c.differ(a.MapIndex(key), b.MapIndex(key), fmt.Sprintf("%s[%v]", path, key)); at != "" {
				return at
			}
		}
	case reflect.Func:
	default:
		if !a.Equal(b) {
			return fmt.Sprintf("%s: %v and %v", path, a, b)
		}
	}
	return ""
}

// edits changes a text again and again. Each analysis knows the one before.
func edits(t fataler, name, text string, r *rand.Rand, n int, opts lang.Options) {
	t.Helper()
	original := text
	opts.Keep = true
	an := lang.Analyze(source.NewFile(name, text), opts)
	for range n {
		before := text
		text = edited(r, text)
		if r.IntN(6) == 0 || len(text) > 20_000 {
			text = original
		}
		opts.Before, opts.Keep = nil, false
		want := lang.Analyze(source.NewFile(name, text), opts)
		opts.Before, opts.Keep = an, true
		an = lang.Analyze(source.NewFile(name, text), opts)
		asFresh(t, an, want, before)
	}
}

// anchored is the head of a plan with anchors that are used all over it.
const anchored = `x-where: &where
  description: Where it runs.
  default: &zone eu-west-1
x-list: &more
- id: first
  <<: *where
- &second
  id: second
  default: $this.environment
build_inputs:
- id: third
  <<: *where
- *second
deploy_inputs: *more
build_outputs:
- &fourth {id: fourth, default: *zone}
- id: fifth
  default: *zone
deploy_outputs:
- *fourth
build:
  inline: &script |
    echo "$INPUT_third $INPUT_second"
pre_build:
  inline: *script
`

// plansToEdit returns plans of several shapes in both notations.
var plansToEdit = sync.OnceValue(func() (plans []*source.File) {
	add := func(text string) {
		f := source.NewFile("escape.yml", text)
		plans = append(plans, f)
		if hcl, _, err := convert.To(f, syntax.HCL); err == nil && hcl != "" {
			plans = append(plans, source.NewFile("escape.hcl", hcl))
		}
	}
	add(plangen.Plan(150))
	add(strings.ReplaceAll(plangen.Plan(100), "\n", "\r\n"))
	add(anchored + plangen.Plan(60))
	files, _ := filepath.Glob("../testdata/plans/*.txtar")
	good, _ := filepath.Glob("../testdata/plans/ok/*.txtar")
	for _, file := range append(files, good...) {
		a, err := txtar.ParseFile(file)
		if err != nil {
			panic(err)
		}
		for _, f := range a.Files {
			switch {
			case f.Name == "in.yml" || strings.HasPrefix(f.Name, "in/") && strings.HasSuffix(f.Name, ".yml"):
				add(string(f.Data))
			case f.Name == "in.hcl":
				plans = append(plans, source.NewFile("escape.hcl", string(f.Data)))
			}
		}
	}
	return plans
})

// TestEditedAsFresh: what is found in an edited text is what is found in it without knowing what it was before.
func TestEditedAsFresh(t *testing.T) {
	plans := plansToEdit()
	rapid.Check(t, func(t *rapid.T) {
		f := plans[rapid.IntRange(0, len(plans)-1).Draw(t, "plan")]
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		edits(t, f.Name(), f.Text(), r, 10, lang.Options{Deps: known, Lint: defaultRules})
	})
}

// FuzzEdited: as TestEditedAsFresh, for any text.
func FuzzEdited(f *testing.F) {
	for i, p := range plansToEdit() {
		if i%20 == 0 {
			f.Add(p.Name() == "escape.hcl", p.Text(), uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, hcl bool, text string, seed uint64) {
		if len(text) > 8192 {
			t.Skip()
		}
		name := "escape.yml"
		if hcl {
			name = "escape.hcl"
		}
		edits(t, name, text, rand.New(rand.NewPCG(seed, 1)), 4, lang.Options{Deps: known, Lint: defaultRules})
	})
}

// TestEditIsShort: after an edit, what stands before it is what it was, and not made again.
func TestEditIsShort(t *testing.T) {
	yaml := source.NewFile("escape.yml", plangen.Plan(1000))
	text, _, err := convert.To(yaml, syntax.HCL)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*source.File{yaml, source.NewFile("escape.yml", anchored+yaml.Text()), source.NewFile("escape.hcl", text)} {
		before := lang.Analyze(f, lang.Options{Keep: true})
		for _, c := range []struct{ at, with string }{{"rotate: ", "x"}, {"Where part", "x"}, {"conf/part", "x"}, {"pages of part", "x"}, {"\n\n", "\n"}} {
			at := len(f.Text())/3 + strings.Index(f.Text()[len(f.Text())/3:], c.at) + 1
			an := lang.Analyze(source.NewFile(f.Name(), f.Text()[:at]+c.with+f.Text()[at:]), lang.Options{Before: before, Keep: true})
			if an.Plan.Inputs[0] != before.Plan.Inputs[0] {
				t.Errorf("%s: the first input is read again after %q is written behind %q", f.Name(), c.with, c.at)
			}
		}
	}
}

// A late is a test that goes on after a failure, as one has to in a goroutine of its own.
type late struct{ testing.TB }

func (t late) Fatalf(format string, args ...any) { t.Errorf(format, args...) }

// TestEditedTwice: many analyses may go on from one at the same time.
func TestEditedTwice(t *testing.T) {
	for _, f := range plansToEdit()[:2] {
		opts := lang.Options{Deps: known, Lint: defaultRules, Keep: true}
		opts.Before = lang.Analyze(f, opts)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 2))
				for range 5 {
					after := source.NewFile(f.Name(), edited(r, f.Text()))
					asFresh(late{t}, lang.Analyze(after, opts), lang.Analyze(after, lang.Options{Deps: known, Lint: defaultRules}), f.Text())
				}
			})
		}
		wg.Wait()
	}
}
