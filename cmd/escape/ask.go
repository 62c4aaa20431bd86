package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/term"
)

// readPassword reads a line from the terminal without showing it. A signal that ends the process meanwhile leaves the
// terminal as it was, so that the user sees again what is typed.
func readPassword() (string, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(ended)
	done := make(chan struct{})
	defer close(done)
	go func() { // ends with this function, or ends the process
		select {
		case s := <-ended:
			_ = term.Restore(fd, before)
			status := 1
			if n, ok := s.(syscall.Signal); ok {
				status = 128 + int(n)
			}
			os.Exit(status)
		case <-done:
		}
	}()
	password, err := term.ReadPassword(fd)
	return string(password), err
}

// browse shows a URL in the user's browser.
func browse(url string) error {
	var cmd *exec.Cmd
	switch runtime.GOOS {
	case "linux", "freebsd", "netbsd", "openbsd":
		cmd = exec.Command("xdg-open", url)
	case "darwin":
		cmd = exec.Command("open", url)
	case "windows":
		cmd = exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	default:
		return fmt.Errorf("Unsupported platform. Please login manually at %s", url)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // it is of no interest when and how it ends
	return nil
}
