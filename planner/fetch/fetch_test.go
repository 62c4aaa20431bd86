package fetch_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
	"escape.build/escape/planner/fetch"
)

func id(t testing.TB, s string) release.ID {
	t.Helper()
	id, err := release.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A shelf is a Source: a folder with archives.
type shelf struct {
	dir string

	mu    sync.Mutex // guards asked
	asked []string
}

func (s *shelf) Location(release.ID) string { return s.dir }

var errMissing = errors.New("no such release")

func (s *shelf) Download(_ context.Context, id release.ID, w io.Writer) error {
	s.mu.Lock()
	s.asked = append(s.asked, id.String())
	s.mu.Unlock()
	f, err := os.Open(s.file(id))
	if err != nil {
		return errMissing
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (s *shelf) file(id release.ID) string {
	return filepath.Join(s.dir, id.Namespace, id.ReleaseID()+".tgz")
}

// add puts a release on the shelf, with one file of the given text. What it depends on is named by ids; an id after "+" is
// extended.
func (s *shelf) add(t testing.TB, releaseID, text string, needs ...string) {
	t.Helper()
	pkg := id(t, releaseID)
	m := release.New()
	v, _ := pkg.Version()
	m.Project, m.Name, m.Version, m.BuiltWithEscapeVersion = pkg.Namespace, pkg.Name, string(v), "0.29.0"
	for _, n := range needs {
		if ext, ok := strings.CutPrefix(n, "+"); ok {
			m.Extends = append(m.Extends, &release.Extension{ReleaseID: ext})
		} else {
			m.Depends = append(m.Depends, &release.Dependency{ReleaseID: n})
		}
	}
	m.Files["text"] = ""
	s.pack(t, pkg, m, text)
}

func (s *shelf) pack(t testing.TB, pkg release.ID, m *release.Metadata, text string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "text"), text)
	packed, err := archive.Pack(dir, m, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(packed.Path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.file(pkg), string(data))
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// A world is a cache, a folder to work in, and who is asked.
type world struct {
	cache, base string
	shelf       *shelf
	warnings    []string
}

func newWorld(t testing.TB) *world {
	dir := t.TempDir()
	w := &world{cache: filepath.Join(dir, "cache"), base: filepath.Join(dir, "base"), shelf: &shelf{dir: filepath.Join(dir, "shelf")}}
	if err := os.Mkdir(w.base, 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

// fetcher is that of a new process.
func (w *world) fetcher() *fetch.Fetcher {
	return fetch.New(fetch.Options{Cache: w.cache, Source: w.shelf, Warn: func(text string) { w.warnings = append(w.warnings, text) }})
}

// offline is that of a new process which can ask nobody: an Inventory at the same place that cannot be reached.
func (w *world) offline() *fetch.Fetcher {
	return fetch.New(fetch.Options{Cache: w.cache, Source: unreachable{w.shelf.dir}, Warn: func(text string) { w.warnings = append(w.warnings, text) }})
}

type unreachable struct{ location string }

var errUnreachable = errors.New("could not be reached")

func (u unreachable) Location(release.ID) string { return u.location }

func (unreachable) Download(context.Context, release.ID, io.Writer) error { return errUnreachable }

// files lists the files below a folder, but for notes, locks and notes about archives.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		rel = filepath.ToSlash(rel)
		if d.Name() != archive.NoteFile && !strings.HasSuffix(rel, ".origin") && !strings.HasPrefix(rel, ".cache/lock/") {
			found = append(found, rel)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return found
}

func TestFetchTree(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "harbour/rope-v1.0", "rope")
	w.shelf.add(t, "harbour/crane-v2.0", "crane", "harbour/rope-v1.0")
	w.shelf.add(t, "harbour/hull-v1.0", "hull", "+harbour/crane-v2.0", "harbour/rope-v1.0")
	f := w.fetcher()
	for range 2 {
		m, err := f.Fetch(context.Background(), w.base, id(t, "harbour/hull-v1.0"))
		if err != nil {
			t.Fatal(err)
		}
		if m.QualifiedID() != "harbour/hull-v1.0" {
			t.Errorf("metadata is that of %s", m.QualifiedID())
		}
	}
	want := []string{
		"deps/harbour/hull/deps/harbour/crane/deps/harbour/rope/release.json", "deps/harbour/hull/deps/harbour/crane/deps/harbour/rope/text",
		"deps/harbour/hull/deps/harbour/crane/release.json", "deps/harbour/hull/deps/harbour/crane/text",
		"deps/harbour/hull/deps/harbour/rope/release.json", "deps/harbour/hull/deps/harbour/rope/text",
		"deps/harbour/hull/release.json", "deps/harbour/hull/text",
	}
	if got := files(t, w.base); !slices.Equal(got, want) {
		t.Errorf("unpacked %q, want %q", got, want)
	}
	if want := []string{"harbour/crane-v2.0.tgz", "harbour/hull-v1.0.tgz", "harbour/rope-v1.0.tgz"}; !slices.Equal(files(t, w.cache), want) {
		t.Errorf("cache holds %q, want %q", files(t, w.cache), want)
	}
	if want := []string{"harbour/hull-v1.0", "harbour/rope-v1.0", "harbour/crane-v2.0"}; !slices.Equal(w.shelf.asked, want) {
		t.Errorf("asked for %q, want %q", w.shelf.asked, want)
	}
	// What is unpacked needs nobody, nor does what is cached.
	for range 2 {
		if _, err := w.offline().Fetch(context.Background(), w.base, id(t, "harbour/hull-v1.0")); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(filepath.Join(w.base, "deps/harbour/hull/deps/harbour/crane")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.offline().Fetch(context.Background(), w.base, id(t, "harbour/hull-v1.0")); err != nil || !slices.Equal(files(t, w.base), want) {
		t.Errorf("unpacked %q (%v), want %q", files(t, w.base), err, want)
	}
	if len(w.warnings) > 0 {
		t.Errorf("warnings: %q", w.warnings)
	}
}

// A package that says to belong elsewhere lies where the id says: that is where everybody looks for it.
func TestFetchBelievesTheID(t *testing.T) {
	w := newWorld(t)
	m := release.New()
	m.Project, m.Name, m.Version = "elsewhere", "db", "1.0"
	m.Files["text"] = ""
	w.shelf.pack(t, id(t, "shop/db-v1.0"), m, "db")
	w.shelf.add(t, "shop/app-v1.0", "app", "shop/db-v1.0")
	if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "shop/app-v1.0")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(w.base, "deps/shop/app/deps/shop/db/text")); got != "db" {
		t.Errorf("text is %q", got)
	}
}

func TestFetchReplacesAnotherVersion(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "net-v1.0", "net")
	w.shelf.add(t, "db-v1.0", "old", "net-v1.0")
	w.shelf.add(t, "db-v2.0", "new")
	f := w.fetcher()
	for _, c := range []struct{ id, text string }{{"db-v1.0", "old"}, {"db-v2.0", "new"}, {"db-v1.0", "old"}} {
		if _, err := f.Fetch(context.Background(), w.base, id(t, c.id)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(w.base, "deps/_/db/text")); got != c.text {
			t.Errorf("%s: text is %q", c.id, got)
		}
		_, err := os.Stat(filepath.Join(w.base, "deps/_/db/deps/_/net/text"))
		if c.text == "old" && err != nil || c.text == "new" && err == nil {
			t.Errorf("%s: what it needs: %v", c.id, err)
		}
	}
	// A version that cannot be had leaves the one that is there.
	if _, err := f.Fetch(context.Background(), w.base, id(t, "db-v3.0")); !errors.Is(err, errMissing) {
		t.Errorf("a version that is not there gives %v", err)
	}
	if got := read(t, filepath.Join(w.base, "deps/_/db/text")); got != "old" {
		t.Errorf("text is %q", got)
	}
}

func TestFetchFromArchives(t *testing.T) {
	w := newWorld(t)
	pkg := id(t, "shop/db-v1.0")
	put := func(file, text string) {
		t.Helper()
		s := &shelf{dir: t.TempDir()}
		s.add(t, "shop/db-v1.0", text)
		write(t, file, read(t, s.file(pkg)))
	}
	// One that the original put into the cache wins over one in the folder.
	put(filepath.Join(w.base, "db-v1.0.tgz"), "base")
	put(filepath.Join(w.cache, "shop/db-v1.0.tgz"), "cache")
	nobody := fetch.New(fetch.Options{Cache: w.cache, Warn: func(text string) { w.warnings = append(w.warnings, text) }})
	for _, step := range []struct {
		remove, text string
	}{{"", "cache"}, {filepath.Join(w.cache, "shop/db-v1.0.tgz"), "base"}} {
		_ = os.Remove(step.remove)
		if err := os.RemoveAll(filepath.Join(w.base, "deps")); err != nil {
			t.Fatal(err)
		}
		f := fetch.New(fetch.Options{Cache: w.cache})
		if _, err := f.Fetch(context.Background(), w.base, pkg); err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(w.base, "deps/shop/db/text")); got != step.text {
			t.Errorf("text is %q, want %q", got, step.text)
		}
	}
	// One in the folder that is broken is the user's to mend; one of another version does not count.
	if err := os.RemoveAll(filepath.Join(w.base, "deps")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(w.base, "db-v1.0.tgz")
	write(t, file, "no gzip, but long enough")
	if _, err := nobody.Fetch(context.Background(), w.base, pkg); err == nil || err.Error() != "Couldn't read gzip archive '"+file+"': gzip: invalid header" {
		t.Errorf("a broken archive gives %v", err)
	}
	other := &shelf{dir: t.TempDir()}
	m := release.New()
	m.Name, m.Version = "db", "1.0.1"
	m.Files["text"] = ""
	other.pack(t, pkg, m, "")
	write(t, file, read(t, other.file(pkg)))
	_, err := nobody.Fetch(context.Background(), w.base, pkg)
	if err == nil || !strings.HasPrefix(err.Error(), "Expected path ") {
		t.Errorf("an archive of another release gives %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := nobody.Fetch(context.Background(), w.base, pkg); err == nil || err.Error() != "Could not resolve dependency: db-v1.0" {
		t.Errorf("no archive gives %v", err)
	}
	if len(w.warnings) > 0 {
		t.Errorf("warnings: %q", w.warnings)
	}
}

func TestFetchMendsWhatIsUnpacked(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "db-v1.0", "db")
	file := filepath.Join(w.base, "deps/_/db/release.json")
	for text, reason := range map[string]string{
		`{"name":"db","version":1}`: "json: cannot unmarshal number into Go struct field Metadata.version of type string",
		"":                          "unexpected end of JSON input",
	} {
		write(t, file, text)
		_, err := fetch.New(fetch.Options{}).Fetch(context.Background(), w.base, id(t, "db-v1.0"))
		e := (*fetch.Error)(nil)
		if !errors.As(err, &e) || e.Message != "Could not resolve dependency: db-v1.0" ||
			e.Hint != "the package in "+filepath.Dir(file)+" is not used: Couldn't unmarshal dependency release.json: "+reason {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-v1.0")); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-v1.0")); err == nil || !strings.HasPrefix(err.Error(), "Couldn't read dependency release.json: read ") {
		t.Errorf("a folder in its place gives %v", err)
	}
}

// The packages of two Inventories never take each other's place, neither in the cache nor below deps.
func TestFetchKeepsInventoriesApart(t *testing.T) {
	w := newWorld(t)
	mine, theirs := w.shelf, &shelf{dir: t.TempDir()}
	mine.add(t, "shop/db-v1.0", "mine")
	theirs.add(t, "shop/db-v1.0", "theirs")
	pkg := id(t, "shop/db-v1.0")
	for range 2 {
		for _, s := range []*shelf{mine, theirs} {
			w.shelf = s
			if _, err := w.fetcher().Fetch(context.Background(), w.base, pkg); err != nil {
				t.Fatal(err)
			}
			want := map[*shelf]string{mine: "mine", theirs: "theirs"}[s]
			if got := read(t, filepath.Join(w.base, "deps/shop/db/text")); got != want {
				t.Errorf("text is %q, want %q", got, want)
			}
		}
	}
	if got := append(mine.asked, theirs.asked...); len(got) != 2 {
		t.Errorf("asked for %q", got)
	}
	if got := files(t, w.cache); len(got) != 2 || !strings.HasPrefix(got[0], ".cache/") || got[1] != "shop/db-v1.0.tgz" {
		t.Errorf("cache holds %q", got)
	}
	w.shelf = &shelf{dir: t.TempDir()}
	_, err := w.fetcher().Fetch(context.Background(), w.base, pkg)
	e := (*fetch.Error)(nil)
	if !errors.Is(err, errMissing) || !errors.As(err, &e) || e.Hint != "the package in "+fetch.Dir(w.base, pkg)+" is not used: it comes from another Inventory" {
		t.Errorf("a third Inventory gives %v", err)
	}
	if got := read(t, filepath.Join(w.base, "deps/shop/db/text")); got != "theirs" {
		t.Errorf("text is %q", got)
	}
}

func TestFetchThrowsAwayWhatIsBrokenInTheCache(t *testing.T) {
	for name, spoil := range map[string]func(file string){
		"cut by the original": func(file string) {
			write(t, file, read(t, file)[:100])
			_ = os.Remove(file + ".origin")
		},
		"cut":          func(file string) { write(t, file, read(t, file)[:100]) },
		"empty":        func(file string) { write(t, file, "") },
		"other origin": func(file string) { write(t, file+".origin", "{") },
		"gone":         func(file string) { _ = os.Remove(file) },
		"exchanged": func(file string) {
			s := &shelf{dir: t.TempDir()}
			s.add(t, "db-v1.0", "exchanged")
			write(t, file, read(t, s.file(id(t, "db-v1.0"))))
		},
		"left behind": func(file string) {
			_ = os.Remove(file)
			write(t, filepath.Join(filepath.Dir(file), ".db-v1.0.tgz.part-123"), "half")
		},
	} {
		w := newWorld(t)
		w.shelf.add(t, "db-v1.0", "db")
		for range 2 {
			if err := os.RemoveAll(filepath.Join(w.base, "deps")); err != nil {
				t.Fatal(err)
			}
			if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-v1.0")); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := read(t, filepath.Join(w.base, "deps/_/db/text")); got != "db" {
				t.Errorf("%s: text is %q", name, got)
			}
			if got := files(t, w.cache); len(got) != 1 {
				t.Errorf("%s: cache holds %q", name, got)
			}
			spoil(filepath.Join(w.cache, "_/db-v1.0.tgz"))
		}
		if len(w.shelf.asked) != 2 {
			t.Errorf("%s: asked for %q", name, w.shelf.asked)
		}
	}
}

// half is a Source whose connection breaks, noticed or not.
type half struct {
	*shelf
	err error
}

func (h half) Download(ctx context.Context, id release.ID, w io.Writer) error {
	var b strings.Builder
	if err := h.shelf.Download(ctx, id, &b); err != nil {
		return err
	}
	_, _ = io.WriteString(w, b.String()[:b.Len()/2])
	return h.err
}

func TestFetchOfWrongDownloads(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "db-v1.0", "db")
	w.shelf.add(t, "net-v1.0", "net")
	wrong := filepath.Join(w.shelf.dir, "_/wrong-v1.0.tgz")
	m := release.New()
	m.Name, m.Version = "wrong", "1.0"
	w.shelf.pack(t, id(t, "wrong-v1.0"), m, "")
	write(t, filepath.Join(w.shelf.dir, "_/html-v1.0.tgz"), "<html>please log in</html>")
	write(t, filepath.Join(w.shelf.dir, "_/other-v1.0.tgz"), read(t, wrong))
	broken := errors.New("connection reset")
	for _, c := range []struct {
		source  fetch.Source
		id      string
		message string
		hint    string
	}{
		{half{w.shelf, broken}, "db-v1.0", "connection reset", ""},
		{half{w.shelf, nil}, "db-v1.0", "Failed to unpack 'CACHE/_/db-v1.0.tgz': unexpected EOF", "this is what the Inventory at 'SHELF' gives; nothing of it is kept"},
		{w.shelf, "html-v1.0", "Couldn't read gzip archive 'CACHE/_/html-v1.0.tgz': gzip: invalid header", "this is what the Inventory at 'SHELF' gives; nothing of it is kept"},
		{w.shelf, "other-v1.0", "Expected path other-v1.0 does not exist", "'CACHE/_/other-v1.0.tgz' holds 'wrong-v1.0/release.json', but nothing below other-v1.0/; this is what the Inventory at 'SHELF' gives; nothing of it is kept"},
	} {
		f := fetch.New(fetch.Options{Cache: w.cache, Source: c.source})
		_, err := f.Fetch(context.Background(), w.base, id(t, c.id))
		where := strings.NewReplacer("CACHE", w.cache, "SHELF", w.shelf.dir)
		if err == nil || err.Error() != where.Replace(c.message) {
			t.Errorf("%s: %v, want %s", c.id, err, where.Replace(c.message))
		}
		if e := (*archive.Error)(nil); errors.As(err, &e) && e.Hint != where.Replace(c.hint) {
			t.Errorf("%s: hint %s, want %s", c.id, e.Hint, where.Replace(c.hint))
		}
		if got := append(files(t, w.cache), files(t, w.base)...); len(got) > 0 {
			t.Errorf("%s: kept %q", c.id, got)
		}
	}
	// A whole one mends it all.
	if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-v1.0")); err != nil {
		t.Error(err)
	}
}

// forge puts an archive on the shelf whose folder is right, but whose metadata is not.
func (s *shelf) forge(t testing.TB, pkg release.ID, metadata string) {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: pkg.ReleaseID() + "/release.json", Mode: 0o644, Size: int64(len(metadata))})
	_, writeErr := io.WriteString(w, metadata)
	if err := errors.Join(err, writeErr, w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	write(t, s.file(pkg), b.String())
}

func TestFetchOfWrongVersions(t *testing.T) {
	w := newWorld(t)
	pkg := id(t, "db-v1.0")
	w.shelf.forge(t, pkg, `{"api_version":15,"name":"db","version":"1.1"}`)
	// In the folder it does not count, and the Inventory has no better one.
	write(t, filepath.Join(w.base, "db-v1.0.tgz"), read(t, w.shelf.file(pkg)))
	_, err := w.fetcher().Fetch(context.Background(), w.base, pkg)
	e := (*fetch.Error)(nil)
	hint := "Failed to unpack '" + filepath.Join(w.cache, "_/db-v1.0.tgz") + "': its release.json is that of db-v1.1, not of db-v1.0; " +
		"this is what the Inventory at '" + w.shelf.dir + "' gives; nothing of it is kept"
	if !errors.As(err, &e) || e.Message != "Could not resolve dependency: db-v1.0" || e.Hint != hint {
		t.Errorf("%v (%+v)", err, e)
	}
	if want := "Failed to unpack '" + filepath.Join(w.base, "db-v1.0.tgz") + "': its release.json is that of db-v1.1, not of db-v1.0"; len(w.warnings) != 1 || w.warnings[0] != want {
		t.Errorf("warnings: %q, want %q", w.warnings, want)
	}
	if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-latest")); err == nil || err.Error() != "fetch _/db-latest: its version is not resolved" {
		t.Errorf("an id that is not resolved gives %v", err)
	}
}

