package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"escape.build/escape/cmd/escape/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"escape": main})
}

// TestScript runs the scripts in testdata/script, one per behaviour, named by command and case.
// ESCAPE_UPDATE=1 rewrites the files that "cmp" compares with.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("ESCAPE_UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, ".home")
			env.Setenv("HOME", home)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
			env.Values[serversKey{}] = servers{}
			env.Setenv("GORACE", "atexit_sleep_ms=10") // a second by default, for every command of every script
			env.Values[stateServers{}] = &fakeServer{}
			env.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(env.WorkDir))
			return os.MkdirAll(home, 0o755)
		},
		Cmds:                commands(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// TestEveryCommandHasAScript fails for a command whose name starts no script.
func TestEveryCommandHasAScript(t *testing.T) {
	for _, name := range cli.Commands() {
		pattern := strings.NewReplacer(" ", "_").Replace(name)
		files, err := filepath.Glob(filepath.Join("testdata/script", pattern+"_*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("no script for %q: add testdata/script/%s_<case>.txtar", name, pattern)
		}
	}
}
