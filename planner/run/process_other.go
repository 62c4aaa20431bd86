//go:build !unix

package run

import (
	"context"
	"errors"
	"os"
	"runtime"
)

func executable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.IsDir()
}

// RunProcess is the Exec that starts real processes.
func RunProcess(context.Context, *Command) error {
	return errors.New("running scripts is not supported on " + runtime.GOOS)
}
