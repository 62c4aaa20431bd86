package compile_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

const (
	exampleFile   = "testdata/example.txtar"
	exampleGolden = "out/release.json" // ends in a line break there, which the release does not
)

// example lays the annotated example into a folder and makes its part "ferry" a Git checkout.
func example(t *testing.T) (dir string, a *txtar.Archive, environ []string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	a, err := txtar.ParseFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range a.Files {
		if strings.Contains(f.Name, "/") && f.Name != exampleGolden {
			write(t, filepath.Join(dir, f.Name), string(f.Data))
		}
	}
	ferry := filepath.Join(dir, "ferry")
	write(t, filepath.Join(ferry, "logo.txt"), "ferry") // an archive cannot hold a file without a line break at its end
	// With fixed names and times every run makes the same commit.
	environ = append(gitEnviron(t.TempDir()), "GIT_DEFAULT_HASH=sha1", "GIT_AUTHOR_DATE=2018-05-04T03:02:01Z", "GIT_COMMITTER_DATE=2018-05-04T03:02:01Z")
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"},
		{"remote", "add", "origin", "https://git.example/harbour/ferry.git"},
		{"add", "."},
		{"commit", "-q", "-m", "First ferry"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = ferry, environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	// What fetching the packages leaves.
	write(t, filepath.Join(ferry, "deps/harbour/hull/weld.sh"), "weld\n")
	write(t, filepath.Join(ferry, "deps/harbour/hull/hull.txt.tpl"), "hull\n")
	return dir, a, environ
}

// ferry compiles the three packages of the example and then the plan that uses all 38 fields.
func ferry(t *testing.T, dir string, environ []string) *release.Metadata {
	t.Helper()
	known := releases{}
	var m *release.Metadata
	for _, name := range []string{"rope", "crane", "hull", "ferry"} {
		in := filepath.Join(dir, name)
		text, err := os.ReadFile(filepath.Join(in, "escape.yml"))
		if err != nil {
			t.Fatal(err)
		}
		var findings diag.List
		m, findings, err = compile.Compile(context.Background(), decode(t, in, string(text)),
			compile.Options{Dir: in, EscapeVersion: "0.28.1", Resolver: known, Git: name == "ferry", Environ: environ})
		if err != nil || len(findings) > 0 {
			t.Fatalf("%s: %v\n%s", name, err, diag.Sprint(findings))
		}
		if name == "ferry" {
			return m
		}
		// A release is written and read before another package sees it.
		if m, err = release.Decode(m.Encode()); err != nil {
			t.Fatal(err)
		}
		known.add(m)
	}
	return m
}

// A deviation is a place where the result differs from that of the original, which is a bug there.
type deviation struct{ why, theirs, ours string }

var deviations = []deviation{
	{
		"deployment_name is honoured; the original overwrites it with the alias",
		`"deployment_name": "crane"`, `"deployment_name": "ignored"`,
	},
	{
		"patterns of extensions are passed on, so that they reach through two levels",
		`"generates": [
      "out/*"
   ]`, `"generates": [
      "out/*",
      "plates/*"
   ]`,
	},
	{
		"the plan and its extension mean the same release of rope: it is deployed once, under the name of the plan; the original compares v1.0.@ with v1.0.0",
		`,
      {
         "release_id": "harbour/rope-v1.0.0",
         "mapping": {},
         "build_mapping": {
            "build_token": "$this.inputs.build_token",
            "crew": "$this.inputs.crew",
            "deployment": "$this.inputs.deployment",
            "express": "$this.inputs.express",
            "keel": "$this.inputs.keel",
            "length": "$this.inputs.length",
            "paint": "$this.inputs.paint"
         },
         "deploy_mapping": {
            "crew": "$this.inputs.crew",
            "deployment": "$this.inputs.deployment",
            "express": "$this.inputs.express",
            "keel": "$this.inputs.keel",
            "length": "$this.inputs.length",
            "paint": "$this.inputs.paint",
            "port": "$this.inputs.port"
         },
         "consumes": {},
         "deployment_name": "harbour/rope",
         "variable": "harbour/rope",
         "scopes": [
            "build",
            "deploy"
         ]
      }`, "",
	},
}

// TestExample compares, byte for byte, with what the original makes of the example: the section want.json, in which only
// blanks are changed.
func TestExample(t *testing.T) {
	dir, a, environ := example(t)
	m := ferry(t, dir, environ)
	text := map[string]string{}
	for _, f := range a.Files {
		text[f.Name] = string(f.Data)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(strings.TrimSpace(text["want.json"])), "", "   "); err != nil {
		t.Fatal(err)
	}
	want := indented.String()
	replace := func(why, theirs, ours string) {
		t.Helper()
		if n := strings.Count(want, theirs); n != 1 {
			t.Errorf("%s: the original's text stands there %d times:\n%s", why, n, theirs)
		}
		want = strings.Replace(want, theirs, ours, 1)
	}
	for _, d := range deviations {
		replace(d.why, d.theirs, d.ours)
	}
	// The example does not tell what is in its files, and so not which commit holds them.
	var original release.Metadata
	if err := json.Unmarshal([]byte(text["want.json"]), &original); err != nil {
		t.Fatal(err)
	}
	for path, theirs := range original.Files {
		data, err := os.ReadFile(filepath.Join(dir, "ferry", path))
		if err != nil {
			t.Fatal(err)
		}
		sum := md5.Sum(data)
		replace("content of "+path, theirs, hex.EncodeToString(sum[:]))
	}
	rev := exec.Command("git", "rev-parse", "HEAD")
	rev.Dir, rev.Env = filepath.Join(dir, "ferry"), environ
	head, err := rev.Output()
	if err != nil {
		t.Fatal(err)
	}
	replace("the commit", original.Revision, strings.TrimSpace(string(head)))

	got := string(m.Encode())
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the example (-want +got):\n%s", diff)
	}
	golden(t, exampleFile, a, exampleGolden, got+"\n")
}

