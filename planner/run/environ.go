package run

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"escape.build/escape/lang/types"
)

// BinDir is the folder below the application configuration directory that stands first in the PATH of scripts.
const BinDir = ".bin"

// An environ makes the environment of scripts.
type environ struct {
	// base is what scripts inherit: without INPUT_* and OUTPUT_*, which belong to whatever run started this one.
	base []string
	// path is the PATH of Escape itself, which is where programs are looked up.
	path string
}

// newEnviron prepares the environment of a run. The folder <configDir>/.bin is put in front of the PATH if there is one.
func newEnviron(inherited []string, configDir string) environ {
	var e environ
	seen := map[string]bool{"ESCAPE_PLATFORM": true, "ESCAPE_ARCH": true, "PYTHONUNBUFFERED": true}
	for _, entry := range slices.Backward(inherited) { // the last of equal names counts
		name, value, ok := strings.Cut(entry, "=")
		if !ok || seen[name] || strings.HasPrefix(name, "INPUT_") || strings.HasPrefix(name, "OUTPUT_") {
			continue
		}
		seen[name] = true
		if name == "PATH" {
			e.path = value
			if configDir != "" {
				entry = "PATH=" + filepath.Join(configDir, BinDir) + string(os.PathListSeparator) + value
			}
		}
		e.base = append(e.base, entry)
	}
	slices.Reverse(e.base)
	e.base = append(e.base, "ESCAPE_PLATFORM="+runtime.GOOS, "ESCAPE_ARCH="+runtime.GOARCH, "PYTHONUNBUFFERED=1")
	return e
}

// with returns the environment of one script. inputs and outputs are added in order of their names.
func (e environ) with(inputs, outputs map[string]any) ([]string, error) {
	env := slices.Clip(e.base)
	for _, part := range []struct {
		prefix string
		values map[string]any
	}{{"INPUT_", inputs}, {"OUTPUT_", outputs}} {
		for _, key := range sortedKeys(part.values) {
			text, err := types.ToText(part.values[key])
			if err != nil {
				return nil, fmt.Errorf("%w (key: '%s')", err, key)
			}
			if strings.ContainsRune(text, 0) || strings.ContainsAny(key, "\x00=") {
				return nil, fmt.Errorf("%s%s cannot be passed to scripts: it holds a null character", part.prefix, key)
			}
			env = append(env, part.prefix+key+"="+text)
		}
	}
	return env, nil
}