func TestFetchWithoutEnd(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "aa-v1", "a", "bb-v1")
	w.shelf.add(t, "bb-v1", "b", "+aa-v1")
	for n := range 65 {
		w.shelf.forge(t, id(t, fmt.Sprintf("deep-v%d", n)), fmt.Sprintf(`{"name":"deep","version":"%d","depends":[{"release_id":"deep-v%d"}]}`, n, n+1))
	}
	w.shelf.add(t, "old-v1", "o", "+old-latest")
	for _, c := range []struct{ id, message, hint string }{
		{"aa-v1", "_/aa-v1 needs itself", "needed by _/aa-v1 → _/bb-v1"},
		{"deep-v0", "_/deep-v64 is needed through more than 64 others", "needed by _/deep-v0 → _/deep-v1 →"},
		{"old-v1", "The extension '_/old-latest' needs its version resolved.", "the release.json of _/old-v1 says so"},
	} {
		_, err := w.fetcher().Fetch(context.Background(), w.base, id(t, c.id))
		e := (*fetch.Error)(nil)
		if !errors.As(err, &e) || e.Message != c.message || !strings.HasPrefix(e.Hint, c.hint) {
			t.Errorf("%s: %v (%+v)", c.id, err, e)
		}
	}
}

func TestFetchWithoutCache(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "net-v1.0", "net")
	w.shelf.add(t, "db-v1.0", "db", "net-v1.0")
	write(t, w.cache, "a file where the folder should be")
	if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-v1.0")); err != nil {
		t.Fatal(err)
	}
	want := []string{"deps/_/db/deps/_/net/release.json", "deps/_/db/deps/_/net/text", "deps/_/db/release.json", "deps/_/db/text"}
	if got := files(t, w.base); !slices.Equal(got, want) {
		t.Errorf("unpacked %q, want %q", got, want)
	}
	if len(w.warnings) != 1 || !strings.HasPrefix(w.warnings[0], "the package cache cannot be used: ") {
		t.Errorf("warnings: %q", w.warnings)
	}
}

