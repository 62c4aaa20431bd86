package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

var update = os.Getenv("ESCAPE_UPDATE") != ""

// TestCorpus analyses the plans of testdata/plans and compares with the section out/check, which this package owns. An
// archive holds one plan, in.yml or in.hcl, or several small ones, in/<case>.yml. deps/<alias>.json are release metadata; all
// other files are the folder of the plan.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("../testdata/plans/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			testArchive(t, file)
		})
	}
}

func testArchive(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := checked(t, a)
	const section = "out/check"
	for i := range a.Files {
		f := &a.Files[i]
		if f.Name != section {
			continue
		}
		if string(f.Data) == got {
			return
		}
		if !update {
			t.Fatalf("%s (-want +got):\n%s\nESCAPE_UPDATE=1 go test ./lang -run '%s' accepts it", file, cmp.Diff(string(f.Data), got), t.Name())
		}
		f.Data = []byte(got)
		save(t, file, a)
		return
	}
	if !update {
		t.Fatalf("%s has no section %s; ESCAPE_UPDATE=1 go test ./lang -run '%s' adds it", file, section, t.Name())
	}
	a.Files = append(a.Files, txtar.File{Name: section, Data: []byte(got)})
	save(t, file, a)
}

func save(t *testing.T, file string, a *txtar.Archive) {
	t.Helper()
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checked is what analysing the plans of an archive finds.
func checked(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	opts := optionsOf(t, a)
	var out strings.Builder
	for _, f := range a.Files {
		name, isCase := strings.CutPrefix(f.Name, "in/")
		if f.Name != "in.yml" && f.Name != "in.hcl" && !isCase {
			continue
		}
		file := "escape" + filepath.Ext(f.Name)
		if isCase {
			out.WriteString("# " + strings.TrimSuffix(name, filepath.Ext(name)) + "\n")
		}
		an := lang.Analyze(source.NewFile(file, string(f.Data)), opts)
		lawful(t, an)
		out.WriteString(show(an.Findings))
	}
	return out.String()
}

// optionsOf is what analysing the plans of an archive may see.
func optionsOf(t *testing.T, a *txtar.Archive) lang.Options {
	t.Helper()
	return lang.Options{Env: folder(t, a), Deps: depsOf(t, a)}
}

// show prints findings with what the original says and what fixes do.
func show(list diag.List) string {
	var out strings.Builder
	for _, d := range list {
		out.WriteString(diag.Sprint(diag.List{d}))
		if d.Original != "" {
			out.WriteString("    = original: " + strings.ReplaceAll(d.Original, "\n", "\n      ") + "\n")
		}
	}
	return out.String()
}

// folder lays the files of an archive that are no plans into a new folder.
func folder(t testing.TB, a *txtar.Archive) check.Env {
	t.Helper()
	dir := t.TempDir()
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "in.") || strings.HasPrefix(f.Name, "in/") || strings.HasPrefix(f.Name, "out/") {
			continue
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	env := lang.Folder(dir)
	env.LookPath = func(name string) (string, error) {
		if name == "on-path.sh" {
			return "/bin/" + name, nil
		}
		return "", os.ErrNotExist
	}
	return env
}

// lawful checks what is true of every analysis: findings have codes, are sorted, and everything lies in the file.
func lawful(t testing.TB, an *lang.Analysis) {
	t.Helper()
	inside := func(f *source.File, s source.Span) bool {
		return 0 <= s.Start && s.Start <= s.End && int(s.End) <= len(f.Text())
	}
	for i, d := range an.Findings {
		if d.Code == nil || d.Message == "" || d.File == nil || !inside(d.File, d.Span) {
			t.Errorf("finding without code, message, file or proper place: %+v", d)
		}
		if i > 0 && an.Findings[i-1].File == d.File && an.Findings[i-1].Span.Start > d.Span.Start {
			t.Errorf("findings are not sorted at %q", d.Message)
		}
		for _, r := range d.Related {
			if r.File != nil && !inside(r.File, r.Span) {
				t.Errorf("related place of %q outside of the file", d.Message)
			}
		}
		for _, f := range d.Fixes {
			if _, err := source.Apply(d.Edited(&f).Text(), f.Edits); err != nil {
				t.Errorf("fix %q of %q: %v", f.Title, d.Message, err)
			}
		}
	}
}
