package lintcache

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/source"
)

// world is one in memory, whose packages and commands are given by name.
func world(files fstest.MapFS, commands map[string]string, packages map[string]*release.Metadata) World {
	return World{
		Env: check.Env{
			Stat:     func(path string) (fs.FileInfo, error) { return files.Stat(path) },
			ReadDir:  func(path string) ([]fs.DirEntry, error) { return files.ReadDir(path) },
			ReadFile: func(path string) ([]byte, error) { return files.ReadFile(path) },
			LookPath: func(name string) (string, error) {
				if path, ok := commands[name]; ok {
					return path, nil
				}
				return "", fs.ErrNotExist
			},
		},
		Find: func(*plan.Plan) check.Deps { return packages },
	}
}

// TestSame: any other answer to a question that was asked counts, and no other one.
func TestSame(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	type state struct {
		files    fstest.MapFS
		commands map[string]string
		packages map[string]*release.Metadata
	}
	start := func() state {
		return state{
			fstest.MapFS{"test.sh": file("abc"), "page.tpl": file("hello"), "dir/a": file(""), "other": file("")},
			map[string]string{"helm": "/bin/helm"},
			map[string]*release.Metadata{"shop/db-v1.0": {Name: "db", Version: "1.0"}},
		}
	}
	ask := func(w World) {
		w.Env.Stat("test.sh")
		w.Env.Stat("missing.sh")
		w.Env.ReadFile("page.tpl")
		w.Env.ReadFile("missing.tpl")
		w.Env.ReadFile("page.tpl")
		w.Env.ReadDir("dir")
		w.Env.LookPath("helm")
		w.Env.LookPath("kubectl")
		w.Find(&plan.Plan{Depends: []*plan.Dependency{nil}})
	}
	for name, c := range map[string]struct {
		change func(*state)
		same   bool
	}{
		"nothing":                    {func(*state) {}, true},
		"a file nobody looked at":    {func(s *state) { s.files["other"] = file("x") }, true},
		"a text that was not read":   {func(s *state) { s.files["test.sh"] = file("xyz") }, true}, // its size is the same
		"the size of a file":         {func(s *state) { s.files["test.sh"] = file("abcd") }, false},
		"the mode of a file":         {func(s *state) { s.files["test.sh"].Mode = 0o755 }, false},
		"a file is gone":             {func(s *state) { delete(s.files, "test.sh") }, false},
		"a file appears":             {func(s *state) { s.files["missing.sh"] = file("") }, false},
		"a file becomes a folder":    {func(s *state) { delete(s.files, "test.sh"); s.files["test.sh/x"] = file("") }, false},
		"a text of the same size":    {func(s *state) { s.files["page.tpl"] = file("hallo") }, false},
		"a text appears":             {func(s *state) { s.files["missing.tpl"] = file("") }, false},
		"a file in a folder":         {func(s *state) { s.files["dir/b"] = file("") }, false},
		"another command":            {func(s *state) { s.commands["helm"] = "/usr/bin/helm" }, false},
		"a command is gone":          {func(s *state) { delete(s.commands, "helm") }, false},
		"a command appears":          {func(s *state) { s.commands["kubectl"] = "/bin/kubectl" }, false},
		"a package is gone":          {func(s *state) { delete(s.packages, "shop/db-v1.0") }, false},
		"a package appears":          {func(s *state) { s.packages["shop/net-v1.0"] = &release.Metadata{} }, false},
		"a package is another":       {func(s *state) { s.packages["shop/db-v1.0"] = &release.Metadata{Name: "db", Version: "1.0.1"} }, false},
		"a package is read again":    {func(s *state) { s.packages["shop/db-v1.0"] = &release.Metadata{Name: "db", Version: "1.0"} }, true},
		"a command nobody looked up": {func(s *state) { s.commands["terraform"] = "/bin/terraform" }, true},
	} {
		s := start()
		r, w := Record(world(s.files, s.commands, s.packages), new(Sums))
		ask(w)
		looks := r.Looks()
		c.change(&s)
		texts, same := Same(looks, world(s.files, s.commands, s.packages), new(Sums), func() *plan.Plan { return nil })
		if same != c.same {
			t.Errorf("%s: same is %t", name, same)
		}
		if same && texts["page.tpl"] != "hello" {
			t.Errorf("%s: the texts are %v", name, texts)
		}
	}
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lint")
	now := time.Unix(1_700_000_000, 0)
	looks := []Look{{stat, "a", "644 3"}, {readFile, "b\x00c", ""}}
	c := Open(dir, "/work", "v1", now)
	c.Put(Key("a"), "text", looks, "body")
	c.Put(Key("b"), "", nil, "")
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	c = Open(dir, "/work", "v1", now)
	got, body, ok := c.Get(Key("a"), "text")
	if !ok || body != "body" || !slices.Equal(got, looks) {
		t.Errorf("kept is %v %q %t", got, body, ok)
	}
	if _, _, ok := c.Get(Key("a"), "another text"); ok {
		t.Error("a result counts for another text")
	}
	if _, _, ok := c.Get(Key("b"), ""); !ok {
		t.Error("an empty result is gone")
	}
	before, _ := os.Stat(c.file)
	os.Chtimes(c.file, now, now)
	c.Save()
	if after, _ := os.Stat(c.file); before == nil || !after.ModTime().Equal(now) {
		t.Error("nothing is new, and it is written")
	}
	for what, c := range map[string]*Cache{
		"another program": Open(dir, "/work", "v2", now),
		"another use":     Open(dir, "/other", "v1", now),
		"no folder":       Open(filepath.Join(dir, "none"), "/work", "v1", now),
		"nil":             nil,
	} {
		if _, _, ok := c.Get(Key("a"), "text"); ok {
			t.Errorf("%s: a result counts", what)
		}
	}
}

