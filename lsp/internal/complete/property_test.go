package complete

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/notation"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// goodPlans returns plans without mistakes of both notations: those of testdata/plans/ok as they are, and turned round.
func goodPlans(t testing.TB) []*source.File {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/plans/ok/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no plans: %v", err)
	}
	var plans []*source.File
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			base := filepath.Base(f.Name)
			if base != "escape.yml" && base != "escape.hcl" && !strings.HasPrefix(base, "in.") {
				continue
			}
			plan := source.NewFile("escape"+filepath.Ext(base), string(f.Data))
			if _, list := notation.Parse(plan); list.HasErrors() {
				continue
			}
			plans = append(plans, plan)
			to, name := syntax.HCL, "escape.hcl"
			if syntax.NotationOf(plan.Name()) == syntax.HCL {
				to, name = syntax.YAML, "escape.yml"
			}
			if text, _, err := convert.To(plan, to); err == nil {
				plans = append(plans, source.NewFile(name, text))
			}
		}
	}
	return plans
}

// request asks about a text as it is, with what an analysis of it tells.
func request(f *source.File, an *lang.Analysis, off int) Request {
	return Request{Source: f, Offset: off, Notation: syntax.NotationOf(f.Name()), Lines: true, World: World{
		Plan: an.Plan, Info: an.Info,
		Packages:   func(context.Context) ([]string, bool) { return []string{"shop/database", "_/tool"}, true },
		Versions:   func(context.Context, string) ([]string, bool) { return []string{"1.2.3", "ci"}, true },
		Interfaces: func() ([]string, bool) { return []string{"kubernetes"}, true },
	}}
}

var (
	placeholder = regexp.MustCompile(`\$\{\d+:([^}]*)\}|\$\d+|\$\{\d+\}`)
	escapes     = strings.NewReplacer(`\\`, "\x01", `\$`, "\x02", `\}`, "\x03")
	unescapes   = strings.NewReplacer("\x01", `\`, "\x02", "$", "\x03", "}")
)

// filled is a snippet with its defaults.
func filled(snippet string) string {
	return unescapes.Replace(placeholder.ReplaceAllString(escapes.Replace(snippet), "$1"))
}

func parseErrors(name, text string) int {
	_, list := notation.Parse(source.NewFile(name, text))
	n := 0
	for _, d := range list {
		if d.Code.IsText() {
			n++
		}
	}
	return n
}

// stride is how far the places of a plan are apart that are tried.
const stride = 331

// TestBehaviour10_AcceptedItemsCanBeRead: whatever item is accepted at whatever place of a plan, it can be read afterwards, also if the plan ends at the
// cursor: then there are no more mistakes than before.
func TestBehaviour10_AcceptedItemsCanBeRead(t *testing.T) {
	plans := goodPlans(t)
	places := map[syntax.Notation]int{}
	failed := 0
	for n, plan := range plans {
		an := lang.Analyze(plan, lang.Options{})
		text := plan.Text()
		for off := n % 13; off <= len(text); off += stride {
			for off < len(text) && text[off]&0xC0 == 0x80 {
				off++
			}
			places[syntax.NotationOf(plan.Name())]++
			told := -1
			for _, cut := range []bool{false, true} {
				f := plan
				if cut {
					f = source.NewFile(plan.Name(), text[:off])
				}
				before := parseErrors(f.Name(), f.Text())
				list := Complete(context.Background(), request(f, an, off))
				for i, it := range list.Items {
					if i >= 14 && i%7 != 0 {
						continue
					}
					written := []string{it.Text}
					if it.Snippet != "" {
						written = append(written, filled(it.Snippet))
					}
					spans := []source.Span{list.Insert}
					if list.Replace != list.Insert {
						spans = append(spans, list.Replace)
					}
					for _, w := range written {
						for _, span := range spans {
							after := f.Text()[:span.Start] + w + f.Text()[span.End:]
							if parseErrors(f.Name(), after) > before || doubled(after) > doubled(f.Text()) {
								if told != off {
									told = off
									failed++
									t.Errorf("%s", shownAccept(f, span, off, it, w, cut, after))
								}
							}
						}
					}
				}
			}
		}
	}
	for _, n := range []syntax.Notation{syntax.YAML, syntax.HCL} {
		if places[n] < 200 {
			t.Errorf("%d places in %v", places[n], n)
		}
	}
	t.Logf("places: %v, failures: %d", places, failed)
}

func shownAccept(f *source.File, span source.Span, off int, it Item, w string, cut bool, after string) string {
	at := max(off-60, 0)
	_, list := notation.Parse(source.NewFile(f.Name(), after))
	why := "something is doubled"
	if len(list) > 0 {
		why = list[0].Message
	}
	return fmt.Sprintf("%s cut=%v: %q replaces %q by %q at\n%s‸%s\n%s", f.Name(), cut, it.Label, f.Slice(span), w, f.Text()[at:off], f.Text()[off:min(off+40, len(f.Text()))], why)
}

// doubled counts signs that are there twice.
func doubled(text string) int {
	n := 0
	for _, s := range []string{"$$", "::", ": :", "- - ", `""`, "''", "..", "= =", ",,"} {
		n += strings.Count(text, s)
	}
	return n - strings.Count(text, `= ""`) - strings.Count(text, ` "" {`) - strings.Count(text, `[""]`) // what a snippet leaves to be filled
}

// TestLineEnds: the same is offered, in the same places, however the lines of a plan in YAML end.
func TestLineEnds(t *testing.T) {
	offered := func(name, text string, off int) string {
		f := source.NewFile(name, text)
		r := request(f, lang.Analyze(f, lang.Options{}), off)
		list := Complete(context.Background(), r)
		call, ok := Signature(r)
		place := func(s source.Span) [2]source.Position {
			return [2]source.Position{f.Position(int(s.Start)), f.Position(int(s.End))}
		}
		return fmt.Sprint(place(list.Insert), place(list.Replace), list.Items, call, ok)
	}
	for n, plan := range goodPlans(t) {
		text := plan.Text()
		if plan.Name() != "escape.yml" || strings.Contains(text, "\r") {
			continue
		}
		for off := n % 13; off <= len(text); off += stride * 2 {
			want := offered("escape.yml", text, off)
			for _, end := range []string{"\r\n", "\r"} {
				before := strings.ReplaceAll(text[:off], "\n", end)
				if got := offered("escape.yml", before+strings.ReplaceAll(text[off:], "\n", end), len(before)); got != want {
					t.Fatalf("behind %q:\n%s\nwant\n%s", before, got, want)
				}
			}
		}
	}
}
