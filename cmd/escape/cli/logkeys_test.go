package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/planner"
)

// TestLogKeys: everything that a run logs has a text.
func TestLogKeys(t *testing.T) {
	for _, a := range planner.Actions() {
		for _, key := range []string{a.Start, a.Finished} {
			if !logs.Known(key) {
				t.Errorf("action %s logs %q, which has no text", a.Name, key)
			}
		}
	}
	files, err := filepath.Glob("../../../planner/run/*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`(?:\.log\(|Key: )"([^"]+)"[,)]`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllSubmatch(text, -1) {
			found++
			if key := string(m[1]); !logs.Known(key) {
				t.Errorf("%s logs %q, which has no text", file, key)
			}
		}
	}
	if found == 0 {
		t.Error("no calls found: has the way planner/run logs changed?")
	}
}
