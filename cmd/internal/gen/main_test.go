package main

import (
	"os"
	"testing"
)

// TestFresh fails if a page does not say what its table says. ESCAPE_UPDATE=1 writes the pages.
func TestFresh(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := generate(root, os.Getenv("ESCAPE_UPDATE") == ""); err != nil {
		t.Error(err)
	}
}
