package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
)

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"escape.yml", "a/b/escape.yml", true},
		{"b", "a/b/escape.yml", true},
		{"b/", "a/b/escape.yml", true},
		{"/b", "a/b/escape.yml", false},
		{"/a", "a/b/escape.yml", true},
		{"a/b", "a/b/escape.yml", true},
		{"a/b", "x/a/b/escape.yml", false},
		{"a/*", "a/b/escape.yml", true},
		{"a/*.yml", "a/b/escape.yml", false},
		{"a/**", "a/b/escape.yml", true},
		{"**/b/*.yml", "a/b/escape.yml", true},
		{"**/b/*.yml", "b/escape.yml", true},
		{"**/**/b", "a/c/b", true},
		{"a/**/escape.yml", "a/escape.yml", true},
		{"a?", "ab/x", true},
		{"[ab]", "c/b", true},
		{"./a", "a", true},
		{"legacy", "legacy-2/x", false},
	} {
		g, err := parseGlob(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.match(c.path); got != c.want {
			t.Errorf("%q matches %q: %t", c.pattern, c.path, got)
		}
	}
	for _, bad := range []string{"", "/", "!", "[", "../x", "a/../../x"} {
		if _, err := parseGlob(bad); err == nil {
			t.Errorf("%q is no error", bad)
		}
	}
}

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("x.yml", text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLevels(t *testing.T) {
	c := parse(t, `
levels:
  unknown-field: advice
  correctness: off
paths:
  a/: {ESC2001: error}
  a/b/: {unknown-field: off, dependency-latest: advice}
`)
	level := func(path string, code *diag.Entry) lint.Level { return c.Levels(path).Of(lint.Of(code)) }
	for _, x := range []struct {
		path string
		code *diag.Entry
		want lint.Level
	}{
		{"x/escape.yml", diag.UnknownField, lint.Advice},
		{"x/escape.yml", diag.DuplicateKey, lint.Off},    // by its category
		{"x/escape.yml", diag.UnclosedQuote, lint.Error}, // which cannot be changed
		{"x/escape.yml", diag.EmptyStep, lint.Warning},   // of another category
		{"a/escape.yml", diag.UnknownField, lint.Error},  // the path counts more
		{"a/b/escape.yml", diag.UnknownField, lint.Off},  // the later one counts more
		{"a/b/escape.yml", diag.DependencyLatest, lint.Advice},
	} {
		if got := level(x.path, x.code); got != x.want {
			t.Errorf("%s: %s has level %s, want %s", x.path, x.code.Name, got, x.want)
		}
	}
	on := c.On(func(*lint.Levels) {})
	if !on[diag.UnknownField] || on[diag.DuplicateKey] || !on[diag.UnclosedQuote] {
		t.Errorf("the rules that are on are %v", on)
	}
}

func TestIgnores(t *testing.T) {
	c := parse(t, "ignore: [generated/, \"*.bak.yml\", \"!keep.bak.yml\"]\n")
	for path, want := range map[string]bool{
		"a/generated": true, "a/generated/escape.yml": true, "x.bak.yml": true, "a/keep.bak.yml": false, "escape.yml": false,
	} {
		if got := c.Ignores(path); got != want {
			t.Errorf("%s is ignored: %t", path, got)
		}
	}
}

// TestSchema: what Parse takes the schema takes, and what it refuses the schema refuses.
func TestSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("config.json")
	for text, want := range map[string]bool{
		"": true, "{}": true, "levels:": true, "ignore:\npaths:\n": true,
		"levels: {unknown-field: off, ESC6101: error, shell: advice, unclosed-quote: error}": true,
		"paths: {a/: {style: warning}}":     true,
		"ignore: [a, '!b']":                 true,
		"fail_on: never":                    true,
		"levls: {}":                         false,
		"levels: {unclosed-quote: warning}": false,
		"levels: {unknown-feild: off}":      false,
		"levels: {unknown-field: loud}":     false,
		"levels: [unknown-field]":           false,
		"ignore: a":                         false,
		"ignore: [{}]":                      false,
		"fail_on: off":                      false,
		"[]":                                false,
	} {
		_, err := Parse("x.yml", text)
		if (err == nil) != want {
			t.Errorf("Parse of %q gives %v", text, err)
		}
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != want {
			t.Errorf("the schema says of %q: %v", text, err)
		}
	}
}

func TestFinder(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(Name, "fail_on: never")
	write("a/"+Name, "fail_on: advice")
	write("repo/.git/HEAD", "")
	write("repo/x/y/z", "")
	write("wrong/"+Name, "fail_on: bad")
	f := &Finder{}
	for dir, want := range map[string]string{"": "never", "a": "advice", "b/c": "never", "a/b/c": "advice", "repo/x/y": ""} {
		c, err := f.For(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		if c.FailOn != want {
			t.Errorf("in %q fail_on is %q, want %q", dir, c.FailOn, want)
		}
	}
	if _, err := f.For(filepath.Join(root, "wrong/deep")); err == nil || !strings.Contains(err.Error(), Name+":1:10: ") {
		t.Errorf("a wrong file gives %v", err)
	}
	f = &Finder{All: filepath.Join(root, "a", Name)}
	if c, err := f.For(filepath.Join(root, "repo/x")); err != nil || c.FailOn != "advice" || c.Rel(filepath.Join(root, "a/b")) != "b" {
		t.Errorf("one for all gives %v, %v", c, err)
	}
}

// FuzzParse: no text makes Parse panic, and what it returns can be used.
func FuzzParse(f *testing.F) {
	f.Add("levels: {a: off}\npaths: {x: {style: off}}\nignore: [a]\nfail_on: error\n")
	f.Add("paths: &a {x: *a}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("x.yml", text)
		if err != nil {
			return
		}
		c.Levels("a/b/c")
		c.Ignores("a/b/c")
		c.On(func(*lint.Levels) {})
	})
}

// TestFinderReads looks for configurations in files that are on no disk.
func TestFinderReads(t *testing.T) {
	files := fstest.MapFS{
		"repo/.escapelint.yml":      {Data: []byte("fail_on: error\n")},
		"repo/.git/HEAD":            {},
		"repo/shop/escape.yml":      {},
		"repo/inner/.git/HEAD":      {},
		"repo/inner/web/escape.yml": {},
	}
	f := Finder{
		ReadFile: func(path string) ([]byte, error) { return files.ReadFile(strings.TrimPrefix(path, "/")) },
		Stat:     func(path string) (fs.FileInfo, error) { return files.Stat(strings.TrimPrefix(path, "/")) },
	}
	for dir, want := range map[string]string{"/repo/shop": "/repo/.escapelint.yml", "/repo/inner/web": ""} {
		if c, err := f.For(dir); err != nil || c.Path != want {
			t.Errorf("For(%q) = %+v, %v; want the configuration %q", dir, c, err, want)
		}
	}
}
