package script_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

var update = os.Getenv("ESCAPE_UPDATE") != ""

// TestGolden reads the files of each archive of testdata and compares what is seen with its last section.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			var golden *txtar.File
			for i := range a.Files {
				f := &a.Files[i]
				if f.Name == "out" {
					golden = f
					continue
				}
				fmt.Fprintf(&out, "# %s\n", f.Name)
				s := script.ParseAs(source.NewFile(f.Name, string(f.Data)), script.Unknown)
				lawful(t, s)
				show(&out, s)
			}
			if golden != nil && string(golden.Data) == out.String() {
				return
			}
			if !update {
				want := ""
				if golden != nil {
					want = string(golden.Data)
				}
				t.Fatalf("(-want +got):\n%s\nESCAPE_UPDATE=1 go test accepts it", cmp.Diff(want, out.String()))
			}
			if golden == nil {
				a.Files = append(a.Files, txtar.File{Name: "out"})
				golden = &a.Files[len(a.Files)-1]
			}
			golden.Data = []byte(out.String())
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// show writes what is seen of s, one fact a line.
func show(out *strings.Builder, s *script.Script) {
	at := func(span source.Span) string {
		p := s.File.Position(int(span.Start))
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	if s.Err != nil {
		fmt.Fprintf(out, "%s error %s\n", at(s.Err.Span), s.Err.Msg)
	}
	for _, u := range s.Uses {
		how := [...]string{"read", "assigned", "mentioned"}[u.How]
		if u.Guarded {
			how += " guarded"
		}
		fmt.Fprintf(out, "%s %s %s\n", at(u.Span), how, u.Name)
	}
	for _, span := range s.Dynamic {
		fmt.Fprintf(out, "%s dynamic %q\n", at(span), s.File.Slice(span))
	}
	if s.Computed {
		out.WriteString("computed\n")
	}
	for _, k := range s.Writes {
		fmt.Fprintf(out, "%s writes %s to %d\n", at(k.Span), k.Name, k.Arg)
	}
	for _, span := range s.Opaque {
		fmt.Fprintf(out, "%s opaque %q\n", at(span), s.File.Slice(span))
	}
	for _, c := range s.Calls {
		how := "calls"
		if c.ReadIn {
			how = "reads in"
		}
		if c.Optional {
			how = "may call"
		}
		if c.Beside {
			how += " beside"
		}
		fmt.Fprintf(out, "%s %s %s\n", at(c.Span), how, c.Path)
	}
}

// lawful checks what is true of every script: spans lie in the file, and the text at the span of a name is the name.
func lawful(t testing.TB, s *script.Script) {
	t.Helper()
	size := int32(len(s.File.Text()))
	inside := func(what string, span source.Span) {
		if span.Start < 0 || span.End < span.Start || span.End > size {
			t.Errorf("%s at %v lies outside of the file of %d bytes", what, span, size)
		}
	}
	for i, u := range s.Uses {
		inside(u.Name, u.Span)
		if got := s.File.Slice(u.Span); got != u.Name {
			t.Errorf("the text at %s is %q", u.Name, got)
		}
		if i > 0 && s.Uses[i-1].Span.End > u.Span.Start {
			t.Errorf("uses overlap at %s", u.Name)
		}
	}
	for _, k := range s.Writes {
		inside(k.Name, k.Span)
	}
	for _, list := range [][]source.Span{s.Dynamic, s.Opaque} {
		for _, span := range list {
			inside("fact", span)
		}
	}
	for _, c := range s.Calls {
		inside(c.Path, c.Span)
	}
	if s.Err != nil {
		inside("error", s.Err.Span)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, x := range a.Files {
			if x.Name != "out" {
				f.Add(x.Name, string(x.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		lawful(t, script.ParseAs(source.NewFile(name, text), script.Unknown))
	})
}
