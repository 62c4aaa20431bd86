//go:build !unix

package main

import "os"

// output returns a stream of the process in a form that may be written to when nobody reads any more.
func output(f *os.File) *os.File { return f }
