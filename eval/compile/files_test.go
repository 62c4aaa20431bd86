package compile_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/eval/compile"
	"escape.build/escape/lang/diag"
)

func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights on Windows")
	}
	around := t.TempDir()
	dir := filepath.Join(around, "pkg")
	write(t, filepath.Join(dir, "docs", "one.md"), "one")
	write(t, filepath.Join(dir, "a", "x"), "x")
	write(t, filepath.Join(dir, "b", "y"), "y")
	write(t, filepath.Join(around, "elsewhere", "z"), "z")
	for link, target := range map[string]string{
		"docs/file":  "one.md",
		"docs/far":   "../../elsewhere",
		"docs/loop":  ".",
		"docs/up":    "..",
		"docs/root":  "../..",
		"a/to_b":     "../b",
		"b/to_a":     "../a",
		"docs/gone":  "nowhere",
		"docs/self":  "self",
		"docs/under": "one.md/x",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := exec.Command("mkfifo", filepath.Join(dir, "docs", "pipe")).Run(); err != nil {
		t.Log(err)
	}
	p := decode(t, dir, "name: foo\nversion: 1\nincludes: [docs, a, b, docs/gone]\n")
	m, findings, err := compile.Compile(context.Background(), p, compile.Options{Dir: dir})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, diag.Sprint(findings))
	}
	files := slices.Sorted(maps.Keys(m.Files))
	want := []string{"a/to_b/y", "a/x", "b/to_a/x", "b/y", "docs/far/z", "docs/file", "docs/one.md"}
	if !slices.Equal(files, want) {
		t.Errorf("the files are %v, want %v", files, want)
	}
	var messages []string
	for _, d := range findings {
		if d.Severity != diag.Warning || d.Code != diag.FileSkipped {
			t.Errorf("unexpected finding %s: %s", d.Code.Code, d.Message)
		}
		messages = append(messages, d.Message)
	}
	for _, path := range []string{"docs/loop", "docs/up", "docs/root", "docs/gone", "docs/self", "docs/under", "a/to_b/to_a", "b/to_a/to_b"} {
		if !slices.ContainsFunc(messages, func(m string) bool { return strings.HasPrefix(m, "Ignoring problem with path "+path+": ") }) {
			t.Errorf("nothing is said about %s in\n%s", path, strings.Join(messages, "\n"))
		}
	}
}

func TestUnreadableFileIsAnError(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("everything can be read")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "docs", "secret"), "x")
	if err := os.Chmod(filepath.Join(dir, "docs", "secret"), 0); err != nil {
		t.Fatal(err)
	}
	_, _, err := compile.Compile(context.Background(), decode(t, dir, "name: foo\nversion: 1\nincludes: [docs]\n"), compile.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "read docs/secret") {
		t.Errorf("the error is %v", err)
	}
}

// What is left out of wide patterns, and what is not.
func TestExcluded(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{".escape/a", ".git/b", "deps/c", "sub/.git/d", "sub/deps/e", "sub/.escape-origin", "sub/state.json", "sub/state.json.lock", "escape_state.json", "x"} {
		write(t, filepath.Join(dir, f), f)
	}
	for _, c := range []struct {
		includes string
		want     []string
	}{
		{"'*'", []string{"escape_state.json", "sub/.git/d", "sub/deps/e", "x"}},
		{".", []string{"escape_state.json", "sub/.git/d", "sub/deps/e", "x"}},
		{"./deps/", []string{"deps/c"}},
		{"deps/*", []string{"deps/c"}},
		{"d*", nil},
		{".git, .escape", []string{".escape/a", ".git/b"}},
		{"sub", []string{"sub/.git/d", "sub/deps/e"}},
		{"sub/state.json", []string{"sub/state.json"}},
		{"sub/*.lock, sub/state.json.lock", []string{"sub/state.json.lock"}},
		{"''", nil},
	} {
		p := decode(t, dir, "name: foo\nversion: 1\nincludes: ["+c.includes+"]\n")
		m, findings, err := compile.Compile(context.Background(), p, compile.Options{Dir: dir, StateFile: "sub/state.json"})
		if err != nil || len(findings) > 0 {
			t.Fatal(err, diag.Sprint(findings))
		}
		if got := slices.Sorted(maps.Keys(m.Files)); !slices.Equal(got, c.want) {
			t.Errorf("includes %s gives %v, want %v", c.includes, got, c.want)
		}
	}
}

// The metacharacters of the folder's own name are none.
func TestOddFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*")
	write(t, filepath.Join(dir, "x.md"), "x")
	p := decode(t, dir, "name: foo\nversion: 1\nincludes: ['*.md']\nlogo: x.md\n")
	m, _, err := compile.Compile(context.Background(), p, compile.Options{Dir: dir})
	if err != nil || len(m.Files) != 1 || m.Logo != "eA==" {
		t.Errorf("Compile gives %v, %v", m, err)
	}
}

// wide returns a plan of about n lines.
func wide(n int) string {
	var b strings.Builder
	b.WriteString("name: shop/storefront\nversion: 1.2.3\ndescription: A benchmark.\nmetadata:\n  sum: $__concat(\"a\", \"b\")\ninputs:\n")
	for i := 6; i < n; i += 4 {
		fmt.Fprintf(&b, "- id: variable_%d\n  type: integer\n  default: %d\n  description: Number %d\n", i, i, i)
	}
	b.WriteString("build: make all\ndeploy: helm upgrade --install\n")
	return b.String()
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{20, 1000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			p := decode(b, "", wide(n))
			b.ReportAllocs()
			for b.Loop() {
				m, _, err := compile.Compile(context.Background(), p, compile.Options{})
				if err != nil || m == nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompileAndEncode(b *testing.B) {
	p := decode(b, "", wide(1000))
	b.ReportAllocs()
	for b.Loop() {
		m, _, err := compile.Compile(context.Background(), p, compile.Options{})
		if err != nil {
			b.Fatal(err)
		}
		m.Encode()
	}
}
