//go:build unix

package state_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"escape.build/escape/planner/state"
)

// TestMain lets the test binary play other processes.
func TestMain(m *testing.M) {
	switch role := os.Getenv("ESCAPE_STATE_TEST_ROLE"); role {
	case "":
		os.Exit(m.Run())
	case "save", "record", "pause":
		if err := play(role, os.Getenv("ESCAPE_STATE_TEST_PATH"), os.Getenv("ESCAPE_STATE_TEST_ARG")); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

const shortLease = time.Second

func deploymentOf(n string) state.Change {
	return state.PutStatus{Address: state.Address{Environment: "dev", Path: state.Path{"d" + n}}, Stage: state.DeployStage,
		Status: state.Status{Code: state.OK, UpdatedAt: time.Unix(1, 0).UTC()}}
}

func play(role, path, arg string) error {
	ctx := context.Background()
	o := state.Options{}
	if role == "pause" {
		o.TTL = shortLease
	}
	store, err := state.OpenFile(path, o)
	if err != nil {
		return err
	}
	switch role {
	case "save":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		for {
			session, err := store.Lock(ctx, state.Request{Operation: "save"})
			if err != nil {
				return err
			}
			for range 1 + n%7 {
				if err := session.Commit(ctx, state.Batch{Changes: []state.Change{deploymentOf(strconv.Itoa(n))}, Sync: n%3 == 0}); err != nil {
					return err
				}
				fmt.Println(n)
				n++
			}
			if err := session.Close(); err != nil {
				return err
			}
		}
	case "record": // so many deployments "PROCESS-NUMBER", each under a lock of its own
		process, count, _ := strings.Cut(arg, " ")
		n, err := strconv.Atoi(count)
		if err != nil {
			return err
		}
		for i := range n {
			session, err := store.Lock(ctx, state.Request{Operation: "record", Wait: true})
			if err != nil {
				return err
			}
			if err := session.Commit(ctx, state.Batch{Changes: []state.Change{deploymentOf(fmt.Sprintf("%s-%d", process, i))}}); err != nil {
				return err
			}
			if err := session.Close(); err != nil {
				return err
			}
		}
		return nil
	default:
		session, err := store.Lock(ctx, state.Request{Operation: "pause"})
		if err != nil {
			return err
		}
		if err := session.Commit(ctx, state.Batch{Changes: []state.Change{deploymentOf("first")}}); err != nil {
			return err
		}
		fmt.Println("locked")
		if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
			return err
		}
		err = session.Commit(ctx, state.Batch{Changes: []state.Change{deploymentOf("stale")}})
		fmt.Println("fenced", errors.Is(err, state.ErrFenced))
		<-session.Lost()
		fmt.Println("fenced", errors.Is(session.Close(), state.ErrFenced))
		return nil
	}
}

func helper(t *testing.T, role, path, arg string) (*exec.Cmd, io.WriteCloser, *bufio.Scanner) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "ESCAPE_STATE_TEST_ROLE="+role, "ESCAPE_STATE_TEST_PATH="+path, "ESCAPE_STATE_TEST_ARG="+arg)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, in, bufio.NewScanner(out)
}

