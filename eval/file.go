package eval

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// MaxFile is how large a file may be that is read into memory as a whole.
const MaxFile = DefaultSize

// ReadFile reads a file that a plan or a script named. Unlike os.ReadFile it always ends: pipes and devices are refused,
// which may give nothing for ever or never stop, and so are files larger than MaxFile. Errors are *fs.PathError.
func ReadFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.Unwrap(err)}
	}
	if !info.Mode().IsRegular() && !info.IsDir() { // reading a folder says what it is
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1)) // it may grow, and some files of the system have no size
	if err == nil && len(data) > MaxFile {
		err = &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("larger than %d MB", MaxFile>>20)}
	}
	return data, err
}
