//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A bench is the place where everything is measured.
type bench struct{ dir, bin, other string }

// command returns a command with a home of its own, which keeps the user's configuration out of the figures.
func (b *bench) command(dir string, argv ...string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+b.dir, "XDG_CONFIG_HOME="+configHome(b.dir), "XDG_CACHE_HOME="+cacheHome(b.dir))
	return cmd
}

func (b *bench) escape(name, dir string, args ...string) *subject {
	return &subject{name: name, dir: filepath.Join(b.dir, dir), argv: append([]string{b.bin}, args...)}
}

// over sets what a subject is compared with, and the goal for the difference.
func (s *subject) over(floor *subject, goal time.Duration) *subject {
	s.floor, s.goal = floor, goal
	return s
}

// times sets what a subject is compared with, and the goal for the quotient.
func (s *subject) times(floor *subject, ratio float64) *subject {
	s.floor, s.ratio = floor, ratio
	return s
}

// without makes files and folders go before each run.
func (s *subject) without(names ...string) *subject {
	s.ready = func() error {
		for _, name := range names {
			if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}

// unpack fetches what the packages depend on.
func (b *bench) unpack() error {
	for _, shape := range shapes {
		for _, n := range sizes {
			cmd := b.command(filepath.Join(b.dir, packageOf(shape, n)), b.bin, "deps", "fetch")
			if msg, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("fetch the dependencies of %s: %w\n%s", packageOf(shape, n), err, msg)
			}
		}
	}
	return nil
}

func (b *bench) groups() []*group {
	groups := []*group{b.start(), b.lint()}
	for i, n := range sizes {
		groups = append(groups, b.deploy(n, 20>>(2*i)+3))
	}
	for i, n := range sizes {
		groups = append(groups, b.plan(n, 20>>i))
	}
	return append(groups, b.compile(), b.state())
}

// start measures what one command costs.
func (b *bench) start() *group {
	program := &subject{name: "true", dir: b.dir, argv: []string{"true"}}
	script := &subject{name: "script run bare", dir: filepath.Join(b.dir, "package"), argv: []string{"sh", "-c", "./deploy.sh .escape/outputs.json"}}
	return &group{name: "start", rounds: 40, subjects: []*subject{
		program, script,
		b.escape("escape version", "package", "version").over(program, 5*time.Millisecond),
		b.escape("escape validate, 20 lines", "package", "validate").over(program, 8*time.Millisecond),
		b.escape("escape plan, one package", "package", "plan").over(program, 8*time.Millisecond),
		b.escape("escape run deploy, one-line script", "package", "run", "deploy").over(script, 10*time.Millisecond),
	}}
}

// stateFile is where states are unless a flag says something else.
const stateFile = "escape_state.json"

// deploy measures the first deployment of n dependencies whose scripts do nothing.
func (b *bench) deploy(n, rounds int) *group {
	programs := func(workers int) *subject {
		return &subject{name: fmt.Sprintf("%d programs, %d at a time", n, workers), bare: func() error { return programs(n, workers) }}
	}
	one, two := programs(1), programs(2)
	dir := packageOf("fan", n)
	apply := func(workers string) *subject {
		return b.escape(fmt.Sprintf("escape apply, %d dependencies, %s at a time", n, workers), dir, "apply", "--yes", "--summary", "--parallelism", workers).
			without(stateFile)
	}
	return &group{name: "deploy", rounds: rounds, subjects: []*subject{
		one, two,
		b.escape(fmt.Sprintf("escape run deploy, %d dependencies", n), dir, "run", "deploy").without(stateFile).times(one, 1.5),
		apply("1").times(one, 1.5),
		apply("2").times(two, 1.5),
	}}
}

// programs runs true n times, with so many at a time.
func programs(n, workers int) error {
	var wait sync.WaitGroup
	failed := make([]error, workers)
	for w := range workers {
		wait.Go(func() {
			for i := w; i < n && failed[w] == nil; i += workers {
				failed[w] = exec.Command("true").Run()
			}
		})
	}
	wait.Wait()
	return errors.Join(failed...)
}

// plan measures graphs of n dependencies, before and after they were deployed.
func (b *bench) plan(n, rounds int) *group {
	version := b.escape("escape version", "package", "version")
	g := &group{name: "plan", rounds: rounds, subjects: []*subject{version}}
	for _, shape := range shapes {
		dir := packageOf(shape, n)
		first := b.escape(fmt.Sprintf("first escape plan, %s of %d", shape, n), dir, "plan", "--summary", "-s", "none.json")
		second := b.escape(fmt.Sprintf("no-op escape plan, %s of %d", shape, n), dir, "plan", "--summary", "--detailed-exitcode", "--step", "deploy", "-s", "deployed.json")
		second.ready = b.deployed(second.dir)
		g.subjects = append(g.subjects, first.over(version, 150*time.Millisecond), second.over(version, 150*time.Millisecond))
	}
	return g
}

// deployed returns what makes sure that a package is deployed.
func (b *bench) deployed(dir string) func() error {
	return func() error {
		if _, err := os.Stat(filepath.Join(dir, "deployed.json")); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		msg, err := b.command(dir, b.bin, "apply", "--yes", "--step", "deploy", "-s", "deployed.json").CombinedOutput()
		if err != nil {
			return fmt.Errorf("deploy: %w\n%s", err, msg)
		}
		return nil
	}
}

// compile measures how long it takes to compile a plan with a thousand dependencies, and to unpack them.
func (b *bench) compile() *group {
	version := b.escape("escape version", "package", "version")
	g := &group{name: "compile", rounds: 4, subjects: []*subject{version}}
	n := sizes[len(sizes)-1]
	for _, shape := range []string{"fan", "nested"} {
		dir := packageOf(shape, n)
		g.subjects = append(g.subjects,
			b.escape(fmt.Sprintf("escape plan preview, %s of %d in the cache", shape, n), dir, "plan", "preview").without("deps").over(version, 0),
			b.escape(fmt.Sprintf("escape plan preview, %s of %d unpacked", shape, n), dir, "plan", "preview").over(version, 150*time.Millisecond))
	}
	return g
}

// state measures what a large state costs one deployment, and how large it is.
func (b *bench) state() *group {
	empty := b.escape("escape run deploy, empty state", "package", "run", "deploy").without(stateFile)
	g := &group{name: "state", rounds: 15, subjects: []*subject{empty}}
	for _, n := range []int{100, 1_000, 10_000} {
		g.subjects = append(g.subjects, b.escape(fmt.Sprintf("the same, beside %d deployments", n), "package", "run", "deploy", "-s", largeState(n)).times(empty, 1.5))
	}
	g.notes = func() ([]string, error) {
		var notes []string
		n := sizes[len(sizes)-1]
		for _, shape := range shapes {
			dir := filepath.Join(b.dir, packageOf(shape, n))
			if err := b.deployed(dir)(); err != nil {
				return nil, err
			}
			data, err := os.ReadFile(filepath.Join(dir, "deployed.json"))
			if err != nil {
				return nil, err
			}
			values := 0
			var doc any
			if err := json.Unmarshal(data, &doc); err != nil {
				return nil, err
			}
			deployments := count(doc, &values)
			notes = append(notes, fmt.Sprintf("state of a %s of %d: %d bytes for each of %d deployments, of which %d are values",
				shape, n, len(data)/deployments, deployments, values/deployments))
		}
		return notes, nil
	}
	return g
}

// count returns the number of deployments in a document, and adds to values the size of what they were given and put out.
func count(node any, values *int) (deployments int) {
	m, ok := node.(map[string]any)
	if !ok {
		return 0
	}
	for key, v := range m {
		switch sub, _ := v.(map[string]any); {
		case key == "inputs" || strings.HasPrefix(key, "calculated_"):
			text, _ := json.Marshal(v) // it was read from JSON
			*values += len(text)
		case key == "deployments":
			deployments += len(sub)
			fallthrough
		default:
			deployments += count(v, values)
		}
	}
	return deployments
}
