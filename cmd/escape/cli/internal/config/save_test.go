package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const edited = `{
    "current_profile": "b",
    "profiles": {
        "a": {
            "api_server": "https://new?a\u0026b",
            "insecure_skip_verify": true,
            "note": [
                1.0,
                {}
            ]
        },
        "b": {
            "state_path": "/b"
        }
    },
    "colour": {
        "x": 1e3
    }
}`

// TestUpdate: what a change does not touch stays, however strange the file is.
func TestUpdate(t *testing.T) {
	const strange = `{"colour": {"x":1e3}, "PROFILES": {"b":{"state_path":"/b"},
		"a": {"note": [1.0, {}], "Api_Server": "x", "api_server": "http://old", "insecure_skip_verify": true}}, "current_profile": "a"}`
	dir := t.TempDir()
	file := filepath.Join(dir, "cfg")
	write(t, file, strange, 0o644)
	p := places(dir, map[string]string{"ESCAPE_API_SERVER": "http://env", "ESCAPE_AUTH_TOKEN": "env"})
	_, err := Update(p, "cfg", func(d *Document) error {
		a, err := d.Profile("a")
		if err != nil {
			return err
		}
		a.APIServer, a.InventoryType = "https://new?a&b", "remote"
		return errors.Join(d.Set("a", a), d.SetCurrent("b"))
	})
	if err != nil {
		t.Fatal(err)
	}
	// The type is not in the file, but that of a profile with a server is remote: nothing changed.
	if diff := cmp.Diff(edited, read(t, file)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o644 {
		t.Errorf("mode is %v, want 0644", info.Mode())
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
}

// TestUpdateUnchanged: a file of the original comes out as it was.
func TestUpdateUnchanged(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{firstRun, edited, "{}"} {
		write(t, filepath.Join(dir, "cfg"), text, 0o600)
		if _, err := Update(places(dir, nil), "cfg", func(d *Document) error {
			p, err := d.Profile(d.Current())
			if err == nil && text != "{}" { // there it would be written out
				err = d.Set(d.Current(), p)
			}
			return errors.Join(err, d.SetCurrent(d.Current()))
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, read(t, filepath.Join(dir, "cfg"))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestUpdateNew: without a file, one with the profile of a first run is changed.
func TestUpdateNew(t *testing.T) {
	dir := t.TempDir()
	if _, err := Update(places(dir, nil), "cfg", func(d *Document) error { return d.Create("z") }); err != nil {
		t.Fatal(err)
	}
	profile := firstRun[strings.Index(firstRun, `{
            "inv`):strings.LastIndex(firstRun, "\n    }\n}")]
	if diff := cmp.Diff(strings.Replace(firstRun, profile, profile+",\n        \"z\": "+profile, 1), read(t, filepath.Join(dir, "cfg"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if info, _ := os.Stat(filepath.Join(dir, "cfg")); info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want 0600", info.Mode())
	}
}

func TestUpdateErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		change func(d *Document) error
		want   string
	}{
		{`{}`, func(d *Document) error { return d.Create("") }, "Missing profile name"},
		{`{}`, func(d *Document) error { return d.Create("default") }, "Profile already exists"},
		{`{}`, func(d *Document) error { return d.SetCurrent("x") }, "Referenced profile 'x' was not found in the Escape configuration file."},
		{`{}`, func(d *Document) error { return d.Set("x", &EscapeConfigProfile{}) }, "Referenced profile 'x' was not found in the Escape configuration file."},
		{`[]`, nil, "Couldn't parse Escape configuration file 'F': json: cannot unmarshal array into Go value of type config.EscapeConfig"},
		{`{"profiles":{"x":null}}`, nil, "Couldn't parse Escape configuration file 'F': profile 'x' is null"},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "cfg")
		write(t, file, c.text, 0o600)
		_, err := Update(places(dir, nil), "cfg", c.change)
		if want := strings.Replace(c.want, "'F'", "'"+file+"'", 1); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", c.text, err, want)
		}
		if got := read(t, file); got != c.text {
			t.Errorf("%s became %s", c.text, got)
		}
	}
	dir := t.TempDir()
	if _, err := Update(places(dir, nil), "", nil); err == nil || !strings.HasSuffix(err.Error(), "is a directory") {
		t.Errorf("a folder as file: %v", err)
	}
	if _, err := os.Stat(dir + ".lock"); err == nil {
		t.Error("a lock beside a folder")
	}
	want := "open " + filepath.Join(dir, "none/cfg") + ": no such file or directory"
	if _, err := Update(places(dir, nil), "none/cfg", nil); err == nil || err.Error() != want {
		t.Errorf("missing folder: %v", err)
	}
}

// TestUpdateDangling: a file whose current profile is gone can be mended.
func TestUpdateDangling(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cfg"), `{"current_profile":"gone","profiles":{"b":{}}}`, 0o600)
	if _, err := Update(places(dir, nil), "cfg", func(d *Document) error { return d.SetCurrent("b") }); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(places(dir, nil), Options{Path: "cfg"}); err != nil || c.Name != "b" {
		t.Errorf("%v, %v", c, err)
	}
}

// TestUpdateLink: the file that a link points to is changed, and the link stays.
func TestUpdateLink(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real"), "{}", 0o600)
	if err := os.Symlink("real", filepath.Join(dir, "cfg")); err != nil {
		t.Skip(err)
	}
	if _, err := Update(places(dir, nil), "cfg", func(d *Document) error { return d.Create("z") }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(filepath.Join(dir, "cfg")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone")
	}
	if !strings.Contains(read(t, filepath.Join(dir, "real")), `"z"`) {
		t.Error("the file was not changed")
	}
}

// TestUpdateWarns of secrets that others can read.
func TestUpdateWarns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing here")
	}
	for _, c := range []struct {
		text string
		mode os.FileMode
		want bool
	}{
		{`{"profiles":{"a":{"escape_auth_token":"t"}}}`, 0o644, true},
		{`{"profiles":{"a":{"basic_auth_password":"t"}}}`, 0o640, true},
		{`{"profiles":{"a":{"escape_auth_token":"t"}}}`, 0o600, false},
		{`{"profiles":{"a":{}}}`, 0o644, false},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "cfg"), c.text, c.mode)
		warning, err := Update(places(dir, map[string]string{"ESCAPE_AUTH_TOKEN": "env"}), "cfg", func(*Document) error { return nil })
		if err != nil || (warning != "") != c.want {
			t.Errorf("%s %v: %q, %v", c.text, c.mode, warning, err)
		}
	}
}

// TestUpdateTogether: of changes at the same time none is lost.
func TestUpdateTogether(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := Update(places(dir, nil), "cfg", func(d *Document) error { return d.Create(fmt.Sprint("p", i)) }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	c, err := Load(places(dir, nil), Options{Path: "cfg"})
	if err != nil || len(c.File.Profiles) != 21 {
		t.Errorf("%d profiles, %v", len(c.File.Profiles), err)
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
