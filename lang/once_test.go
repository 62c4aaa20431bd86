package lang_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// keyInPlan is a key of a mapping.
var keyInPlan = regexp.MustCompile(`(?m)(^|[ {-])([a-z_]{3,}):( |\n|$)`)

// TestOnce misspells every key of plans that have no findings, one at a time: one mistake gives two findings at most.
func TestOnce(t *testing.T) {
	plans := map[string]lang.Options{}
	add := func(text string, opts lang.Options) {
		if len(lang.Analyze(source.NewFile("escape.yml", text), opts).Findings) == 0 {
			plans[text] = opts
		}
	}
	archives, err := filepath.Glob("../testdata/plans/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archives {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opts := lang.Options{Env: folder(t, a), Deps: check.Deps{}}
		for _, f := range a.Files {
			if alias, ok := strings.CutPrefix(f.Name, "deps/"); ok && strings.HasSuffix(alias, ".json") && !strings.Contains(alias, "/") {
				if m, err := release.Decode(f.Data); err == nil {
					opts.Deps[strings.TrimSuffix(alias, ".json")], opts.Deps[m.VersionlessID()], opts.Deps[m.QualifiedID()] = m, m, m
				}
			}
		}
		for _, f := range a.Files {
			if f.Name == "in.yml" || strings.HasPrefix(f.Name, "in/") {
				add(string(f.Data), opts)
			}
		}
	}
	examples, err := filepath.Glob("../testdata/examples/*/*/escape.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range examples {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		add(string(text), lang.Options{Env: lang.Folder(filepath.Dir(file))})
	}
	if len(plans) < 40 {
		t.Errorf("only %d plans have no findings", len(plans))
	}
	for text, opts := range plans {
		for _, at := range keyInPlan.FindAllStringSubmatchIndex(text, -1) {
			key := text[at[4]:at[5]]
			wrong := key[:len(key)-2] + key[len(key)-1:] // without the last letter but one
			list := lang.Analyze(source.NewFile("escape.yml", text[:at[4]]+wrong+text[at[5]:]), opts).Findings
			list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Code == diag.ScriptVariable }) // one for each variable
			if len(list) > 2 {
				t.Errorf("%q for %q gives %d findings in\n%s\n%s", wrong, key, len(list), text, diag.Sprint(list))
			}
		}
	}
}

// TestOnceHeader: if the key of a list is lost, nothing is said of the names that are lost with it.
func TestOnceHeader(t *testing.T) {
	const plan = "name: demo/app\nversion: 1.0.@\nmetadata:\n  owner: me\n%s- id: zone\n- id: size\n  type: integer\n- other\n" +
		"outputs:\n- id: a\n  default: $this.inputs.zone\n- id: b\n  default: $__concat($this.inputs.size, $this.inputs.other)\n"
	for header, most := range map[string]int{"inputs:\n": 0, "": 1, " inputs:\n": 2} {
		an := lang.Analyze(source.NewFile("escape.yml", strings.Replace(plan, "%s", header, 1)), lang.Options{})
		n := 0
		for _, d := range an.Findings {
			if d.Severity == diag.Error {
				n++
			}
		}
		if n > most || n == 0 && most > 0 {
			t.Errorf("%q: %d errors, want %d:\n%s", header, n, most, diag.Sprint(an.Findings))
		}
	}
}