func TestKnown(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "net-v1.0", "net")
	w.shelf.add(t, "db-v1.0", "db", "net-v1.0")
	known := func(name string) bool {
		m := w.offline().Known(w.base, id(t, name))
		if m != nil && m.Name != id(t, name).Name {
			t.Errorf("%s is said to be %s", name, m.QualifiedID())
		}
		return m != nil
	}
	if known("db-v1.0") {
		t.Error("known before it was fetched")
	}
	if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-v1.0")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"db-v1.0": true, "db-v1.@": true, "db-latest": true, "db-v2.@": false, "db:ci": false, // unpacked
		"net-v1.0": true, "net-v1.@": false, "net-v2.0": false, // in the cache
	} {
		if got := known(name); got != want {
			t.Errorf("%s: known is %t", name, got)
		}
	}
	w.shelf = &shelf{dir: t.TempDir()}
	if known("db-v1.0") || known("net-v1.0") {
		t.Error("known from another Inventory")
	}
}

func TestPut(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "shop/db-v1.0", "db")
	pkg := id(t, "shop/db-v1.0")
	f := w.fetcher()
	main := filepath.Join(w.cache, "shop/db-v1.0.tgz")
	put := func(text string) string {
		t.Helper()
		s := &shelf{dir: t.TempDir()}
		s.add(t, "shop/db-v1.0", text)
		path, err := f.Put(context.Background(), pkg, s.file(pkg))
		if err != nil {
			return err.Error()
		}
		return strings.TrimPrefix(path, w.cache)
	}
	if path, there := f.Cached(pkg); path != main || there {
		t.Errorf("Cached is %s, %t before anything is", path, there)
	}
	for _, text := range []string{"db", "other"} { // the later one stays
		if got := put(text); got != "/shop/db-v1.0.tgz" {
			t.Errorf("%s: put at %s", text, got)
		}
	}
	if path, there := f.Cached(pkg); path != main || !there {
		t.Errorf("Cached is %s, %t", path, there)
	}
	if _, err := w.offline().Fetch(context.Background(), w.base, pkg); err != nil {
		t.Error(err)
	}
	if got := read(t, filepath.Join(w.base, "deps/shop/db/text")); got != "other" {
		t.Errorf("text is %q", got)
	}
	w.shelf = &shelf{dir: t.TempDir()}
	f = w.fetcher()
	if got := put("third"); !strings.HasPrefix(got, "/.cache/") {
		t.Errorf("for another Inventory: %s", got)
	}
	if left := files(t, w.cache); len(left) != 2 {
		t.Errorf("cache holds %q", left)
	}
}

