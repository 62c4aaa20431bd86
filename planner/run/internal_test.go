package run

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Whatever the borders of writes are, the lines are those of the whole text.
func TestLinesAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"a", "é", "\n", "\r", "\r\n", " ", "\xff", strings.Repeat("x", MaxLine-1), strings.Repeat("字", 2000)})
		text := strings.Join(rapid.SliceOfN(part, 0, 40).Draw(t, "text"), "")
		var got []string
		current := ""
		l := lines{emit: func(line []byte, more bool) {
			if len(line) > MaxLine {
				t.Fatalf("a piece of %d bytes", len(line))
			}
			current += string(line)
			if !more {
				got = append(got, current)
				current = ""
			}
		}}
		for rest := text; rest != ""; {
			n := min(rapid.IntRange(1, 5000).Draw(t, "n"), len(rest))
			_, _ = l.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		l.close()
		want := strings.Split(text, "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		for i := range want {
			want[i] = strings.TrimSuffix(want[i], "\r")
		}
		if !slices.Equal(got, want) {
			t.Fatalf("lines differ: %s", cmp.Diff(want, got))
		}
	})
}

func TestEnviron(t *testing.T) {
	config := t.TempDir()
	e := newEnviron([]string{"A=1", "INPUT_x=old", "OUTPUT_y=old", "A=2", "PATH=/bin", "PYTHONUNBUFFERED=0", "odd", "INPUTS=kept"}, config)
	got, err := e.with(map[string]any{"s": "t", "b": true, "i": int64(-3), "f": 1.25, "n": nil, "l": []any{"a<b", int64(1)}, "m": map[string]any{"k": "<"}}, map[string]any{"o": false})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"A=2", "PATH=" + filepath.Join(config, ".bin") + ":/bin", "INPUTS=kept", "ESCAPE_PLATFORM=linux", "ESCAPE_ARCH=amd64", "PYTHONUNBUFFERED=1",
		"INPUT_b=1", "INPUT_f=1.25", "INPUT_i=-3", `INPUT_l=["a\u003cb",1]`, `INPUT_m={"k":"<"}`, "INPUT_n=", "INPUT_s=t", "OUTPUT_o=0",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("environment (-want +got):\n%s", d)
	}
	if e.path != "/bin" {
		t.Errorf("programs are looked up in %q", e.path)
	}
	if _, err := e.with(map[string]any{"x": "a\x00b"}, nil); err == nil {
		t.Error("a null character was taken")
	}
	if e := newEnviron([]string{"A=1"}, config); slices.ContainsFunc(e.base, func(s string) bool { return strings.HasPrefix(s, "PATH=") }) {
		t.Error("a PATH was made up")
	}
}

type entry struct {
	name, text string
	kind       byte
	mode       int64
}

