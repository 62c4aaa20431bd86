//go:build !unix

package lsp

import "os"

// processAlive reports whether a process lives, as far as the system tells.
func processAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release() // nothing is kept of it
	return true
}
