package diag

import (
	"fmt"
	"log/slog"
	"testing"
)

// Bugf reports a broken invariant of our own: it panics under test, and logs and returns in the product.
func Bugf(format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if testing.Testing() {
		panic("bug: " + msg)
	}
	slog.Error("internal error", "detail", msg)
}