func tarOf(t *testing.T, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: e.mode, Size: int64(len(e.text))}
		if e.kind == tar.TypeSymlink || e.kind == tar.TypeLink {
			h.Linkname, h.Size = e.text, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte(e.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnpack(t *testing.T) {
	good := []entry{{"d/", "", tar.TypeDir, 0o755}, {"d/x.sh", "run", tar.TypeReg, 0o755}, {"e/f/g", "deep", tar.TypeReg, 0o400},
		{"d/l", "x.sh", tar.TypeSymlink, 0o777}, {"e/f/l", "../../d/./x.sh", tar.TypeSymlink, 0o777}, {"all", ".", tar.TypeSymlink, 0o777}}
	zipped := func(entries []entry) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, e := range entries {
			h := &zip.FileHeader{Name: e.name}
			h.SetMode(os.FileMode(e.mode))
			if e.kind == tar.TypeSymlink {
				h.SetMode(os.FileMode(e.mode) | os.ModeSymlink)
			}
			f, err := w.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write([]byte(e.text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	gzipped := func(data []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(data)
		_ = w.Close()
		return b.Bytes()
	}
	for name, data := range map[string][]byte{"a.zip": zipped(good), "a.tar": tarOf(t, good), "a.tgz": gzipped(tarOf(t, good)), "a.tar.gz": gzipped(tarOf(t, good))} {
		dir := t.TempDir()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		for range 2 { // also over what is there
			_ = os.Chmod(filepath.Join(dir, "e/f/g"), 0o600)
			if err := unpack(file); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		info, err := os.Stat(filepath.Join(dir, "d/x.sh"))
		if err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		for file, want := range map[string]string{"e/f/g": "deep", "d/l": "run", "e/f/l": "run", "all/d/x.sh": "run"} {
			if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(text) != want {
				t.Errorf("%s: %s is %q, %v", name, file, text, err)
			}
		}
	}
	for name, bad := range map[string]struct {
		entries []entry
		want    string
	}{
		"up":    {[]entry{{"../x", "x", tar.TypeReg, 0o644}}, "entry '../x' lies outside of the directory"},
		"root":  {[]entry{{"/tmp/x", "x", tar.TypeReg, 0o644}}, "entry '/tmp/x' lies outside of the directory"},
		"link":  {[]entry{{"l", "/etc", tar.TypeSymlink, 0o777}}, "entry 'l' is a link to '/etc', which lies outside of the directory"},
		"above": {[]entry{{"d/l", "../../x", tar.TypeSymlink, 0o777}}, "entry 'd/l' is a link to '../../x', which lies outside of the directory"},
		"chain": {[]entry{{"a", "", tar.TypeDir, 0o755}, {"a/b", "..", tar.TypeSymlink, 0o777}, {"a/b/c", "../../x", tar.TypeSymlink, 0o777}},
			"entry 'a/b/c' is a link behind another link"},
		"hard": {[]entry{{"l", "/etc/passwd", tar.TypeLink, 0o644}}, "entry '/etc/passwd' lies outside of the directory"},
		"soft": {[]entry{{"f", "x", tar.TypeReg, 0o644}, {"s", "f", tar.TypeSymlink, 0o777}, {"l", "s", tar.TypeLink, 0o644}},
			"entry 'l' is a link to 's', which is no file of the archive"},
		"fifo": {[]entry{{"d/f", "x", tar.TypeReg, 0o644}, {"p", "", tar.TypeFifo, 0o644}},
			"Unsupported type for tar header: entry 'p' is neither a file, a directory nor a link"},
		"inner": {[]entry{{"a/../../x", "x", tar.TypeReg, 0o644}}, "entry 'a/../../x' lies outside of the directory"},
	} {
		outer := t.TempDir()
		dir := filepath.Join(outer, "in")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "a.tar")
		if err := os.WriteFile(file, tarOf(t, bad.entries), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := unpack(file); err == nil || err.Error() != "Failed to unpack '"+file+"': "+bad.want {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(outer); len(left) != 1 {
			t.Errorf("%s: written outside: %v", name, left)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%s: left half done: %v", name, left)
		}
	}
	hard := filepath.Join(t.TempDir(), "a.tar")
	if err := os.WriteFile(hard, tarOf(t, []entry{{"f", "text", tar.TypeReg, 0o644}, {"d/l", "f", tar.TypeLink, 0o644}}), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := unpack(hard); err != nil {
			t.Error(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(hard), "d/l")); err != nil || string(text) != "text" {
		t.Errorf("hard link: %q, %v", text, err)
	}
	// A link that is there already must not lead out either.
	outer, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(outer, filepath.Join(dir, "d")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "a.tar")
	if err := os.WriteFile(file, tarOf(t, good), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unpack(file); err == nil {
		t.Error("unpacked through a link")
	}
	if left, _ := os.ReadDir(outer); len(left) > 0 {
		t.Errorf("written outside: %v", left)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\r\nb"), 1)
	f.Fuzz(func(t *testing.T, text []byte, n int) {
		var got []byte
		l := lines{emit: func(line []byte, more bool) {
			got = append(got, line...)
			if !more {
				got = append(got, '\n')
			}
		}}
		n = max(n, 1)
		for rest := text; len(rest) > 0; {
			k := min(n, len(rest))
			_, _ = l.Write(rest[:k])
			rest = rest[k:]
		}
		l.close()
		want := bytes.ReplaceAll(append(bytes.Clone(text), '\n'), []byte("\r\n"), []byte("\n"))
		if len(text) == 0 || text[len(text)-1] == '\n' {
			want = want[:max(len(want)-1, 0)]
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%q in writes of %d gives %q, want %q", text, n, got, want)
		}
	})
}
