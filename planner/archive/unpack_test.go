package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

func id(t testing.TB, s string) release.ID {
	t.Helper()
	id, err := release.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// file is an entry of an archive made by hand.
func file(name, text string) tarEntry {
	return tarEntry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(text))}, text}
}

type tarEntry struct {
	header tar.Header
	text   string
}

func dir(name string) tarEntry {
	return tarEntry{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o700}, ""}
}

func link(kind byte, name, target string) tarEntry {
	return tarEntry{tar.Header{Typeflag: kind, Name: name, Linkname: target, Mode: 0o644}, ""}
}

func tarball(t testing.TB, entries ...tarEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, e := range entries {
		if err := w.WriteHeader(&e.header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func metadata(name, version, builtWith, files string) string {
	return fmt.Sprintf(`{"api_version":15,"name":%q,"version":%q,"project":"_","built_with_escape_version":%q,"files":{%s}}`, name, version, builtWith, files)
}

// stored writes an archive into a folder of its own.
func stored(t testing.TB, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pkg-v0.1.tgz")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// below lists what lies below a folder, with modes.
func below(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		rel, _ := filepath.Rel(dir, p)
		found[filepath.ToSlash(rel)] = fmt.Sprintf("%v %s", info.Mode(), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestUnpackKeepsModesAndReplaces(t *testing.T) {
	run := file("pkg-v0.1/bin/run", "run")
	run.header.Mode = 0o4755
	m := metadata("pkg", "0.1", "0.29.0", `"bin/run":"a0ce7dd21ea41b8b2ad8ca09bb6cac34"`)
	m = strings.Replace(m, "a0ce7dd21ea41b8b2ad8ca09bb6cac34", md5Of("run"), 1)
	// Notes in an archive are somebody else's.
	archived := stored(t, tarball(t, dir("pkg-v0.1/"), file("pkg-v0.1/release.json", m), run, dir("pkg-v0.1/empty/"),
		file("pkg-v0.1/"+archive.NoteFile, "theirs"), file("pkg-v0.1/"+archive.NoteFile+"/x", "theirs")))
	target := filepath.Join(t.TempDir(), "deps", "_", "pkg")
	for range 2 {
		c, err := archive.Unpack(archived, id(t, "pkg-v0.1"), target, archive.Reading{Note: "ours"})
		if err != nil {
			t.Fatal(err)
		}
		if c.Metadata.Name != "pkg" || c.Metadata.Version != "0.1" || !strings.HasPrefix(c.Digest, "sha256:") || len(c.Warnings) > 0 {
			t.Errorf("content is %+v", c)
		}
		got := below(t, target)
		if len(got) != 3 || got[archive.NoteFile] != "-rw-r--r-- ours" || got["bin/run"] != "-rwxr-xr-x run" || got["release.json"] != "-rw-r--r-- "+m {
			t.Errorf("unpacked: %q", got)
		}
		if info, err := os.Stat(filepath.Join(target, "empty")); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("folder: %v, %v", info, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(target)); len(left) != 1 {
			t.Errorf("left beside the target: %v", left)
		}
		// What lay in the target goes away with the next one.
		if err := os.WriteFile(filepath.Join(target, "stale"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	digest := "sha256:" + strings.Repeat("0", 64)
	_, err := archive.Unpack(archived, id(t, "pkg-v0.1"), target, archive.Reading{Digest: digest})
	if e := (*archive.Error)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), "instead of "+digest) {
		t.Errorf("with another digest: %v", err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	good := file("pkg-v0.1/release.json", metadata("pkg", "0.1", "0.29.0", ""))
	fifo := link(tar.TypeFifo, "pkg-v0.1/p", "")
	device := link(tar.TypeBlock, "pkg-v0.1/sda", "")
	deep := "pkg-v0.1/" + strings.Repeat("d/", 10) + "x"
	whole := tarball(t, good, file("pkg-v0.1/x", strings.Repeat("text", 1000)))
	broken := bytes.Clone(whole)
	broken[len(broken)-6] ^= 1 // of the checksum
	for name, c := range map[string]struct {
		data []byte
		want string // F is the archive, D the folder of the target
	}{
		"up":           {tarball(t, good, file("../x", "")), "Failed to unpack 'F': entry '../x' lies outside of the directory"},
		"up below":     {tarball(t, good, file("pkg-v0.1/../../x", "")), "Failed to unpack 'F': entry 'pkg-v0.1/../../x' lies outside of the directory"},
		"up and down":  {tarball(t, good, file("pkg-v0.1/a/../x", "")), "Failed to unpack 'F': entry 'pkg-v0.1/a/../x' lies outside of the directory"},
		"absolute":     {tarball(t, good, file("/etc/passwd", "")), "Failed to unpack 'F': entry '/etc/passwd' lies outside of the directory"},
		"symlink":      {tarball(t, good, link(tar.TypeSymlink, "pkg-v0.1/l", "x")), "Failed to unpack 'F': Unsupported type for tar header: entry 'pkg-v0.1/l' is neither a file nor a directory"},
		"hard link":    {tarball(t, good, link(tar.TypeLink, "pkg-v0.1/l", "/etc/passwd")), "Failed to unpack 'F': Unsupported type for tar header: entry 'pkg-v0.1/l' is neither a file nor a directory"},
		"fifo":         {tarball(t, good, fifo), "Failed to unpack 'F': Unsupported type for tar header: entry 'pkg-v0.1/p' is neither a file nor a directory"},
		"device":       {tarball(t, good, device), "Failed to unpack 'F': Unsupported type for tar header: entry 'pkg-v0.1/sda' is neither a file nor a directory"},
		"twice":        {tarball(t, good, file("pkg-v0.1/x", "1"), file("pkg-v0.1/./x", "2")), "Failed to unpack 'F': entry 'x' is there twice"},
		"metadata too": {tarball(t, good, good), "Failed to unpack 'F': entry 'release.json' is there twice"},
		"then below":   {tarball(t, good, file("pkg-v0.1/x", "1"), file("pkg-v0.1/x/y/z", "2")), "Failed to unpack 'F': entry 'x/y/z' lies below a file"},
		"then a file":  {tarball(t, good, file("pkg-v0.1/x/y", "1"), file("pkg-v0.1/x", "2")), "Failed to unpack 'F': entry 'x' is there twice"},
		"a folder":     {tarball(t, good, file("pkg-v0.1/x", "1"), dir("pkg-v0.1/x")), "Failed to unpack 'F': entry 'x' is there twice"},
		"long name":    {tarball(t, good, file("pkg-v0.1/"+strings.Repeat("n", 300), "")), "Failed to unpack 'F': entry 'pkg-v0.1/" + strings.Repeat("n", 191) + "…': a part of its name has more than 255 bytes"},
		"odd name":     {tarball(t, good, file("../\x1b[31m\n", "")), `Failed to unpack 'F': entry '../\x1b[31m\n' lies outside of the directory`},
		"deep":         {tarball(t, good, file(deep, "")), "Failed to unpack 'F': entry '" + deep + "': more than 8 folders inside each other"},
		"long path":    {tarball(t, good, file("pkg-v0.1/"+strings.Repeat("n", 92), "")), "Failed to unpack 'F': entry 'pkg-v0.1/" + strings.Repeat("n", 92) + "': a name of more than 100 bytes"},
		"large":        {tarball(t, good, file("pkg-v0.1/x", strings.Repeat("n", 10000))), "Failed to unpack 'F': more than 8000 bytes"},
		"many": {tarball(t, good, file("pkg-v0.1/1", ""), file("pkg-v0.1/2", ""), file("pkg-v0.1/3", ""), file("pkg-v0.1/4", ""), file("pkg-v0.1/5", "")),
			"Failed to unpack 'F': more than 5 files"},
		"beside":        {tarball(t, good, file("other/x", "")), "Failed to unpack 'F': entry 'other/x' lies outside of pkg-v0.1"},
		"elsewhere":     {tarball(t, file("other-v0.1/release.json", good.text)), "Expected path D/pkg-v0.1 does not exist"},
		"empty":         {tarball(t), "Expected path D/pkg-v0.1 does not exist"},
		"no metadata":   {tarball(t, file("pkg-v0.1/x", "")), "Couldn't read dependency release.json: 'F' holds none"},
		"wrong version": {tarball(t, file("pkg-v0.1/release.json", metadata("pkg", "0.2", "", ""))), "Failed to unpack 'F': its release.json is that of pkg-v0.2, not of pkg-v0.1"},
		"wrong name":    {tarball(t, file("pkg-v0.1/release.json", metadata("pig", "0.1", "", ""))), "Failed to unpack 'F': its release.json is that of pig-v0.1, not of pkg-v0.1"},
		"odd version": {tarball(t, file("pkg-v0.1/release.json", `{"api_version":15,"name":"pkg","version":1}`)),
			"Couldn't unmarshal dependency release.json: json: cannot unmarshal number into Go struct field Metadata.version of type string"},
		"no JSON": {tarball(t, file("pkg-v0.1/release.json", `{"name":`)), "Couldn't unmarshal dependency release.json: unexpected end of JSON input"},
		"digest": {tarball(t, file("pkg-v0.1/release.json", metadata("pkg", "0.1", "0.29.1", `"x":"`+md5Of("y")+`"`)), file("pkg-v0.1/x", "x")),
			"Failed to unpack 'F': file 'x' has the MD5 digest " + md5Of("x") + " instead of " + md5Of("y")},
		"file missing": {tarball(t, file("pkg-v0.1/release.json", metadata("pkg", "0.1", "0.30.0", `"x":"`+md5Of("y")+`"`))), "Failed to unpack 'F': file 'x' is missing"},
		"no gzip":      {[]byte("<html>"), "Couldn't read gzip archive 'F': unexpected EOF"},
		"no gzip long": {[]byte("<html>not found</html>"), "Couldn't read gzip archive 'F': gzip: invalid header"},
		"nothing":      {nil, "Couldn't read gzip archive 'F': EOF"},
		"no tar":       {gzipped("text"), "Failed to unpack 'F': unexpected EOF"},
		"cut":          {whole[:len(whole)-20], "Failed to unpack 'F': unexpected EOF"},
		"checksum":     {broken, "Failed to unpack 'F': gzip: invalid checksum"},
		"trailing":     {append(bytes.Clone(whole), "more"...), "Failed to unpack 'F': unexpected EOF"},
		"two":          {append(bytes.Clone(whole), whole...), "Failed to unpack 'F': there is something behind its end"},
	} {
		archived := stored(t, c.data)
		outer := t.TempDir()
		target := filepath.Join(outer, "_", "pkg")
		limits := archive.Limits{Size: 8000, Entries: 5, Path: 100, Depth: 8}
		if name == "long name" {
			limits.Path = 1000
		}
		want := strings.NewReplacer("'F'", "'"+archived+"'", "D/", filepath.Dir(target)+"/").Replace(c.want)
		_, err := archive.Unpack(archived, id(t, "pkg-v0.1"), target, archive.Reading{Limits: limits})
		if err == nil || err.Error() != want {
			t.Errorf("%s: unpacking gives\n%v, want\n%s", name, err, want)
		}
		if e := (*archive.Error)(nil); !errors.As(err, &e) {
			t.Errorf("%s: %T is not the fault of the archive", name, err)
		}
		if left := below(t, outer); len(left) > 0 {
			t.Errorf("%s: left %q", name, left)
		}
		if left, _ := os.ReadDir(filepath.Dir(target)); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
		_, inspected := archive.Inspect(archived, id(t, "pkg-v0.1"), archive.Reading{Limits: limits})
		if inspected == nil || strings.TrimPrefix(inspected.Error(), "Expected path ") != strings.TrimPrefix(want, "Expected path "+filepath.Dir(target)+"/") {
			t.Errorf("%s: inspecting gives\n%v, want\n%s", name, inspected, want)
		}
	}
	_, err := archive.Unpack("/nowhere/x.tgz", id(t, "pkg-v0.1"), filepath.Join(t.TempDir(), "pkg"), archive.Reading{})
	if err == nil || err.Error() != "Couldn't open archive '/nowhere/x.tgz': open /nowhere/x.tgz: no such file or directory" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an archive that is not there: %v", err)
	}
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	_, _ = gz.Write([]byte(text))
	_ = gz.Close()
	return b.Bytes()
}

// The original packs files as they are when it packs, and some under other names than it lists.
func TestUnpackWarnsOfDigestsOfTheOriginal(t *testing.T) {
	files := fmt.Sprintf(`"x":%q,"./y":%q,"/etc/hosts":%q,"../up":"1","gone":"2","release.json":"3"`, md5Of("other"), md5Of("y"), md5Of("h"))
	archived := stored(t, tarball(t, file("pkg-v0.1/release.json", metadata("pkg", "0.1", "0.28.1", files)),
		file("pkg-v0.1/x", "x"), file("pkg-v0.1/y", "y"), file("pkg-v0.1/etc/hosts", "h")))
	c, err := archive.Unpack(archived, id(t, "pkg-v0.1"), filepath.Join(t.TempDir(), "pkg"), archive.Reading{Name: "a.tgz"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"'a.tgz': file 'gone' is missing", "'a.tgz': file 'x' has the MD5 digest " + md5Of("x") + " instead of " + md5Of("other")}
	if fmt.Sprint(c.Warnings) != fmt.Sprint(want) {
		t.Errorf("warnings are %q, want %q", c.Warnings, want)
	}
}

func TestReadMetadata(t *testing.T) {
	good := file("pkg-v0.1/release.json", metadata("pkg", "0.1", "0.29.0", ""))
	whole := tarball(t, file("pkg-v0.1/a", "a"), good, file("pkg-v0.1/z", "z"))
	for name, data := range map[string][]byte{"whole": whole, "cut behind": whole[:len(whole)-20]} {
		if m, err := archive.ReadMetadata(stored(t, data), id(t, "pkg-v0.1")); err != nil || m.ReleaseID() != "pkg-v0.1" {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	other := tarball(t, file("pkg-v0.1/release.json", metadata("pkg", "0.2", "", "")))
	if _, err := archive.ReadMetadata(stored(t, other), id(t, "pkg-v0.1")); !errors.Is(err, archive.ErrOther) {
		t.Errorf("of another release: %v", err)
	}
	for name, data := range map[string][]byte{"none": tarball(t, file("pkg-v0.1/x", "")), "cut": whole[:40], "bad": tarball(t, file("../x", ""), good)} {
		if m, err := archive.ReadMetadata(stored(t, data), id(t, "pkg-v0.1")); err == nil {
			t.Errorf("%s: %v", name, m)
		}
	}
}

// A bomb is noticed long before it has gone off.
func TestUnpackStopsBombs(t *testing.T) {
	// A gzip file may have many parts, so one is made and repeated.
	const part, free = 1 << 20, 4 << 20
	zeros := bytes.Repeat(gzipped(strings.Repeat("\x00", part)), free/part+1)
	var header bytes.Buffer
	h := file("pkg-v0.1/zeros", "").header
	h.Size = free + part
	if err := tar.NewWriter(&header).WriteHeader(&h); err != nil {
		t.Fatal(err)
	}
	for name, bomb := range map[string][]byte{
		"one file": append(gzipped(header.String()), zeros...),
		"behind":   append(tarball(t), zeros...),
	} {
		_, err := archive.Inspect(stored(t, bomb), id(t, "pkg-v0.1"), archive.Reading{Limits: archive.Limits{Free: free}})
		if err == nil || !strings.HasSuffix(err.Error(), "it unpacks to more than 200 times its size") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnpackByManyAtOnce(t *testing.T) {
	m := metadata("pkg", "0.1", "0.29.0", `"x":"`+md5Of("x")+`"`)
	archived := stored(t, tarball(t, file("pkg-v0.1/release.json", m), file("pkg-v0.1/x", "x")))
	target := filepath.Join(t.TempDir(), "pkg")
	pkg := id(t, "pkg-v0.1")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if _, err := archive.Unpack(archived, pkg, target, archive.Reading{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := below(t, filepath.Dir(target)); len(got) != 2 || got["pkg/x"] == "" {
		t.Errorf("unpacked: %q", got)
	}
}

// Whatever is packed comes out again, with its modes.
func TestUnpackTakesWhatPackMakes(t *testing.T) {
	part := rapid.StringMatching(`[a-zA-Zü][a-z .ü'\\-]{0,10}[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "archive")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		m := release.New()
		m.Name, m.Version, m.BuiltWithEscapeVersion = "pkg", rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){0,3}`).Draw(t, "version"), "0.29.0"
		want := map[string]string{}
		for i := range rapid.IntRange(0, 6).Draw(t, "files") {
			// A number in every folder and file keeps them apart.
			name := fmt.Sprintf("%s%d", part.Draw(t, "name"), i)
			for range rapid.IntRange(0, 3).Draw(t, "depth") {
				name = fmt.Sprintf("%s%d/%s", part.Draw(t, "folder"), i, name)
			}
			text := rapid.StringN(0, 50, 300).Draw(t, "text")
			mode := fs.FileMode(rapid.IntRange(0o400, 0o777).Draw(t, "mode")) | 0o400
			path := filepath.Join(dir, "in", name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600), os.Chmod(path, mode)); err != nil {
				t.Fatal(err)
			}
			m.Files[name] = ""
			want[filepath.ToSlash(name)] = fmt.Sprintf("%v %s", mode, text)
		}
		if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
			t.Fatal(err)
		}
		packed, err := archive.Pack(filepath.Join(dir, "in"), m, archive.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := archive.Unpack(packed.Path, m.ID(), filepath.Join(dir, "out"), archive.Reading{Digest: packed.Digest})
		if err != nil {
			t.Fatal(err)
		}
		want["release.json"] = "-rw-r--r-- " + string(packed.Metadata.Encode())
		got := map[string]string{}
		err = filepath.WalkDir(filepath.Join(dir, "out"), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(p)
			info, _ := d.Info()
			rel, _ := filepath.Rel(filepath.Join(dir, "out"), p)
			got[filepath.ToSlash(rel)] = fmt.Sprintf("%v %s", info.Mode(), text)
			return err
		})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("unpacked %q (%v), want %q", got, err, want)
		}
		if string(c.Metadata.Encode()) != string(packed.Metadata.Encode()) {
			t.Fatalf("metadata is %s", c.Metadata.Encode())
		}
	})
}

// FuzzUnpack holds to: whatever an archive is, nothing is written outside of the target, the target is whole or not there,
// and the limits end it soon. An archive is given as lines of a type, a name and a text or target; one byte of it may be
// changed.
func FuzzUnpack(f *testing.F) {
	f.Add("0 pkg-v0.1/a/b text\n5 pkg-v0.1/c/", 0, byte(0))
	f.Add("0 ../../x text\n2 pkg-v0.1/l /tmp\n0 pkg-v0.1/l/x y", 0, byte(0))
	f.Add("5 pkg-v0.1/x\n0 pkg-v0.1/x text\n1 pkg-v0.1/y x", 0, byte(0))
	f.Add("0 pkg-v0.1/x y\nx - -", 156, byte('L'))
	f.Fuzz(func(t *testing.T, lines string, at int, b byte) {
		var text bytes.Buffer
		w := tar.NewWriter(&text)
		add := func(e tarEntry) {
			if w.WriteHeader(&e.header) == nil {
				_, _ = w.Write([]byte(e.text))
			}
		}
		add(file("pkg-v0.1/release.json", metadata("pkg", "0.1", "0.29.0", "")))
		for line := range strings.Lines(lines) {
			kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			name, value, _ := strings.Cut(rest, " ")
			e := file(name, value)
			if kind != "" && kind != "0" {
				e = link(kind[0], name, value)
			}
			add(e)
		}
		_ = w.Close()
		data := text.Bytes()
		if at > 0 && at < len(data) {
			data[at] = b
		}
		outer := t.TempDir()
		archived := filepath.Join(outer, "a.tgz")
		if err := os.WriteFile(archived, []byte(gzipped(string(data))), 0o600); err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(outer, "in", "pkg")
		_, err := archive.Unpack(archived, id(t, "pkg-v0.1"), target, archive.Reading{Limits: archive.Limits{Size: 1 << 20, Entries: 100, Path: 200, Depth: 10}})
		for name := range below(t, outer) {
			if name != "a.tgz" && !strings.HasPrefix(name, "in/pkg/") {
				t.Errorf("written: %q", name)
			}
		}
		_, statErr := os.Stat(filepath.Join(target, "release.json"))
		if (err == nil) != (statErr == nil) {
			t.Errorf("unpacked: %v, there: %v", err, statErr)
		}
		if left, _ := os.ReadDir(filepath.Join(outer, "in")); err != nil && len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestUnpackSweepsWhatAKilledProcessLeft(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "pkg")
	for _, name := range []string{".pkg.unpack-1", ".pkg.unpack-2", ".pkg2.unpack-1"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "new"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-48 * time.Hour)
	for _, name := range []string{".pkg.unpack-1", ".pkg2.unpack-1"} {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	archived := stored(t, tarball(t, file("pkg-v0.1/release.json", metadata("pkg", "0.1", "", ""))))
	if _, err := archive.Unpack(archived, id(t, "pkg-v0.1"), target, archive.Reading{}); err != nil {
		t.Fatal(err)
	}
	var names []string
	left, _ := os.ReadDir(dir)
	for _, e := range left {
		names = append(names, e.Name())
	}
	if want := ".pkg.unpack-2 .pkg2.unpack-1 pkg"; strings.Join(names, " ") != want {
		t.Errorf("left are %q, want %s", names, want)
	}
}