// Everybody who wants the same thing gets the whole of it.
func TestFetchByManyAtOnce(t *testing.T) {
	for _, locks := range []bool{true, false} {
		w := newWorld(t)
		w.shelf.add(t, "net-v1.0", strings.Repeat("net", 10_000))
		w.shelf.add(t, "db-v1.0", "db", "net-v1.0")
		pkg := id(t, "db-v1.0")
		if !locks {
			write(t, filepath.Join(w.cache, ".cache/lock"), "a file where the folder should be")
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				f := fetch.New(fetch.Options{Cache: w.cache, Source: w.shelf})
				if _, err := f.Fetch(context.Background(), w.base, pkg); err != nil {
					t.Errorf("locks %t: %v", locks, err)
				}
			})
		}
		wg.Wait()
		if got := len(read(t, filepath.Join(w.base, "deps/_/db/deps/_/net/text"))); got != 30_000 {
			t.Errorf("locks %t: %d bytes", locks, got)
		}
		if locks && len(w.shelf.asked) != 2 {
			t.Errorf("asked for %q", w.shelf.asked)
		}
		if got := files(t, w.base); len(got) != 4 {
			t.Errorf("locks %t: unpacked %q", locks, got)
		}
	}
}

// waiting is a Source which answers when it is told to.
type waiting struct {
	*shelf
	begun, answer chan struct{}
}

