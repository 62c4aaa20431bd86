package builtin

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/zclconf/go-cty/cty"
)

func envLookup(c *call) (value, error) {
	if name := c.text(0); name != "$" {
		return cty.NilVal, &ArgError{Value: true, Index: 0, Msg: fmt.Sprintf("Field '%s' was not found in environment.", c.show(0, name))}
	}
	return c.Globals(), nil
}

func timestamp(c *call) (value, error) {
	if c.Environ().Now == nil {
		return cty.NilVal, errors.New("the time is not available here")
	}
	return cty.StringVal(strconv.FormatInt(c.Environ().Now().Unix(), 10)), nil
}

// path returns argument 0 relative to the folder of the environment.
func (c *call) path() string {
	p := c.text(0)
	if p == "" || c.Environ().Dir == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Environ().Dir, p)
}

func readFile(c *call) (value, error) {
	if c.Environ().ReadFile == nil {
		return cty.NilVal, errors.New("files are not available here")
	}
	if c.Environ().Stat != nil {
		if info, err := c.Environ().Stat(c.path()); err == nil && info.Mode().IsRegular() {
			if err := c.Charge(int(info.Size())); err != nil {
				return cty.NilVal, err
			}
		}
	}
	b, err := c.Environ().ReadFile(c.path())
	if err != nil {
		cause := err.Error()
		// People know the path as they wrote it, and a secret one must not show.
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			cause = pe.Op + " " + c.show(0, c.text(0)) + ": " + pe.Err.Error()
		} else if c.hide != nil {
			cause = Masked
		}
		return cty.NilVal, c.failed(0, cause)
	}
	return c.made(string(b))
}

// exists returns the implementation of a test whether a path is there; want says whether a folder, or else something
// that is no folder, counts. A path that cannot be looked at does not exist.
func exists(want func(dir bool) bool) func(*call) (value, error) {
	return func(c *call) (value, error) {
		if c.Environ().Stat == nil {
			return cty.NilVal, errors.New("files are not available here")
		}
		if c.text(0) == "" {
			return cty.False, nil
		}
		info, err := c.Environ().Stat(c.path())
		return boolVal(err == nil && want(info.IsDir())), nil
	}
}
