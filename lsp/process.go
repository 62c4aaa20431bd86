package lsp

import (
	"context"
	"os"
	"time"
)

// processTime is how often the server looks whether the process that started it lives.
const processTime = time.Second

// watchProcess ends the session when a process does.
func (s *server) watchProcess(pid int) {
	parent := os.Getppid()
	s.background(func(ctx context.Context) {
		tick := time.NewTicker(processTime)
		defer tick.Stop()
		for {
			// A parent that has ended may be there still, until somebody asks how it did.
			if !processAlive(pid) || pid == parent && os.Getppid() != parent {
				s.log.Warn("the process of the editor has ended", "pid", pid)
				s.exit(false)
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}
