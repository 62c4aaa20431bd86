package format_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/format"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// packages is a compile.Resolver over the release metadata in an archive, by release id.
type packages map[string]*release.Metadata

func (p packages) versions(pkg string) (list []release.Version) {
	for _, m := range p {
		if m.VersionlessID() == pkg {
			list = append(list, release.Version(m.Version))
		}
	}
	return list
}

func (p packages) Resolve(_ context.Context, id release.ID) (release.Version, error) {
	if v, ok := id.Constraint.Select(p.versions(id.Package())); ok {
		return v, nil
	}
	return "", fmt.Errorf("%s: %w", id, compile.ErrNotFound)
}

func (p packages) Fetch(_ context.Context, id release.ID) (*release.Metadata, error) {
	v, _ := id.Version()
	if m, ok := p[id.Package()+"-v"+string(v)]; ok {
		return m, nil
	}
	return nil, fmt.Errorf("%s: %w", id, compile.ErrNotFound)
}

func (p packages) NextVersion(_ context.Context, namespace, name string, v release.Pattern) (release.Version, error) {
	return v.Next(p.versions(namespace + "/" + name)), nil
}

// meaning is all that is found in a plan and what it compiles to. Places do not count, as entries may move; nor do
// line numbers in texts.
func meaning(t *testing.T, plan, text string, opts lang.Options, co compile.Options) string {
	t.Helper()
	an := lang.Analyze(source.NewFile(plan, text), opts)
	var lines []string
	add := func(step string, l diag.List) {
		for _, d := range l {
			line := fmt.Sprintf("%s %s %s: %s (%s)", step, d.Severity, d.Code.Code, d.Message, d.Hint)
			for _, r := range d.Related {
				line += "; " + r.Message
			}
			lines = append(lines, line)
		}
	}
	add("check", an.Findings)
	m, findings, err := compile.Compile(context.Background(), an.Plan, co)
	add("compile", findings)
	for i, line := range lines {
		// An absent version and an empty one get another hint.
		lines[i] = strings.Replace(line, "Invalid version string ''; a plan needs a \"version\"", "Invalid version string ''.", 1)
	}
	slices.Sort(lines)
	if err != nil {
		lines = append(lines, "error: "+err.Error())
	}
	if m != nil {
		lines = append(lines, string(m.Encode()))
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestMeaning checks that the plans of the shared corpus mean the same after formatting: the same findings, the same
// release metadata.
func TestMeaning(t *testing.T) {
	files, err := filepath.Glob("../../testdata/plans/*.txtar")
	good, _ := filepath.Glob("../../testdata/plans/ok/*.txtar")
	if files = append(files, good...); err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		known, deps := packages{}, check.Deps{}
		plans := map[string]string{}
		for _, f := range a.Files {
			switch {
			case strings.HasPrefix(f.Name, "in."), strings.HasPrefix(f.Name, "in/"):
				plans[f.Name] = string(f.Data)
			case strings.HasPrefix(f.Name, "out/"):
			case filepath.Dir(f.Name) == "deps" && strings.HasSuffix(f.Name, ".json"):
				m, err := release.Decode(f.Data)
				if err != nil {
					t.Fatalf("%s: %s: %v", file, f.Name, err)
				}
				known[m.VersionlessID()+"-v"+m.Version] = m
				deps[m.VersionlessID()] = m
			default:
				path := filepath.Join(dir, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		opts := lang.Options{Env: lang.Folder(dir), Deps: deps}
		co := compile.Options{Dir: dir, Resolver: known}
		for name, text := range plans {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+name, func(t *testing.T) {
				plan := "escape" + filepath.Ext(name)
				if an := lang.Analyze(source.NewFile(plan, text), opts); len(an.Findings) == 1 && strings.Contains(an.Findings[0].Hint, "plan is empty") {
					return // Format writes the required fields into it
				}
				before := meaning(t, plan, text, opts, co)
				for fn, change := range map[string]func(*source.File) (string, diag.List){"Format": format.Format, "Minify": format.Minify} {
					after, findings := change(source.NewFile(plan, text))
					if findings.HasErrors() && after != text {
						t.Errorf("%s changed a text with errors", fn)
					}
					if d := format.Diff("meaning", before, meaning(t, plan, after, opts, co)); d != "" {
						t.Errorf("%s\n%s\n%s", fn, d, after)
					}
				}
			})
		}
	}
}
