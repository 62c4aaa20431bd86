package run_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

// dead reports, without waiting, whether a process does nothing any more.
func dead(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}

// A script outlives its Escape; the next run ends all of it before it starts anything.
func TestNextRunEndsTheOldScript(t *testing.T) {
	for _, c := range []struct {
		name, script string // says of which processes it consists
		grace        time.Duration
		leads        bool // its first process ends before the next run
	}{
		{"willing", `exec 2> /dev/null; trap 'echo > cleaned; exit 1' TERM; echo $$; while :; do read x < forever; done`, time.Minute, false},
		{"with children", `sh -c 'read x < forever' & echo $$ $!; read x < forever`, time.Minute, false},
		{"stubborn", `trap '' TERM; sh -c 'trap "" TERM; while :; do read x < forever; done' & echo $$ $!; while :; do read x < forever; done`, time.Millisecond, false},
		{"stopped", `trap 'echo > cleaned; exit 1' TERM; echo $$; kill -STOP $$`, time.Minute, false},
		{"without its leader", `sh -c 'read x < forever' & echo $$ $!; read x < more`, time.Minute, true},
		{"ends late", `sh -c 'trap "read x < more; exit" TERM; echo $$; while :; do read x < forever; done' & wait`, time.Millisecond, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			fifo(t, dir, "forever")
			more := fifo(t, dir, "more")
			pids := strings.Fields(kill(t, dir, c.script))
			if c.leads {
				if err := os.WriteFile(more, []byte("\n"), 0); err != nil || !gone(pids[0]) {
					t.Fatalf("the leader does not end: %v", err)
				}
				pids = pids[1:]
			}
			store, session := after(t, dir)
			left := run.Leftovers(session.Runs())
			if len(left) != 1 || left[0].Step != "deploy" || left[0].Node != "dev/demo/app#deploy" || left[0].Since.IsZero() {
				t.Fatalf("left behind: %+v", left)
			}
			for _, pid := range pids {
				if dead(pid) {
					t.Errorf("process %s was ended by looking", pid)
				}
			}
			m := release.New()
			m.Project, m.Name, m.Version = "demo", "app", "1.0"
			m.Stages["deploy"] = &release.Stage{Inline: "true"}
			g, _ := planner.Build(planner.Request{Environment: "dev"}, tree(m), planner.View(session.State(), "dev"))
			var warnings []string
			s := &tape{Session: session}
			_, err := run.Run(t.Context(), g, tree(m), run.Options{Session: s, Dir: dir, Environ: os.Environ(), Grace: c.grace, Events: func(e run.Event) {
				switch {
				case e.Kind == run.Started:
					for _, pid := range pids {
						if !dead(pid) {
							t.Errorf("process %s is alive when the next run starts", pid)
						}
					}
				case e.Key == "warning":
					warnings = append(warnings, e.Values["warning"])
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("the script of step %q of %s is still running (process group %d, since ", "deploy", "dev/demo/app#deploy", left[0].Process.ID)
			if len(warnings) != 1 || !strings.HasPrefix(warnings[0], want) || !strings.HasSuffix(warnings[0], "; it is ended now") {
				t.Errorf("warnings: %q", warnings)
			}
			if strings.Contains(c.script, "cleaned") {
				if _, err := os.Stat(filepath.Join(dir, "cleaned")); err != nil {
					t.Errorf("the script could not clean up: %v", err)
				}
			}
			if got := s.String(); !strings.Contains(got, "started deploy/2;") {
				t.Errorf("the second attempt is not counted:\n%s", got)
			}
			if err := session.Close(); err != nil {
				t.Error(err)
			}
			view, err := store.View(t.Context())
			if err != nil || len(view.Runs) != 0 || len(view.Interrupted) != 0 {
				t.Errorf("after all: %+v %+v %v", view.Runs, view.Interrupted, err)
			}
		})
	}
}

// The second of two runs that were killed is attempt 2, the next one 3; a run of something else keeps what is known.
func TestAttemptsAreCounted(t *testing.T) {
	dir := t.TempDir()
	fifo(t, dir, "forever")
	script := "echo ready; read x < forever"
	kill(t, dir, script)
	kill(t, dir, script)
	for _, c := range []struct{ deployment, want string }{
		{"other", "started deploy/1;"}, {"", "started deploy/3;"}, {"", "started deploy/1;"},
	} {
		_, session := after(t, dir)
		m := release.New()
		m.Project, m.Name, m.Version = "demo", "app", "1.0"
		m.Stages["deploy"] = &release.Stage{Inline: "true"}
		g, _ := planner.Build(planner.Request{Environment: "dev", Deployment: c.deployment, Always: true, Targets: []planner.Target{{Action: planner.ActionDeploy}}},
			tree(m), planner.View(session.State(), "dev"))
		s := &tape{Session: session}
		if _, err := run.Run(t.Context(), g, tree(m), run.Options{Session: s, Dir: dir, Environ: os.Environ()}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(s.String(), c.want) {
			t.Errorf("want %s in\n%s", c.want, s)
		}
		if len(run.Leftovers(session.Runs())) > 0 {
			t.Error("something is left")
		}
		if err := session.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Nothing is ended that is not surely the script.
func TestOnlyTheScriptIsEnded(t *testing.T) {
	dir := t.TempDir()
	ready, _ := fifo(t, dir, "ready"), fifo(t, dir, "forever")
	cmd := exec.Command("sh", "-c", "echo > ready; read x < forever")
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, ready)
	defer cmd.Wait()
	defer cmd.Process.Kill()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	here := state.ThisProcess()
	p := here
	p.ID, p.Started = cmd.Process.Pid, strings.Fields(string(stat))[21]
	found := func(p state.Process, more ...state.Event) int {
		events := append([]state.Event{{Kind: state.NodeStarted, Node: "n", Step: "deploy"}, {Kind: state.NodeProcess, Node: "n", Step: "deploy", Process: p}}, more...)
		return len(run.Leftovers([]state.RunLog{{Run: "r", Events: events}}))
	}
	if found(p) != 1 {
		t.Fatal("the script is not found")
	}
	for name, change := range map[string]func(*state.Process){
		"started before": func(p *state.Process) { p.Started = "1" },
		"start unknown":  func(p *state.Process) { p.Started = "" },
		"another boot":   func(p *state.Process) { p.Boot = "other" },
		"a container":    func(p *state.Process) { p.Namespace = "other" },
		"no process":     func(p *state.Process) { p.ID = 0 },
		"init":           func(p *state.Process) { p.ID = 1 },
		"itself":         func(p *state.Process) { p.ID, p.Started = here.ID, "1" },
	} {
		other := p
		if change(&other); found(other) != 0 {
			t.Errorf("%s: found", name)
		}
	}
	if found(p, state.Event{Kind: state.NodeFinished, Node: "n", Step: "deploy"}) != 0 {
		t.Error("found after its end was recorded")
	}
	if found(p, state.Event{Kind: state.NodeFinished, Node: "other", Step: "deploy"}) != 1 {
		t.Error("the end of another node counts")
	}
}
