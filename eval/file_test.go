package eval_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"escape.build/escape/eval"
)

// ReadFile reads what is a file, whatever its size seems to be, and refuses what may never end.
func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, eval.MaxFile+1); err != nil {
		t.Fatal(err)
	}
	if data, err := eval.ReadFile(file); string(data) != "text" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	for name, want := range map[string]string{
		os.DevNull: "open " + os.DevNull + ": not a regular file", large: "read " + large + ": larger than 64 MB", dir: "read " + dir + ": ",
		filepath.Join(dir, "none"): "open " + filepath.Join(dir, "none") + ": ",
	} {
		_, err := eval.ReadFile(name)
		var pe *fs.PathError
		if !errors.As(err, &pe) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if _, err := eval.ReadFile(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
