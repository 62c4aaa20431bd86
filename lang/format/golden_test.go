package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

// Each archive of testdata/fmt holds in.yml, or in.hcl, and what the two functions make of it. The comment says what the case is
// about; a line "with: ..." in it changes the input: crlf, bom, no-newline. In all files ␠ stands for a blank at the end
// of a line and ⇥ for a tab, so that nobody's editor destroys the case.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/fmt/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in, with := caseInput(t, archive)
			hcl := archive.Files[0].Name == "in.hcl"
			f := source.NewFile("escape.yml", in)
			if hcl {
				f = source.NewFile("escape.hcl", in)
			}
			pretty, findings := Format(f)
			small, _ := Minify(f)
			got := map[string]string{"out/fmt": encode(t, pretty, with), "out/minify": encode(t, small, with)}
			if findings.HasErrors() {
				if pretty != in || small != in {
					t.Errorf("a text with errors changed")
				}
				got = map[string]string{"out/findings": diag.Sprint(findings.Sort())}
			} else if hcl {
				checkHCL(t, in)
			} else {
				checkLaws(t, in)
			}
			compareArchive(t, file, archive, got)
		})
	}
}

// caseInput returns the text of in.yml and the words behind "with:".
func caseInput(t *testing.T, a *txtar.Archive) (string, map[string]bool) {
	t.Helper()
	with := map[string]bool{}
	for line := range strings.Lines(string(a.Comment)) {
		if words, ok := strings.CutPrefix(line, "with:"); ok {
			for _, w := range strings.Fields(words) {
				with[w] = true
			}
		}
	}
	if len(a.Files) == 0 || a.Files[0].Name != "in.yml" && a.Files[0].Name != "in.hcl" {
		t.Fatal("the first file must be in.yml or in.hcl")
	}
	in := strings.NewReplacer("␠", " ", "⇥", "\t").Replace(string(a.Files[0].Data))
	if with["no-newline"] {
		in = strings.TrimSuffix(in, "\n")
	}
	if with["crlf"] {
		in = strings.ReplaceAll(in, "\n", "\r\n")
	}
	if with["bom"] {
		in = source.BOM + in
	}
	return in, with
}

// encode undoes what caseInput did to the text and fails if the formatter did not keep it.
func encode(t *testing.T, out string, with map[string]bool) string {
	t.Helper()
	if with["bom"] {
		rest, ok := strings.CutPrefix(out, source.BOM)
		if !ok || strings.Contains(rest, source.BOM) {
			t.Errorf("the byte order mark did not stay: %q", out)
		}
		out = rest
	}
	if with["crlf"] {
		if strings.Count(out, "\r\n") != strings.Count(out, "\n") {
			t.Errorf("not all line ends are CRLF: %q", out)
		}
		out = strings.ReplaceAll(out, "\r\n", "\n")
	}
	var b strings.Builder
	for line := range strings.Lines(out) {
		line, br := strings.CutSuffix(line, "\n")
		text := strings.TrimRight(line, " ")
		b.WriteString(strings.ReplaceAll(text, "\t", "⇥") + strings.Repeat("␠", len(line)-len(text)))
		if br {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// compareArchive compares got with the files of the archive that start with "out/", or writes them if ESCAPE_UPDATE is
// set.
func compareArchive(t *testing.T, file string, a *txtar.Archive, got map[string]string) {
	t.Helper()
	kept := a.Files[:0:0]
	want := map[string]string{}
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "out/") {
			want[f.Name] = string(f.Data)
		} else {
			kept = append(kept, f)
		}
	}
	if os.Getenv("ESCAPE_UPDATE") != "" {
		a.Files = kept
		for _, name := range []string{"out/findings", "out/fmt", "out/minify"} {
			if text, ok := got[name]; ok {
				a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
			}
		}
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for name, text := range got {
		if d := Diff(name, want[name], text); d != "" {
			t.Errorf("%s\ngo test ./lang/format -run '%s'", d, t.Name())
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s has an unexpected %s", file, name)
	}
}
