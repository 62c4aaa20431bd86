package convert_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/internal/archivetest"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// seeds are the plans of the shared corpus, of the examples and of the catalogue, by name.
func seeds(t testing.TB) map[string]string {
	t.Helper()
	texts := map[string]string{}
	archivetest.Files(t, func(archive, name, text string) {
		if ext := filepath.Ext(name); (ext == ".yml" || ext == ".yaml" || ext == ".hcl") && !strings.HasPrefix(name, "out/") {
			texts[archive+"/"+name] = text
		}
	}, "../../testdata/*/*.txtar", "../../testdata/plans/ok/*.txtar", "../diag/catalog/*.txtar", "../format/testdata/fmt/*.txtar")
	err := filepath.WalkDir("../../testdata/examples", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "escape.yml" && d.Name() != "escape.hcl" {
			return err
		}
		text, err := os.ReadFile(path)
		texts[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 300 {
		t.Fatalf("only %d plans", len(texts))
	}
	return texts
}

// refusals are why plans of the corpus cannot be converted.
var refusals = []string{
	"is here twice",
	"another document begins here",
	"is no name of HCL",
	"HCL cannot hold these bytes",
	"as the type is inherited",
	"unknown block",
	"unknown key",
}

// TestCorpus converts each plan that can be read, there and back.
func TestCorpus(t *testing.T) {
	converted := 0
	for name, text := range seeds(t) {
		file := "escape.yml"
		if strings.HasSuffix(name, ".hcl") {
			file = "escape.hcl"
		}
		_, findings, err := convert.To(source.NewFile(file, text), other(file))
		if findings.HasErrors() {
			continue
		}
		if err != nil {
			if !slices.ContainsFunc(refusals, func(s string) bool { return strings.Contains(err.Error(), s) }) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		converted++
		laws(t, name, file, text)
	}
	t.Logf("%d plans", converted)
}

// other is the notation that a file is not in.
func other(name string) syntax.Notation {
	if syntax.NotationOf(name) == syntax.HCL {
		return syntax.YAML
	}
	return syntax.HCL
}

// A fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func nameIn(n syntax.Notation) string {
	if n == syntax.HCL {
		return "escape.hcl"
	}
	return "escape.yml"
}

// laws checks what is true of every plan that can be converted: no comment is lost, and once a plan has been there and back it
// stays as it is. That it means the same is checked by convert.To itself.
func laws(t fataler, name, file, text string) {
	t.Helper()
	there := nameIn(other(file))
	first := to(t, name, file, text)
	back := to(t, name, there, first)
	one := to(t, name, file, back)
	two := to(t, name, there, one)
	if one3 := to(t, name, file, two); one != one3 || two != back && first == one {
		t.Errorf("%s: another conversion gives something else\n--- first\n%s\n--- back\n%s\n--- again\n%s\n--- back again\n%s\n--- and again\n%s", name, first, back, one, two, one3)
	}
	if want, got := comments(file, text), comments(there, first); !slices.Equal(want, got) {
		t.Errorf("%s: comments are %q, were %q\n--- before\n%s\n--- after\n%s", name, got, want, text, first)
	}
}

func to(t fataler, name, file, text string) string {
	t.Helper()
	out, findings, err := convert.To(source.NewFile(file, text), other(file))
	if err != nil || findings.HasErrors() {
		t.Fatalf("%s: %v\n%s\n%s", name, err, diag.Sprint(findings), text)
	}
	return out
}

// comments are the lines of all comments of a text, without marks and blanks, sorted.
func comments(name, text string) []string {
	tree, _ := parse(name, text)
	var lines []string
	for _, c := range tree.Comments {
		for line := range strings.Lines(strings.Trim(c.Text, "/*#")) {
			if line = strings.Trim(line, " \t\r\n*#/"); line != "" {
				lines = append(lines, line)
			}
		}
	}
	slices.Sort(lines)
	return lines
}
