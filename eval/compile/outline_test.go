package compile_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/expr"
	"escape.build/escape/lang/release"
)

// The outline of a plan agrees with the release that it compiles to, in all that does not depend on files, git and the
// values of expressions.
func TestOutlineAgrees(t *testing.T) {
	files, err := filepath.Glob("../../testdata/plans/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir, _, known := laid(t, a)
		for _, f := range a.Files {
			if f.Name != "in.yml" && !strings.HasPrefix(f.Name, "in/") || strings.HasSuffix(f.Name, ".hcl") {
				continue
			}
			p, decoding := decodeAll(dir, string(f.Data))
			outline := compile.Outline(p, func(id release.ID) *release.Metadata {
				if id.NeedsResolving() {
					v, err := known.Resolve(context.Background(), id)
					if err != nil {
						return nil
					}
					id = id.WithVersion(v)
				}
				m, _ := known.Fetch(context.Background(), id)
				return m
			})
			m, findings, err := compile.Compile(context.Background(), p, compile.Options{Dir: dir, Resolver: known})
			if err != nil || decoding.HasErrors() || findings.HasErrors() || m == nil {
				continue
			}
			for _, v := range outline.Inputs {
				if v.Type == "" { // its key is misspelt, so nobody knows; compiling takes it for text
					v.Type = "string"
				}
			}
			compared++
			m.Files, m.Logo = outline.Files, ""
			if outline.Version == "" {
				m.Version = ""
			}
			for key, text := range outline.Metadata {
				if expr.IsScript(text) {
					m.Metadata[key] = text
				}
			}
			outline.Logo = ""
			if diff := cmp.Diff(string(m.Encode()), string(outline.Encode())); diff != "" {
				t.Errorf("%s, %s (-compiled +outline):\n%s", file, f.Name, diff)
			}
		}
	}
	if compared < 50 {
		t.Errorf("only %d plans compile", compared)
	}
}