func (w waiting) Download(ctx context.Context, id release.ID, out io.Writer) error {
	close(w.begun)
	<-w.answer
	return w.shelf.Download(ctx, id, out)
}

func TestFetchStopsWaiting(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "db-v1.0", "db")
	pkg := id(t, "db-v1.0")
	slow := waiting{w.shelf, make(chan struct{}), make(chan struct{})}
	done := make(chan error)
	go func() {
		_, err := fetch.New(fetch.Options{Cache: w.cache, Source: slow}).Fetch(context.Background(), w.base, pkg)
		done <- err
	}()
	<-slow.begun
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := w.fetcher().Fetch(ctx, w.base, pkg); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting gives %v", err)
	}
	close(slow.answer)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := w.fetcher().Fetch(ctx, w.base, id(t, "other-v1")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the end: %v", err)
	}
}

// TestMain is also a process that fetches: see process.
func TestMain(m *testing.M) {
	if base := os.Getenv("FETCH_BASE"); base != "" {
		var source fetch.Source = &shelf{dir: os.Getenv("FETCH_SHELF")}
		if os.Getenv("FETCH_HANG") != "" {
			source = hanging{source.(*shelf)}
		}
		pkg, err := release.ParseID(os.Getenv("FETCH_ID"))
		if err == nil {
			_, err = fetch.New(fetch.Options{Cache: os.Getenv("FETCH_CACHE"), Source: source}).Fetch(context.Background(), base, pkg)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// hanging is a Source which says so when it has given half of an archive, and then nothing more.
type hanging struct{ *shelf }

func (h hanging) Download(ctx context.Context, id release.ID, w io.Writer) error {
	_ = half{h.shelf, nil}.Download(ctx, id, w)
	fmt.Println("half")
	select {}
}

func (w *world) process(t *testing.T, pkg string, more ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "FETCH_BASE="+w.base, "FETCH_CACHE="+w.cache, "FETCH_SHELF="+w.shelf.dir, "FETCH_ID="+pkg)
	cmd.Env = append(cmd.Env, more...)
	return cmd
}

func TestFetchByTwoProcesses(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "net-v1.0", strings.Repeat("net", 100_000))
	w.shelf.add(t, "db-v1.0", "db", "net-v1.0")
	w.shelf.add(t, "app-v1.0", "app", "db-v1.0", "net-v1.0")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if out, err := w.process(t, "app-v1.0").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if got := files(t, w.base); len(got) != 8 {
		t.Errorf("unpacked %q", got)
	}
	if got := len(read(t, filepath.Join(w.base, "deps/_/app/deps/_/db/deps/_/net/text"))); got != 300_000 {
		t.Errorf("%d bytes", got)
	}
	if got := files(t, w.cache); len(got) != 3 {
		t.Errorf("cache holds %q", got)
	}
}

func TestFetchAfterAKilledProcess(t *testing.T) {
	w := newWorld(t)
	w.shelf.add(t, "db-v1.0", strings.Repeat("db", 100_000))
	cmd := w.process(t, "db-v1.0", "FETCH_HANG=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "half\n" {
		t.Errorf("the process says %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := files(t, w.cache); len(got) != 1 || !strings.HasPrefix(got[0], "_/.db-v1.0.tgz.part-") {
		t.Errorf("the cache holds %q", got)
	}
	if _, err := w.fetcher().Fetch(context.Background(), w.base, id(t, "db-v1.0")); err != nil {
		t.Fatal(err)
	}
	if got := append(files(t, w.cache), files(t, w.base)...); len(got) != 3 {
		t.Errorf("there is %q", got)
	}
}

// forest writes n packages, unpacked: one which needs all others, in chains of five.
func (w *world) forest(t testing.TB, n int) release.ID {
	t.Helper()
	m := release.New()
	m.Name, m.Version = "root", "1.0"
	root := filepath.Join(w.base, "deps/_/root")
	for i := 0; i < n-1; i += 5 {
		m.Depends = append(m.Depends, &release.Dependency{ReleaseID: fmt.Sprintf("pkg%d-v1.0", i)})
		dir := root
		for k := i; k < min(i+5, n-1); k++ {
			sub := release.New()
			sub.Name, sub.Version = fmt.Sprintf("pkg%d", k), "1.0"
			if k+1 < min(i+5, n-1) {
				sub.Depends = append(sub.Depends, &release.Dependency{ReleaseID: fmt.Sprintf("pkg%d-v1.0", k+1)})
			}
			dir = filepath.Join(dir, "deps/_", sub.Name)
			write(t, filepath.Join(dir, "release.json"), string(sub.Encode()))
		}
	}
	write(t, filepath.Join(root, "release.json"), string(m.Encode()))
	return id(t, "root-v1.0")
}

// A tree that is there needs neither the Inventory nor the cache, whose locks would take time.
func TestFetchOfWhatIsThere(t *testing.T) {
	w := newWorld(t)
	pkg := w.forest(t, 100)
	if _, err := w.offline().Fetch(context.Background(), w.base, pkg); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(w.cache); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cache was made: %v", err)
	}
}

func BenchmarkFetchOfWhatIsThere(b *testing.B) {
	w := newWorld(b)
	pkg := w.forest(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.offline().Fetch(context.Background(), w.base, pkg); err != nil {
			b.Fatal(err)
		}
	}
}
