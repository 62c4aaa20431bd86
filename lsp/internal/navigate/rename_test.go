package navigate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/navigate"
	"escape.build/escape/lsp/internal/symbol"
)

// A folder is a plan of the corpus in memory, with its files. Texts are changed by opening them.
type folder struct {
	dir      string
	plan     string // its path
	releases []*release.Metadata
}

// newFolder writes an archive of the corpus to a folder, in YAML or converted to HCL; nil if it has no plan in that notation.
func newFolder(t *testing.T, path string, notation syntax.Notation) *folder {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{dir: t.TempDir()}
	for _, file := range a.Files {
		name, data := file.Name, file.Data
		switch {
		case strings.HasPrefix(name, "out/") || strings.HasPrefix(name, "in/"):
			continue
		case strings.HasPrefix(name, "deps/"):
			if m, err := release.Decode(data); err == nil {
				f.releases = append(f.releases, m)
			}
			continue
		case name == "in.yml" || name == "in.hcl":
			text := string(data)
			if syntax.NotationOf(name) != notation {
				if text, _, err = convert.To(source.NewFile(name, text), notation); err != nil {
					return nil
				}
			}
			name = map[syntax.Notation]string{syntax.YAML: "escape.yml", syntax.HCL: "escape.hcl"}[notation]
			f.plan = filepath.Join(f.dir, name)
			data = []byte(text)
		}
		to := filepath.Join(f.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if f.plan == "" {
		return nil
	}
	return f
}

// snapshot opens the folder with other texts for some files.
func (f *folder) snapshot(texts map[string]string) (*cache.Snapshot, *cache.Analyzed) {
	s := cache.New(cache.Options{
		LookPath: func(string) (string, error) { return "", os.ErrNotExist },
		Released: func(_ string, id release.ID) (*release.Metadata, string) {
			for _, m := range f.releases {
				if m.VersionlessID() == id.Package() {
					return m, ""
				}
			}
			return nil, ""
		},
	})
	s.SetFolders([]string{f.dir})
	for name, text := range texts {
		s.Open(cache.FileURI(name), name, "", 1, text)
	}
	snap := s.Snapshot()
	snap.Load(context.Background(), f.dir)
	return snap, snap.Analyze(snap.File(f.plan))
}

// findings are the codes and messages of a plan, without what names the symbol.
func findings(an *cache.Analyzed, names ...string) []string {
	var list []string
	for _, x := range an.Findings {
		text := string(x.Code.Code) + " " + x.Message
		if i := strings.Index(text, "; did you mean"); i >= 0 {
			text = text[:i] // other names may be alike
		}
		for _, name := range names {
			text = strings.ReplaceAll(text, name, "NAME")
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// fresh is a new name for a symbol.
func fresh(s symbol.Symbol) string {
	if s.Kind == symbol.Package {
		return "qqx/zz9qv"
	}
	return "zz9qv"
}

// TestBehaviour12_RenameThereAndBack renames each symbol of each plan of the corpus, in both notations, to a fresh name and back: nothing is
// left, and in between the plan reads as before, but for the name.
func TestBehaviour12_RenameThereAndBack(t *testing.T) {
	paths, err := filepath.Glob("../../../testdata/plans/ok/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no plans: %v", err)
	}
	for _, path := range paths {
		for _, notation := range []syntax.Notation{syntax.YAML, syntax.HCL} {
			name := strings.TrimSuffix(filepath.Base(path), ".txtar") + "/" + notation.String()
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if f := newFolder(t, path, notation); f != nil {
					f.renameAll(t)
				}
			})
		}
	}
}

func (f *folder) renameAll(t *testing.T) {
	snap, an := f.snapshot(nil)
	type entry struct {
		id   symbol.ID
		file string
		off  int
	}
	var all []entry
	seen := map[symbol.ID]bool{}
	symbol.Of(snap, an).Each(func(o *symbol.Occurrence) {
		if !seen[o.ID] && o.Use != symbol.Mention {
			seen[o.ID] = true
			all = append(all, entry{o.ID, o.File.Name(), int(o.Span.Start) + 1})
		}
	})
	for _, e := range all {
		s, ok := symbol.In(snap, an, e.file, e.off)
		if !ok || navigate.Prepare(snap, s) != nil {
			continue
		}
		what := fmt.Sprintf("%v %q", s.Kind, s.Name)
		there, err := navigate.Rename(context.Background(), snap, s, fresh(s))
		if err != nil {
			if isExpected(err) {
				continue
			}
			t.Errorf("%s: %v", what, err)
			continue
		}
		texts := apply(t, what, nil, there)
		snap2, an2 := f.snapshot(texts)
		short := s.Name[strings.IndexByte(s.Name, '/')+1:]
		was, now := findings(an, fresh(s), s.Name, short), findings(an2, fresh(s), "zz9qv", s.Name, short)
		if !slices.Equal(was, now) {
			t.Errorf("%s: the findings were\n%s\nand are\n%s\nof\n%s", what, strings.Join(was, "\n"), strings.Join(now, "\n"), an2.Source.Text())
			continue
		}
		if isBroken(an2.Findings) && !isBroken(an.Findings) {
			t.Errorf("%s: the plan cannot be read then", what)
			continue
		}
		back := there[0].Edits[0].Span.Start
		s2, ok := symbol.In(snap2, an2, there[0].File.Name(), int(back)+len(there[0].Edits[0].New)-1)
		if !ok {
			t.Errorf("%s: the new name means nothing", what)
			continue
		}
		again, err := navigate.Rename(context.Background(), snap2, s2, navigate.Word(s))
		if err != nil {
			t.Errorf("%s: back: %v", what, err)
			continue
		}
		for name, text := range apply(t, what, texts, again) {
			if want, err := os.ReadFile(name); err == nil && string(want) != text && !strings.Contains(there[0].Edits[0].New, " ") {
				t.Errorf("%s: %s is different after there and back:\n%s", what, filepath.Base(name), text)
			}
		}
	}
}

// isExpected reports whether a refusal is right although the symbol could be renamed in another plan.
func isExpected(err error) bool {
	for _, text := range []string{"cannot be read in full", "an anchor gives this text", "cannot be changed", "nothing is known"} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

func isBroken(list diag.List) bool {
	return slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return d.Severity == diag.Error && d.Code.IsText() })
}

// apply returns the texts after edits.
func apply(t *testing.T, what string, texts map[string]string, edits navigate.Edits) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, text := range texts {
		out[name] = text
	}
	for _, e := range edits {
		text, err := source.Apply(e.File.Text(), e.Edits)
		if err != nil {
			t.Errorf("%s: %s: %v", what, e.File.Name(), err)
		}
		out[e.File.Name()] = text
	}
	return out
}