// golden compares a section of an archive and, when asked to, writes it.
func golden(t *testing.T, file string, a *txtar.Archive, section, got string) {
	t.Helper()
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == section })
	if i < 0 {
		a.Files = append(a.Files, txtar.File{Name: section})
		i = len(a.Files) - 1
	}
	if string(a.Files[i].Data) == got {
		return
	}
	if !update {
		t.Errorf("%s of %s (-want +got):\n%s\nESCAPE_UPDATE=1 go test -run '%s' accepts it", section, file, cmp.Diff(string(a.Files[i].Data), got), t.Name())
		return
	}
	a.Files[i].Data = []byte(got)
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The archive of the example holds the files in the order that the original gives them, and the metadata as compiled.
func TestExampleArchive(t *testing.T) {
	dir, _, environ := example(t)
	m := ferry(t, dir, environ)
	result, err := archive.Pack(filepath.Join(dir, "ferry"), m, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "ferry/.escape/target/ferry-v2.1.0.tgz"); result.Path != want {
		t.Errorf("the archive is %s, want %s", result.Path, want)
	}
	f, err := os.Open(result.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name, ok := strings.CutPrefix(h.Name, "ferry-v2.1.0/")
		if !ok || h.Typeflag != tar.TypeReg {
			t.Errorf("entry %s of type %c", h.Name, h.Typeflag)
		}
		names = append(names, name)
		if name == "release.json" {
			if data, err := io.ReadAll(r); err != nil || !bytes.Equal(data, m.Encode()) {
				t.Errorf("release.json in the archive (%v) is\n%s", err, data)
			}
		}
	}
	want := []string{"README.md", "a.cfg", "build.sh", "deploy.sh", "label.tpl", "refuel.sh", "release.json", "sign.tpl", "timetable.txt.tpl", "out/ferry.bin", "plates/p1", "docs/deck/one.md"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the archive (-want +got):\n%s", diff)
	}
}

// Every field of the table reaches the release or is known not to.
func TestExampleUsesAllFields(t *testing.T) {
	a, err := txtar.ParseFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name != "ferry/escape.yml" {
			continue
		}
		for _, name := range plan.FieldNames() {
			if !strings.Contains("\n"+string(f.Data), "\n"+name+":") {
				t.Errorf("the example does not use %q", name)
			}
		}
	}
}
