package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"escape.build/escape/lang/yamlfile/plangen"
)

// BenchmarkLint is a whole run on many plans, of which nothing or everything is remembered.
func BenchmarkLint(b *testing.B) {
	const plans, lines = 500, 133
	dir := b.TempDir()
	text := []byte(plangen.Plan(lines))
	for i := range plans {
		folder := filepath.Join(dir, fmt.Sprint(i))
		if err := os.Mkdir(folder, 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, defaultPlan), text, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	run := func(b *testing.B, flags ...string) {
		status := Main(context.Background(), Env{
			Args: append([]string{"lint"}, flags...), Stdout: io.Discard, Stderr: io.Discard, Dir: dir,
			Environ: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}, Now: time.Now,
		})
		if status != exitOK {
			b.Fatalf("status %d", status)
		}
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			run(b, "--no-cache")
		}
	})
	b.Run("warm", func(b *testing.B) {
		run(b)
		for b.Loop() {
			run(b)
		}
	})
}
