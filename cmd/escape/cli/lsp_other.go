//go:build !linux

package cli

import "io"

func unread(io.Writer) (bytes int, known bool) { return 0, false }
