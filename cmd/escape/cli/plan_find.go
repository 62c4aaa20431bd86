package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const hclPlan = "escape.hcl"

// planNames are what a plan is called in its folder.
var planNames = []string{defaultPlan, "escape.yaml", hclPlan}

// planIn returns the plan of a folder, as a path that begins with dir as it is given; that of escape.yml if there is none.
// Two plans in one folder are an error.
func (a *app) planIn(dir string) (string, error) {
	var found []string
	for _, name := range planNames {
		if info, err := os.Stat(a.env.abs(filepath.Join(dir, name))); err == nil && !info.IsDir() {
			found = append(found, filepath.Join(dir, name))
		}
	}
	switch len(found) {
	case 0:
		return filepath.Join(dir, defaultPlan), nil
	case 1:
		return found[0], nil
	}
	return "", &reported{
		err:    fmt.Errorf("There are several plans here: %s", strings.Join(found, " and ")),
		detail: "  say which one is meant with --plan, or remove the other\n",
	}
}

// planPath returns the plan that a command works on: the one that --plan names, else that of the working directory.
func (a *app) planPath(path string) (string, error) {
	if path != defaultPlan || a.planGiven {
		return path, nil
	}
	return a.planIn("")
}

func (a *app) exists(file string) bool {
	_, err := os.Stat(a.env.abs(file))
	return err == nil
}
