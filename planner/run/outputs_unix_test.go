//go:build unix

package run

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestWriteOutputs writes over all kinds of files: what comes out is one that nobody else can read, and nothing that the old
// one was a name of changes.
func TestWriteOutputs(t *testing.T) {
	const text = `{"a":"b"}`
	for name, before := range map[string]func(file, other string) error{
		"nothing":       func(file, other string) error { return nil },
		"the same":      func(file, other string) error { return os.WriteFile(file, []byte(text), 0o600) },
		"more":          func(file, other string) error { return os.WriteFile(file, []byte(text+text), 0o600) },
		"less":          func(file, other string) error { return os.WriteFile(file, []byte("{}"), 0o600) },
		"for all":       func(file, other string) error { return os.WriteFile(file, []byte(text), 0o644) },
		"read only":     func(file, other string) error { return os.WriteFile(file, []byte(text), 0o400) },
		"symbolic link": func(file, other string) error { return os.Symlink(other, file) },
		"second name":   func(file, other string) error { return os.Link(other, file) },
		"pipe":          func(file, other string) error { return syscall.Mkfifo(file, 0o600) },
	} {
		dir := t.TempDir()
		file, other := filepath.Join(dir, outputsFile), filepath.Join(dir, "other")
		if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o755), os.WriteFile(other, []byte("other"), 0o600), before(file, other)); err != nil {
			t.Fatal(name, err)
		}
		if err := writeOutputs(dir, map[string]any{"a": "b"}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if info, err := os.Lstat(file); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		for path, want := range map[string]string{file: text, other: "other"} {
			if got, err := os.ReadFile(path); string(got) != want || err != nil {
				t.Errorf("%s: %s holds %q, %v", name, filepath.Base(path), got, err)
			}
		}
	}
}