// TestDamaged: a file with any byte changed, or cut anywhere, holds nothing, and does no harm.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	c := Open(dir, "/work", "v1", time.Unix(1, 0))
	c.Put("key", "text", []Look{{stat, "a", "b"}}, "body")
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 0x55
		if decode(string(bad), "v1") != nil || decode(string(good[:i]), "v1") != nil {
			t.Errorf("damage at %d is not seen", i)
		}
	}
}

// TestBounds: what nobody used for long goes, and so do files of other folders.
func TestBounds(t *testing.T) {
	dir := t.TempDir()
	now := time.Unix(1_700_000_000, 0)
	c := Open(dir, "/work", "v1", now)
	c.Put("old", "text", nil, "")
	c.Put("used", "text", nil, "")
	c.Save()
	later := now.Add(20 * 24 * time.Hour)
	c = Open(dir, "/work", "v1", later)
	c.Get("used", "text")
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	later = later.Add(20 * 24 * time.Hour)
	c = Open(dir, "/work", "v1", later)
	c.Put("new", "text", nil, "")
	for i := range maxFiles + 5 {
		name := filepath.Join(dir, fmt.Sprintf("%d%s", i, suffix))
		os.WriteFile(name, nil, 0o600)
		os.Chtimes(name, later, later.Add(-time.Duration(i)*24*time.Hour))
	}
	c.Save()
	c = Open(dir, "/work", "v1", later)
	for key, want := range map[string]bool{"old": false, "used": true, "new": true} {
		if _, _, ok := c.Get(key, "text"); ok != want {
			t.Errorf("%s is kept: %t", key, ok)
		}
	}
	files, _ := os.ReadDir(dir)
	if len(files) > 32 {
		t.Errorf("%d files are left", len(files))
	}
	c.Put("huge", "text", nil, string(make([]byte, maxSize)))
	if text := c.encode(); len(text) > maxSize+1000 {
		t.Errorf("%d bytes would be written", len(text))
	}
}

// TestResult: a result is the same after it was written and read.
func TestResult(t *testing.T) {
	plan, script := source.NewFile("a/escape.yml", "name: x\n"), source.NewFile("a/test.sh", "echo\n")
	d := diag.New(diag.UnknownField, plan, source.Span{Start: 1, End: 3}, "message")
	d.Hint, d.Original = "hint", "original"
	d.Related = []diag.Related{{File: script, Span: source.Span{Start: 2, End: 3}, Message: "here"}, {Message: "nowhere"}}
	d.Fixes = []diag.Fix{{Title: "fix", Preferred: true, Edits: []source.Edit{{Span: source.Span{Start: 0, End: 1}, New: "<\xc3\xb6>"}}}, {Title: "elsewhere", File: script}}
	none := diag.New(diag.DependencyLatest, nil, source.Span{}, "no place")
	r := Result{Findings: diag.List{d, none}, Ignored: []lint.Ignored{{Finding: d, File: script, By: source.Span{Start: 1, End: 2}, Reason: "r"}}}
	text, err := r.Encode(func(name string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*source.File{plan.Name(): plan, script.Name(): script}
	got, err := Decode(text, func(name string) *source.File { return files[name] })
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, r) {
		t.Errorf("read is %s", cmp.Diff(fmt.Sprintf("%+v", r), fmt.Sprintf("%+v", got)))
	}
	if _, err := r.Encode(func(name string) bool { return name == plan.Name() }); err != ErrForeign {
		t.Errorf("with a file that is not there Encode gives %v", err)
	}
	if _, err := Decode(text, func(name string) *source.File { return nil }); err == nil {
		t.Error("without files Decode gives no error")
	}
	if text, err := (Result{}).Encode(nil); text != "" || err != nil {
		t.Errorf("nothing found is %q, %v", text, err)
	}
}
