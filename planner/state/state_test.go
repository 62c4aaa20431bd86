package state

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exampleOfChapter is the document of chapter 30, section 1.2, byte for byte.
const exampleOfChapter = `{
   "name": "local-state-project",
   "environments": {
      "dev": {
         "name": "dev",
         "deployments": {
            "_/my-app": {
               "name": "_/my-app",
               "release": "_/my-app",
               "stages": {
                  "deploy": {
                     "inputs": {
                        "i": "7"
                     },
                     "calculated_inputs": {
                        "METADATA_author": "me",
                        "i": 7
                     },
                     "calculated_outputs": {
                        "out": "val"
                     },
                     "version": "0.0.0",
                     "status": {
                        "status": "ok",
                        "updated_at": "2018-11-21T20:47:49.43356759Z"
                     }
                  }
               }
            }
         }
      }
   }
}`

var epoch = time.Date(2018, 11, 21, 20, 47, 49, 433567590, time.UTC)

func mustDecode(t testing.TB, doc string) *State {
	t.Helper()
	s, err := Decode([]byte(doc), epoch)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDocumentOfTheOriginalStaysAsItIs(t *testing.T) {
	s := mustDecode(t, exampleOfChapter)
	got, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exampleOfChapter, string(got)); diff != "" {
		t.Errorf("copied: %s", diff)
	}
	// Once more, but encoded anew instead of copied.
	d, ok := s.Environment("dev").Deployment("_/my-app")
	if !ok {
		t.Fatal("deployment missing")
	}
	if err := s.Apply(PutDeployment{Address{"dev", Path{"_/my-app"}, ""}, d}); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Encode(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exampleOfChapter, string(got)); diff != "" {
		t.Errorf("encoded: %s", diff)
	}
	want := &Deployment{Name: "_/my-app", Release: "_/my-app", Stages: map[StageName]*Stage{DeployStage: {
		Inputs:            map[string]any{"i": "7"},
		CalculatedInputs:  map[string]any{"METADATA_author": "me", "i": int64(7)},
		CalculatedOutputs: map[string]any{"out": "val"},
		Version:           "0.0.0",
		Status:            Status{Code: OK, UpdatedAt: epoch},
	}}}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("decoded: %s", diff)
	}
}

func TestSessionFoldsIntoTheDocument(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "escape_state.json")
	store, err := OpenFile(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	session, err := store.Lock(ctx, Request{Operation: "test"})
	if err != nil {
		t.Fatal(err)
	}
	at := Address{"dev", Path{"a/b"}, ""}
	if err := session.Commit(ctx, Batch{Changes: []Change{
		PutStage{at, DeployStage, "a/b", &Stage{Version: "1.0", Status: Status{Code: OK, UpdatedAt: epoch}}},
	}}); err != nil {
		t.Fatal(err)
	}
	view, err := store.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if st, ok := view.State.Stage(at, DeployStage); !ok || st.Version != "1.0" || view.Lease == nil {
		t.Errorf("view during the session: %+v, lease %v", st, view.Lease)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("files left: %v, %v", entries, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := mustDecode(t, string(data)); s.Serial() != 1 || s.Lineage() == "" {
		t.Errorf("serial %d, lineage %q", s.Serial(), s.Lineage())
	}
}
