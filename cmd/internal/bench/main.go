// Command bench measures the client as whole processes, next to a program that does nothing, and compares the medians
// with the goals of this project:
//
//	go run ./cmd/internal/bench -escape bin/escape
//
// All programs take turns in every round, so that a busy machine slows down each of them.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

const plan = `# twenty lines
name: bench/small
version: 0.1.@
description: A plan of the usual size.

inputs:
- id: zone
  default: eu-west
- id: replicas
  type: integer
  default: 2

outputs:
- id: url
  default: $this.inputs.zone.concat(".example.com")

includes: [README.md]

deploy:
  inline: echo "$INPUT_zone $INPUT_replicas"
`

// A program is one row of the table. Its goal is a median above that of the first row.
type program struct {
	name string
	argv []string
	goal time.Duration
	took []time.Duration
}

func main() {
	escape := flag.String("escape", "bin/escape", "client to measure")
	rounds := flag.Int("rounds", 200, "how often each program runs")
	strict := flag.Bool("strict", false, "fail if a goal is missed")
	flag.Parse()
	ok, err := measure(*escape, *rounds)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if *strict && !ok {
		os.Exit(1)
	}
}

func measure(escape string, rounds int) (ok bool, err error) {
	if escape, err = filepath.Abs(escape); err != nil {
		return false, err
	}
	nothing, err := exec.LookPath("true")
	if err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "escape-bench")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "escape.yml"), []byte(plan), 0o666),
		os.WriteFile(filepath.Join(dir, "README.md"), nil, 0o666),
	); err != nil {
		return false, err
	}
	programs := []*program{
		{name: "true", argv: []string{nothing}},
		{name: "escape version", argv: []string{escape, "version"}, goal: 5 * time.Millisecond},
		{name: "escape validate", argv: []string{escape, "validate"}, goal: 8 * time.Millisecond},
		{name: "escape plan", argv: []string{escape, "plan"}, goal: 8 * time.Millisecond},
	}
	env := append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir)
	for range rounds {
		for _, p := range programs {
			cmd := exec.Command(p.argv[0], p.argv[1:]...)
			cmd.Dir, cmd.Env = dir, env
			start := time.Now()
			if out, err := cmd.CombinedOutput(); err != nil {
				return false, fmt.Errorf("%s: %w\n%s", p.name, err, out)
			}
			p.took = append(p.took, time.Since(start))
		}
	}
	ok = true
	fmt.Printf("%-18s %10s %10s %14s %8s\n", "program", "best", "median", "above true", "goal")
	var base time.Duration
	for i, p := range programs {
		slices.Sort(p.took)
		median := p.took[len(p.took)/2]
		if i == 0 {
			base = median
		}
		goal := ""
		if p.goal > 0 {
			goal = "≤ " + p.goal.String()
			if median-base > p.goal {
				goal += " missed"
				ok = false
			}
		}
		fmt.Printf("%-18s %10s %10s %14s %8s\n", p.name, round(p.took[0]), round(median), round(median-base), goal)
	}
	return ok, nil
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
