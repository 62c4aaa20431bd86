package compile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile"
)

var update = os.Getenv("ESCAPE_UPDATE") != ""

// decode reads the plan in text as the file "escape.yml" of dir.
func decode(t testing.TB, dir, text string) *plan.Plan {
	t.Helper()
	p, findings := decodeAll(dir, text)
	if findings.HasErrors() {
		t.Fatalf("the plan does not decode:\n%s", diag.Sprint(findings))
	}
	return p
}

func decodeAll(dir, text string) (*plan.Plan, diag.List) {
	tree, findings := yamlfile.Parse(source.NewFile("escape.yml", text))
	p, more := plan.Decode(tree, plan.Options{Stat: func(path string) (fs.FileInfo, error) { return os.Stat(filepath.Join(dir, path)) }})
	return p, append(findings, more...).Sort()
}

// releases is a Resolver over documents, by "project/name" and version.
type releases map[string]map[release.Version]*release.Metadata

func (r releases) versions(pkg string) (list []release.Version) {
	for v := range r[pkg] {
		list = append(list, v)
	}
	return list
}

func (r releases) add(m *release.Metadata) {
	if r[m.VersionlessID()] == nil {
		r[m.VersionlessID()] = map[release.Version]*release.Metadata{}
	}
	r[m.VersionlessID()][release.Version(m.Version)] = m
}

func (r releases) Resolve(_ context.Context, id release.ID) (release.Version, error) {
	v, ok := id.Constraint.Select(r.versions(id.Package()))
	if !ok {
		return "", fmt.Errorf("no release matches %s: %w", id, compile.ErrNotFound)
	}
	return v, nil
}

func (r releases) Fetch(_ context.Context, id release.ID) (*release.Metadata, error) {
	v, _ := id.Version()
	m, ok := r[id.Package()][v]
	if !ok {
		return nil, fmt.Errorf("%s: %w", id, compile.ErrNotFound)
	}
	return m, nil
}

func (r releases) Metadata(ctx context.Context, id release.ID) (*release.Metadata, error) {
	return r.Fetch(ctx, id)
}

func (r releases) NextVersion(_ context.Context, namespace, name string, p release.Pattern) (release.Version, error) {
	if name == "down" {
		return "", errors.New("could not be reached")
	}
	return p.Next(r.versions(namespace + "/" + name)), nil
}

// laid lays the files of an archive into a new folder, but for the plan, what packages there are and what comes out.
func laid(t testing.TB, a *txtar.Archive) (dir, in string, r releases) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range a.Files {
		switch {
		case f.Name == "in.yml":
			in = string(f.Data)
		case strings.HasPrefix(f.Name, "in."), strings.HasPrefix(f.Name, "in/"), strings.HasPrefix(f.Name, "out/"):
		case filepath.Dir(f.Name) == "deps" && strings.HasSuffix(f.Name, ".json"):
			m, err := release.Decode(f.Data)
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if r == nil {
				r = releases{}
			}
			r.add(m)
		default:
			write(t, filepath.Join(dir, f.Name), string(f.Data))
		}
	}
	return dir, in, r
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compiled is what a plan gives: its findings, if any, then the release.
func compiled(t testing.TB, dir, in string, r releases) string {
	t.Helper()
	p, findings := decodeAll(dir, in)
	var out bytes.Buffer
	if findings.HasErrors() {
		out.WriteString(diag.Sprint(findings))
		return out.String()
	}
	opts := compile.Options{Dir: dir, EscapeVersion: "test"}
	if r != nil {
		opts.Resolver = r
	}
	m, findings, err := compile.Compile(context.Background(), p, opts)
	out.WriteString(diag.Sprint(findings))
	if err != nil {
		fmt.Fprintf(&out, "error: %s\n", strings.ReplaceAll(err.Error(), dir, "DIR"))
	}
	if m != nil {
		out.Write(m.Encode())
		out.WriteByte('\n')
	}
	return out.String()
}

// TestArchives compiles the plans of this package and of the shared corpus and compares with their out/compile.
func TestArchives(t *testing.T) {
	for _, pattern := range []string{"testdata/*.txtar", "../../testdata/plans/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { testArchive(t, file) })
		}
	}
}

