package regular_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"escape.build/escape/lang/regular"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		path, want string
		err        error
	}{
		{write("empty", ""), "", nil},
		{write("fits", "12345678"), "12345678", nil},
		{write("larger", "123456789"), "", fs.ErrInvalid},
		{dir, "", fs.ErrInvalid},
		{os.DevNull, "", fs.ErrInvalid},
		{filepath.Join(dir, "missing"), "", fs.ErrNotExist},
	} {
		got, err := regular.ReadFile(c.path, 8)
		if string(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s gives %q, %v; want %q, %v", c.path, got, err, c.want, c.err)
		}
		if path := (*fs.PathError)(nil); err != nil && (!errors.As(err, &path) || path.Path != c.path) {
			t.Errorf("%s: the error %v does not name it", c.path, err)
		}
	}
}
