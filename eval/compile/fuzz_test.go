package compile_test

import (
	"context"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/release"
)

// FuzzCompile: whatever the plan, compiling ends without a panic, and what it makes is in the usual form: reading what
// is written gives the same.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"testdata/*.txtar", "../../testdata/plans/*.txtar", "../../testdata/plans/ok/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			a, err := txtar.ParseFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for _, x := range a.Files {
				if x.Name == "in.yml" || x.Name == "ferry/escape.yml" {
					f.Add(string(x.Data))
				}
			}
		}
	}
	dir := f.TempDir()
	write(f, filepath.Join(dir, "build.sh"), "echo")
	write(f, filepath.Join(dir, "docs", "README.md"), "read")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			t.Skip("long")
		}
		p, findings := decodeAll(dir, text)
		compile.Outline(p, func(release.ID) *release.Metadata { return nil })
		m, more, err := compile.Compile(context.Background(), p, compile.Options{Dir: dir, Resolver: releases{}})
		if err != nil {
			t.Fatal(err)
		}
		if findings.HasErrors() {
			return
		}
		if (m == nil) != more.HasErrors() {
			t.Fatalf("there is metadata: %v, and these findings: %v", m != nil, more)
		}
		if m == nil {
			return
		}
		again, err := release.Decode(m.Encode())
		if err != nil {
			t.Fatalf("cannot read the release: %v\n%s", err, m.Encode())
		}
		if !reflect.DeepEqual(m, again) {
			t.Fatalf("reading what is written changes it:\n%s", cmp.Diff(m, again))
		}
	})
}