func testArchive(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const section = "out/compile"
	var want *txtar.File
	for i := range a.Files {
		if a.Files[i].Name == section {
			want = &a.Files[i]
		}
	}
	if want == nil {
		t.Skip("has no " + section)
	}
	dir, in, r := laid(t, a)
	got := compiled(t, dir, in, r)
	if got == string(want.Data) {
		return
	}
	if update {
		want.Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s of %s (-want +got):\n%s\nESCAPE_UPDATE=1 go test -run '%s' accepts it", section, file, cmp.Diff(string(want.Data), got), t.Name())
}

// TestCatalog runs the examples of the codes that only compiling finds.
func TestCatalog(t *testing.T) {
	for _, row := range diag.Catalog() {
		if row.Code < "ESC4001" || row.Code > "ESC4099" {
			continue
		}
		x, ok := catalog.Explain(row.Code)
		if !ok {
			t.Errorf("%s has no explanation", row.Code)
			continue
		}
		for _, f := range x.Files {
			if f.Name != "bad.yml" && f.Name != "fixed.yml" {
				continue
			}
			dir := t.TempDir()
			for _, other := range x.Files {
				if !strings.HasSuffix(other.Name, ".yml") {
					write(t, filepath.Join(dir, other.Name), other.Text)
				}
			}
			m, findings, err := compile.Compile(context.Background(), decode(t, dir, f.Text), compile.Options{Dir: dir})
			switch {
			case err != nil:
				t.Errorf("%s of %s: %v", f.Name, row.Code, err)
			case f.Name == "fixed.yml" && (len(findings) > 0 || m == nil):
				t.Errorf("%s of %s has findings:\n%s", f.Name, row.Code, diag.Sprint(findings))
			case f.Name == "bad.yml" && (len(findings) != 1 || findings[0].Code != row):
				t.Errorf("%s of %s has these findings:\n%s", f.Name, row.Code, diag.Sprint(findings))
			}
		}
	}
}

func TestMinimal(t *testing.T) {
	m, findings, err := compile.Compile(context.Background(), decode(t, "", "name: foo\nversion: 1\n"), compile.Options{EscapeVersion: "0.28.1"})
	if err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	want := release.New()
	want.Name, want.Version, want.BuiltWithEscapeVersion = "foo", "1", "0.28.1"
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("the minimal release (-want +got):\n%s", diff)
	}
}

func TestNextVersion(t *testing.T) {
	known := releases{}
	for _, v := range []string{"0", "1", "4.2", "4.10.1"} {
		known.add(&release.Metadata{Project: "harbour", Name: "ferry", Version: v})
	}
	for _, c := range []struct{ name, version, override, want string }{
		{"harbour/ferry", "4.@", "", "4.11"}, {"harbour/ferry", "auto", "", "5"}, {"harbour/ferry", "'@'", "", "5"}, {"harbour/ferry", "7.@", "", "7.0"},
		{"harbour/ferry", "1.0", "4.10.@", "4.10.2"}, {"harbour/ferry", "1.0", `$__concat("4.", "2", ".@")`, "4.2.0"}, {"harbour/ferry", "' 01.002 '", "", "01.002"},
		{"ferry", "1.@", "", "1.0"}, {"harbour/ferry", "$__id(3)", "", "3"},
		{"harbour/ferry", "latest", "", "escape.yml:2:10: ESC4104 Invalid version string 'latest'."},
		{"harbour/ferry", "v1", "", "escape.yml:2:10: ESC4103 Invalid version string 'v1'."},
		{"harbour/ferry", "1.0", "1.0@", "escape.yml:1:1: ESC4103 Invalid version string '1.0@'."},
		{"harbour/ferry", "1.0", "$x.", "escape.yml:1:1: ESC4003 Couldn't parse expression '$x.' in version field: "},
		{"harbour/ferry", `$__split("1.2", ".")`, "", `escape.yml:2:10: ESC4003 Couldn't evaluate expression '$__split("1.2", ".")' in version field: Expression '$__split("1.2", ".")' did not return a string value`},
		{"harbour/ferry", "$this.version", "", "escape.yml:2:10: ESC4003 Couldn't evaluate expression '$this.version' in version field: Field 'this' was not found"},
		{"harbour/down", "'@'", "", "could not be reached"},
	} {
		p := decode(t, "", "name: "+c.name+"\nversion: "+c.version+"\n")
		m, findings, err := compile.Compile(context.Background(), p, compile.Options{Resolver: known, Version: c.override})
		got := fmt.Sprint(err)
		if len(findings) > 0 {
			d := findings[0]
			pos := d.File.Position(int(d.Span.Start))
			got = fmt.Sprintf("%s:%d:%d: %s %s", d.File.Name(), pos.Line, pos.Column, d.Code.Code, d.Message)
		} else if m != nil {
			got = m.Version
		}
		if m != nil && got != c.want || !strings.HasPrefix(got, c.want) || len(findings) > 1 {
			t.Errorf("version %q (override %q) gives\n%s, want\n%s", c.version, c.override, got, c.want)
		}
	}
}
