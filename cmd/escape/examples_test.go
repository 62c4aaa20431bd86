package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestExamplesAreClean validates every plan of the examples: none may have a finding, not even advice.
func TestExamplesAreClean(t *testing.T) {
	var plans []string
	err := filepath.WalkDir("../../testdata/examples", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".escape" || d.Name() == "deps"):
			return fs.SkipDir // what somebody who tried an example left behind
		case d.Name() == "escape.yml":
			plans = append(plans, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(plans) < 10 {
		t.Fatalf("found %d plans only: %v", len(plans), plans)
	}
	for _, plan := range plans {
		t.Run(plan, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			// The test binary is the client too, see TestMain.
			client := exec.Command("escape", "validate", filepath.Base(plan))
			client.Dir = filepath.Dir(plan)
			client.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, ".config"))
			out, err := client.CombinedOutput()
			if err != nil || string(out) != "1 plan: no findings\n" {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
