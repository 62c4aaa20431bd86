package archive_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

func project(t *testing.T, files map[string]string) (string, *release.Metadata) {
	t.Helper()
	dir := t.TempDir()
	m := release.New()
	m.Name, m.Version, m.Project = "pkg", "0.1", "_"
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		m.Files[name] = "stale"
	}
	return dir, m
}

func entries(t *testing.T, file string) (names []string, texts map[string]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	texts = map[string]string{}
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if err == io.EOF {
			return names, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Typeflag != tar.TypeReg {
			t.Errorf("%s: owner %d/%d %q, type %c", h.Name, h.Uid, h.Gid, h.Uname, h.Typeflag)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		texts[h.Name] = string(text)
	}
}

func TestPackLayout(t *testing.T) {
	dir, m := project(t, map[string]string{
		"README.md": "r", "docs/x.md": "x", "docs/a/b/y": "y", "release.json": "mine", "long/" + strings.Repeat("n", 200): "l",
	})
	got, err := archive.Pack(dir, m, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, ".escape/target/pkg-v0.1.tgz"); got.Path != want {
		t.Errorf("path is %s, want %s", got.Path, want)
	}
	names, texts := entries(t, got.Path)
	want := []string{"pkg-v0.1/README.md", "pkg-v0.1/release.json", "pkg-v0.1/docs/x.md", "pkg-v0.1/long/" + strings.Repeat("n", 200), "pkg-v0.1/docs/a/b/y"}
	if !slices.Equal(names, want) {
		t.Errorf("entries are %q, want %q", names, want)
	}
	packed, err := release.Decode([]byte(texts["pkg-v0.1/release.json"]))
	if err != nil {
		t.Fatal(err)
	}
	if sum := packed.Files["README.md"]; sum != "4b43b0aee35624cd95b910189b3dc231" {
		t.Errorf("digest of README.md is %q, want that of its content", sum)
	}
	if _, ok := packed.Files["release.json"]; ok || m.Files["README.md"] != "stale" {
		t.Errorf("files are %v (given: %v)", packed.Files, m.Files)
	}
	left, err := os.ReadDir(filepath.Join(dir, ".escape"))
	if err != nil || len(left) != 1 {
		t.Errorf("scratch files are left: %v, %v", left, err)
	}
}

func TestPackIsDeterministic(t *testing.T) {
	files := map[string]string{"a.sh": "a", "b/c": "c", "b/d": "d", "e": "e"}
	dir, m := project(t, files)
	one, err := archive.Pack(dir, m, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, n := project(t, files)
	if err := os.Chtimes(filepath.Join(other, "e"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	two, err := archive.Pack(other, n, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if one.Digest != two.Digest || one.Size != two.Size {
		t.Errorf("packed twice: %s (%d bytes) and %s (%d bytes)", one.Digest, one.Size, two.Digest, two.Size)
	}
}

func TestPackErrors(t *testing.T) {
	dir, m := project(t, map[string]string{"a": "a"})
	first, err := archive.Pack(dir, m, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = archive.Pack(dir, m, archive.Options{})
	if want := "File '" + first.Path + "' already exists. Use --force / -f to ignore."; !errors.Is(err, archive.ErrExists) || err.Error() != want {
		t.Errorf("packing again gives %v, want %s", err, want)
	}
	if _, err := archive.Pack(dir, m, archive.Options{Force: true}); err != nil {
		t.Errorf("packing again by force gives %v", err)
	}
	for path, want := range map[string]string{
		"gone": "stat gone: no such file or directory", "../x": `file "../x" lies outside of the package`,
		"/etc/hostname": `file "/etc/hostname" lies outside of the package`, ".escape": `".escape" is not a regular file`,
	} {
		bad := *m
		bad.Files = map[string]string{path: ""}
		if _, err := archive.Pack(dir, &bad, archive.Options{Force: true}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("packing %q gives %v, want %s", path, err, want)
		}
	}
	// A failed run leaves the archive that was there.
	if names, _ := entries(t, first.Path); len(names) != 2 {
		t.Errorf("archive has %v", names)
	}
}