// TestKilledProcessLosesNothing kills a process at random moments of saving. Everything it was told is recorded is there,
// the document is valid, and the lease can be taken at once.
func TestKilledProcessLosesNothing(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 20
	}
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "escape_state.json")
	store, err := state.OpenFile(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	acknowledged, inJournal, halfLines := 0, 0, 0
	for kill := range kills {
		cmd, _, out := helper(t, "save", path, strconv.Itoa(acknowledged))
		for range random.IntN(40) {
			if !out.Scan() {
				break
			}
		}
		// A moment shorter than a commit, and never the same.
		for range random.IntN(20_000) {
			random.Uint64()
		}
		last := out.Text()
		cmd.Process.Kill()
		for out.Scan() {
			last = out.Text()
		}
		cmd.Wait()
		if strings.HasPrefix(last, "error") {
			t.Fatalf("kill %d (seed %d): %s", kill, seed, last)
		}
		if n, err := strconv.Atoi(last); err == nil {
			acknowledged = max(acknowledged, n+1)
		}
		if data, err := os.ReadFile(path); err == nil && !json.Valid(data) {
			t.Fatalf("kill %d (seed %d): the document is no JSON", kill, seed)
		}
		view, err := store.View(ctx)
		if err != nil {
			t.Fatalf("kill %d (seed %d): %v", kill, seed, err)
		}
		if view.Lease != nil {
			t.Fatalf("kill %d (seed %d): the lease of the dead process counts: %+v", kill, seed, view.Lease)
		}
		inJournal += view.Recovered.Commits
		if view.Recovered.Torn > 0 {
			halfLines++
		}
		env := view.State.Environment("dev")
		for i := range acknowledged {
			if _, ok := env.Deployment("d" + strconv.Itoa(i)); !ok {
				t.Fatalf("kill %d (seed %d): commit %d of %d is lost", kill, seed, i, acknowledged)
			}
		}
		session, err := store.Lock(ctx, state.Request{})
		if err != nil {
			t.Fatalf("kill %d (seed %d): %v", kill, seed, err)
		}
		if n := len(session.State().Environment("dev").Names()); n < acknowledged || n > acknowledged+1 {
			t.Fatalf("kill %d (seed %d): %d commits found, %d acknowledged", kill, seed, n, acknowledged)
		} else {
			acknowledged = n
		}
		if err := session.Close(); err != nil {
			t.Fatalf("kill %d (seed %d): %v", kill, seed, err)
		}
	}
	t.Logf("%d kills, %d commits, of which %d were found in a journal; %d torn records", kills, acknowledged, inJournal, halfLines)
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("files left behind: %v", entries)
	}
}

// TestProcessesAtOnce lets processes record deployments at the same time: twenty one each, and two hundreds of them.
func TestProcessesAtOnce(t *testing.T) {
	for _, c := range []struct{ processes, each int }{{20, 1}, {2, 200}} {
		t.Run(fmt.Sprintf("%d times %d", c.processes, c.each), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "escape_state.json")
			var all []*exec.Cmd
			var outs []*bufio.Scanner
			for i := range c.processes {
				cmd, _, out := helper(t, "record", path, fmt.Sprintf("%d %d", i, c.each))
				all, outs = append(all, cmd), append(outs, out)
			}
			for i, cmd := range all {
				for outs[i].Scan() {
					t.Errorf("process %d: %s", i, outs[i].Text())
				}
				if err := cmd.Wait(); err != nil {
					t.Errorf("process %d: %v", i, err)
				}
			}
			store, err := state.OpenFile(path, state.Options{})
			if err != nil {
				t.Fatal(err)
			}
			view, err := store.View(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if n := len(view.State.Environment("dev").Names()); n != c.processes*c.each {
				t.Errorf("%d of %d deployments are recorded", n, c.processes*c.each)
			}
		})
	}
}

// TestStoppedHolderIsFenced stops a holder until its lease is over and another one took it: it must not record anything
// when it goes on.
func TestStoppedHolderIsFenced(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "escape_state.json")
	cmd, in, out := helper(t, "pause", path, "")
	if !out.Scan() || out.Text() != "locked" {
		t.Fatalf("helper: %q", out.Text())
	}
	store, err := state.OpenFile(path, state.Options{TTL: shortLease})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Lock(ctx, state.Request{}); !errors.Is(err, state.ErrLocked) {
		t.Fatalf("while the holder is at work: %v", err)
	}
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	session, err := store.Lock(ctx, state.Request{Wait: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Commit(ctx, state.Batch{Changes: []state.Change{deploymentOf("second")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "go on\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"fenced true", "fenced true"} {
		if out.Scan(); out.Text() != want {
			t.Errorf("the stale holder says %q, want %q", out.Text(), want)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if err := session.Commit(ctx, state.Batch{Changes: []state.Change{deploymentOf("third")}}); err != nil {
		t.Fatal(err)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	view, err := store.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if names := strings.Join(view.State.Environment("dev").Names(), " "); names != "dfirst dsecond dthird" {
		t.Errorf("recorded: %s", names)
	}
}
