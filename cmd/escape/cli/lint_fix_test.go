package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile/plangen"
)

// TestFixLaws: after --fix there is nothing left to fix, whatever the plan, and no error that was not there; --diff writes
// nothing. The plans are the wrong examples of all codes, with the files that belong to them.
func TestFixLaws(t *testing.T) {
	for _, row := range diag.Catalog() {
		x, ok := catalog.Explain(row.Code)
		if !ok || row == diag.TooLarge {
			continue
		}
		t.Run(string(row.Code), func(t *testing.T) {
			s := &session{t, t.TempDir()}
			for _, f := range x.Files {
				name := f.Name
				if name == "bad.yml" {
					name = "escape.yml"
				} else if strings.HasPrefix(name, "fixed.") || strings.HasPrefix(name, "bad.") {
					continue
				}
				s.write(name, f.Text)
			}
			s.checkFix()
		})
	}
}

// TestFixMutations: the same for valid plans in which some words are replaced by others that stand in plans.
func TestFixMutations(t *testing.T) {
	words := []string{"inputs", "inptus", "id", "type", "strng", "[", "]", "\"", "'", ": ", "- ", "#", "default", "$this.inputs.x", "v1.0", "\t", "", "\n", "1.0", "deploy"}
	s := &session{t, t.TempDir()}
	rapid.Check(t, func(r *rapid.T) {
		text := plangen.Plan(rapid.IntRange(20, 140).Draw(r, "lines"))
		for range rapid.IntRange(1, 4).Draw(r, "mutations") {
			fields := strings.Split(text, " ")
			i := rapid.IntRange(0, len(fields)-1).Draw(r, "at")
			fields[i] = rapid.SampledFrom(words).Draw(r, "word")
			text = strings.Join(fields, " ")
		}
		s.write("escape.yml", text)
		s.checkFix()
	})
}

func (s *session) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// files returns the texts of all files by path.
func (s *session) files() map[string]string {
	s.t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		texts[path] = string(text)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return texts
}

// lint runs the linter and returns how many errors there are.
func (s *session) lint(flags ...string) (errors int) {
	s.t.Helper()
	args := append([]string{"lint", "--no-cache", "--format", "json"}, flags...)
	status, out, stderr := s.run(nil, false, args...)
	var report struct{ Errors int }
	if err := json.Unmarshal([]byte(out), &report); err != nil || status > exitError {
		s.t.Fatalf("lint %v ends with %d, %v:\n%s%s", flags, status, err, out, stderr)
	}
	return report.Errors
}

func (s *session) checkFix() {
	s.t.Helper()
	start := s.files()
	before := s.lint()
	s.run(nil, false, "lint", "--no-cache", "--diff")
	if !sameFiles(start, s.files()) {
		s.t.Fatal("--diff has written something")
	}
	after := s.lint("--fix")
	if after > before {
		s.t.Fatalf("%d errors became %d", before, after)
	}
	fixed := s.files()
	again := s.lint("--fix")
	if !sameFiles(fixed, s.files()) || again != after {
		s.t.Fatalf("a second --fix changes more:\n%v\n%v", fixed, s.files())
	}
	if _, diff, _ := s.run(nil, false, "lint", "--no-cache", "--diff"); diff != "" {
		s.t.Fatalf("--diff shows what --fix has left:\n%s", diff)
	}
}

func sameFiles(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for path, text := range a {
		if b[path] != text {
			return false
		}
	}
	return true
}

// TestLintBug: a panic while one plan is linted is told, and the others are linted.
func TestLintBug(t *testing.T) {
	a := newApp(Env{Dir: t.TempDir()})
	r := (&linter{a: a, stdinName: defaultPlan}).lint(stdin) // without configurations
	if !r.bug || !strings.Contains(r.err.Error(), "internal error in '-'") {
		t.Errorf("a panic gives %+v", r)
	}
	_, file, _ := strings.Cut(r.err.Error(), "a report is in ")
	if err := os.Remove(file); err != nil {
		t.Error(err)
	}
}

// TestChooseAndRefuse: of fixes that overlap or touch the first is taken, and one with which the plan has a new error is not,
// though all others are.
func TestChooseAndRefuse(t *testing.T) {
	const text = "name: shop/storefront\nversion: 1.0.0\nowner: me\n"
	s := newSession(t, text)
	a := newApp(Env{Dir: s.dir, Environ: []string{"HOME=" + s.dir}})
	l := &linter{a: a, configs: &config.Finder{}, levels: func(*lint.Levels) {}, packages: a.packagesAtHand(), thorough: true, pending: map[string]string{}}
	now := l.lint(defaultPlan)
	f := l.newFixer([]linted{now})
	fix := func(old, with string) diag.Diagnostic {
		at := int32(strings.Index(text, old))
		d := diag.New(diag.UnknownField, now.source, source.Span{Start: at}, "m")
		edit := source.Edit{Span: source.Span{Start: at, End: at + int32(len(old))}, New: with}
		d.Fixes = []diag.Fix{{Title: "t", Preferred: true, Edits: []source.Edit{edit}}}
		return d
	}
	now.findings = diag.List{fix("shop/storefront", "shop/back"), fix("storefront", "other"), fix("1.0.0", "v1"), fix("owner", "description")}
	if fixes := f.choose(now); len(fixes) != 3 {
		t.Errorf("%d fixes are chosen, want 3", len(fixes))
	}
	next, changed := f.round(now)
	if want := "name: shop/back\nversion: 1.0.0\ndescription: me\n"; !changed || next.source.Text() != want {
		t.Errorf("the plan becomes %q, want %q", next.source.Text(), want)
	}
	if len(f.refused) != 1 {
		t.Errorf("refused are %v, want one", f.refused)
	}
	s.write(defaultPlan, text+"# somebody was here\n")
	if err := f.write(); err == nil || !strings.Contains(err.Error(), "was changed while it was read") {
		t.Errorf("a file that somebody changed gives %v", err)
	}
}

// TestHalfFixable: at least half of the rules whose level can be changed have a fix that is safe to make.
func TestHalfFixable(t *testing.T) {
	rules, fixable := 0, 0
	for i := range lint.All() {
		r := &lint.All()[i]
		if r.Fixed() {
			continue
		}
		rules++
		if Fixable(r.Code) {
			fixable++
		}
	}
	if 2*fixable < rules {
		t.Errorf("%d of %d rules have a safe fix", fixable, rules)
	}
}
