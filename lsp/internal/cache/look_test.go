package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// looking is a session of a folder whose plans were looked for.
func looking(t *testing.T, o Options) (*Session, string) {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{".git", "a"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "a/escape.yml")
	s := New(o)
	t.Cleanup(s.Stop)
	s.SetFolders([]string{dir})
	s.Snapshot().Load(context.Background(), dir)
	return s, dir
}

// put writes a file, and the folders around it.
func put(t *testing.T, dir, name string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("name: x\nversion: 0.0.@\n"), 0o666); err != nil {
		t.Fatal(err)
	}
}

// looked fails the test unless Look returns some files, relative to dir.
func looked(t *testing.T, s *Session, dir string, want ...string) {
	t.Helper()
	var got []string
	for _, path := range s.Look() {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.ToSlash(rel))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLookFindsFolders: plans in new folders are found, however deep they lie, whether the folder was there before its plan, and before
// anybody has looked.
func TestLookFindsFolders(t *testing.T) {
	s, dir := looking(t, Options{})
	put(t, dir, "b/escape.yml")
	looked(t, s, dir, "b/escape.yml")
	looked(t, s, dir)

	if err := os.MkdirAll(filepath.Join(dir, "c", "d"), 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "c/README.md")
	looked(t, s, dir)
	put(t, dir, "c/d/escape.hcl")
	looked(t, s, dir, "c/d/escape.hcl")

	deep := strings.Repeat("e/", 12) + "escape.yml"
	put(t, dir, "a/"+deep)
	put(t, dir, "node_modules/f/escape.yml")
	put(t, dir, "a/deps/f/escape.yml")
	looked(t, s, dir, "a/"+deep)

	for _, name := range []string{"c", "b/escape.yml"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	looked(t, s, dir, "b/escape.yml", "c/d/escape.hcl")
	put(t, dir, "c/d/escape.yml")
	looked(t, s, dir, "c/d/escape.yml")
}

// TestLookIsCheap: where nothing has changed for a while, no folder is listed.
func TestLookIsCheap(t *testing.T) {
	var lists, stats int
	old := time.Now().Add(-time.Hour)
	s, dir := looking(t, Options{
		ReadDir: func(path string) ([]fs.DirEntry, error) { lists++; return os.ReadDir(path) },
		Stat: func(path string) (fs.FileInfo, error) {
			stats++
			if err := os.Chtimes(path, old, old); err != nil {
				return nil, err
			}
			return os.Stat(path)
		},
	})
	lists, stats = 0, 0
	looked(t, s, dir)
	if lists > 0 || stats > 4 {
		t.Errorf("%d folders were listed, and %d files looked at", lists, stats)
	}
}

// TestLookFromTheStart: a file that was missing when a plan was analyzed is seen when it comes, though nobody has looked in between.
func TestLookFromTheStart(t *testing.T) {
	s, dir := looking(t, Options{})
	file := filepath.Join(dir, "a", "escape.yml")
	s.Open(FileURI(file), file, PlanLanguages[0], 1, "name: x\nversion: 0.0.@\nbuild: run.sh\n")
	s.Snapshot().Analyze(s.Snapshot().File(file))
	put(t, dir, "a/run.sh")
	put(t, dir, ".escapelint.yml")
	got := s.Look()
	for _, name := range []string{"a/run.sh", ".escapelint.yml"} {
		if !slices.Contains(got, filepath.Join(dir, filepath.FromSlash(name))) {
			t.Errorf("%s is not among %q", name, got)
		}
	}
	looked(t, s, dir)
}

// TestStampsAreBounded: what was looked at is not kept without end, also if nobody ever looks for changes.
func TestStampsAreBounded(t *testing.T) {
	k, looks := stamps{}, 0
	stat := func(string) (fs.FileInfo, error) { looks++; return nil, fs.ErrNotExist }
	for n := range 3 * maxStamps {
		k.note(strconv.Itoa(n), stat)
	}
	if len(k.of) > 2*maxStamps || looks > 2*maxStamps {
		t.Errorf("%d files were looked at, and %d are kept", looks, len(k.of))
	}
	k.forget(map[string]bool{"7": true})
	k.note("new", stat)
	if _, known := k.get("7"); !known || len(k.of) != 2 {
		t.Errorf("%d are kept once others are forgotten", len(k.of))
	}
}

// TestCommandsAreBounded: names that are no commands are not kept without end.
func TestCommandsAreBounded(t *testing.T) {
	looks := 0
	s := New(Options{LookPath: func(string) (string, error) { looks++; return "", fs.ErrNotExist }})
	defer s.Stop()
	for n := range 2*maxCommands + 2 {
		for range 2 {
			if _, err := s.lookPath(strconv.Itoa(n)); !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	kept := 0
	s.commands.Range(func(any, any) bool { kept++; return true })
	if looks != 2*maxCommands+2 || kept != 2 {
		t.Errorf("it was looked %d times, and %d names are kept", looks, kept)
	}
}
