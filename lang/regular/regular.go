// Package regular reads files of which nobody knows what they are: those that a plan names, or that lie beside one.
package regular

import (
	"bytes"
	"io"
	"io/fs"
	"os"
)

// ReadFile reads a regular file of at most limit bytes. Others are refused with fs.ErrInvalid: pipes and devices, which may give
// nothing for ever or never stop, folders, and larger files. Errors are *fs.PathError.
func ReadFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	refused := &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, refused
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	text.Grow(int(info.Size()) + bytes.MinRead)                          // as a rule it is read at once
	if _, err := text.ReadFrom(io.LimitReader(f, limit+1)); err != nil { // it may grow, and some files of the system have no size
		return nil, err
	}
	if int64(text.Len()) > limit {
		return nil, refused
	}
	return text.Bytes(), nil
}
