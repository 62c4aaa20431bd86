package state_test

import (
	"path/filepath"
	"testing"

	"escape.build/escape/planner/state"
	"escape.build/escape/planner/state/statetest"
)

func TestFileStore(t *testing.T) {
	statetest.Run(t, func(t *testing.T) func() state.Store {
		path := filepath.Join(t.TempDir(), "escape_state.json")
		return func() state.Store {
			s, err := state.OpenFile(path, state.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}
