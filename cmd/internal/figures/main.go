//go:build unix

// Command figures measures whole processes: what a user waits for. It builds escape, runs each command in turn with the
// floor it is compared with (true, or the script by itself), interleaved in one run, and prints the best and the
// median of each with the difference to the floor.
//
//	go run ./cmd/internal/figures [-rounds 40]
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 40, "how often each command runs")
	flag.Parse()
	if err := run(os.Stdout, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

// A subject is one command line with the floor it is compared with and the goal for the difference.
type subject struct {
	name  string
	argv  []string
	dir   string
	floor int // index of the subject it is compared with; -1 for a floor
	goal  time.Duration
	took  []time.Duration
	rss   int64 // KiB, the largest seen
}

func run(out io.Writer, rounds int) error {
	dir, err := os.MkdirTemp("", "escape-figures")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "escape")
	build := exec.Command("go", "build", "-trimpath", "-o", bin, "./cmd/escape")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as README and Makefile build it
	if msg, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build escape: %w\n%s", err, msg)
	}
	if err := files(dir); err != nil {
		return err
	}
	subjects := []subject{
		{name: "true", argv: []string{"true"}, floor: -1},
		{name: "script run bare", argv: []string{"sh", "-c", "./deploy.sh .escape/outputs.json"}, floor: -1},
		{name: "escape version", argv: []string{bin, "version"}, floor: 0, goal: 5 * time.Millisecond},
		{name: "escape validate, 20 lines", argv: []string{bin, "validate"}, floor: 0, goal: 8 * time.Millisecond},
		{name: "escape plan, one package", argv: []string{bin, "plan"}, floor: 0, goal: 8 * time.Millisecond},
		{name: "escape run deploy, one-line script", argv: []string{bin, "run", "deploy"}, floor: 1, goal: 10 * time.Millisecond},
		{name: "the same, beside 10,000 deployments", argv: []string{bin, "run", "deploy", "-s", "large.json"}, floor: 5, goal: 5 * time.Millisecond},
	}
	for i := range subjects {
		subjects[i].dir = filepath.Join(dir, "package")
	}
	for range rounds {
		for i := range subjects {
			if err := subjects[i].measure(); err != nil {
				return err
			}
		}
	}
	return report(out, subjects)
}

// files writes the measured package: a plan of 20 lines and a script of one.
func files(dir string) error {
	plan := `name: demo/figures
version: 1.0.0
description: A package of ordinary size.
license: Apache-2.0
inputs:
- id: region
  description: Where to run.
  default: eu-west
- id: replicas
  type: integer
  default: 3
outputs:
- id: url
  default: $__concat("https://", $this.inputs.region, ".example.org")
metadata:
  owner: platform
includes:
- README.md
provides:
- web
deploy: deploy.sh
`
	pkg := filepath.Join(dir, "package")
	return errors.Join(
		os.MkdirAll(pkg, 0o755),
		os.WriteFile(filepath.Join(pkg, "escape.yml"), []byte(plan), 0o644),
		os.WriteFile(filepath.Join(pkg, "README.md"), []byte("# Figures\n"), 0o644),
		os.WriteFile(filepath.Join(pkg, "deploy.sh"), []byte("#!/bin/sh\ntrue\n"), 0o755),
		largeState(filepath.Join(pkg, "large.json")),
	)
}

// largeState writes a state of 10,000 deployments of ordinary size, bit by bit: the peak memory of this process would count
// as that of every command it starts.
func largeState(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, `{"name": "local-state-project", "environments": {"prod": {"deployments": {`)
	for i := range 10_000 {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, `"team/app-%05d": {"release": "team/app", "stages": {"deploy": {"inputs": {"region": "eu-west"},`+
			`"calculated_inputs": {"region": "eu-west", "replicas": 3}, "calculated_outputs": {"url": "https://%d.example.org/"},`+
			`"version": "1.0.7", "status": {"status": "ok", "updated_at": "2018-11-21T20:47:49Z"}}}}`, i, i)
	}
	fmt.Fprint(w, "}}}}")
	return errors.Join(w.Flush(), f.Close())
}

func (s *subject) measure() error {
	cmd := exec.Command(s.argv[0], s.argv[1:]...)
	cmd.Dir = s.dir
	// A home of its own keeps the user's configuration out of the figures.
	cmd.Env = append(os.Environ(), "HOME="+s.dir, "XDG_CONFIG_HOME="+filepath.Join(s.dir, ".config"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run()
	s.took = append(s.took, time.Since(start))
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(s.argv, " "), err, stderr.String())
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.rss = max(s.rss, usage.Maxrss)
	}
	return nil
}

func report(out io.Writer, subjects []subject) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "command\tbest\tmedian\tover its floor (best, median)\tgoal\tpeak memory")
	for i := range subjects {
		s := &subjects[i]
		slices.Sort(s.took)
		best, median := s.took[0], s.took[len(s.took)/2]
		over, goal := "-", "-"
		if s.floor >= 0 {
			f := subjects[s.floor].took
			over = fmt.Sprintf("%s, %s over %s", short(best-f[0]), short(median-f[len(f)/2]), subjects[s.floor].name)
			goal = short(s.goal)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.1f MiB\n", s.name, short(best), short(median), over, goal, float64(s.rss)/1024)
	}
	return w.Flush()
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }
