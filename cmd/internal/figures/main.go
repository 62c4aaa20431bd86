//go:build unix

// Command figures measures whole processes: what a user waits for. It builds escape, runs each command in turn with the
// floor it is compared with (true, the script by itself, as many programs run bare), interleaved in one run, and prints the
// best and the median of each with the difference to the floor and the quotient. On a busy machine the processor time, which is
// the least of all rounds, tells more than the others.
//
//	go run ./cmd/internal/figures [-only start,lint,deploy,plan,compile,state,editor] [-rounds 40]
package main

import (
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
	only := flag.String("only", "", "groups to measure, with commas between them; all without it")
	rounds := flag.Int("rounds", 0, "how often each command runs; as often as it takes without it")
	folder := flag.String("write", "", "write the measured packages into this folder and measure nothing")
	flag.Parse()
	run := func() error { return measure(os.Stdout, *only, *rounds) }
	if *folder != "" {
		run = func() error { return files(*folder) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

// A group is a number of subjects that are measured in turn.
type group struct {
	name     string
	rounds   int
	subjects []*subject
	before   func() error             // makes it possible to measure them; may be nil
	notes    func() ([]string, error) // what else to say when they have run; may be nil
}

// A subject is a command, or something to do in this process, with the floor it is compared with and the goal for that.
type subject struct {
	name  string
	dir   string
	argv  []string
	bare  func() error // runs in place of argv
	ready func() error // makes it possible to run it again; nil if nothing is needed
	floor *subject     // nil for a floor
	goal  time.Duration
	ratio float64 // instead of goal
	took  []time.Duration
	cpu   time.Duration // the least that all processors together worked, for its children too; 0 if not measured yet
	rss   int64         // KiB, the largest seen
}

func measure(out io.Writer, only string, rounds int) error {
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
	// Another process writes them: the peak memory of this one counts as that of every command it starts.
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if msg, err := exec.Command(self, "-write", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("write packages: %w\n%s", err, msg)
	}
	b := &bench{dir: dir, bin: bin, other: filepath.Join(dir, "actionlint")}
	if err := b.unpack(); err != nil {
		return err
	}
	for _, g := range b.groups() {
		if only != "" && !slices.Contains(strings.Split(only, ","), g.name) {
			continue
		}
		if rounds > 0 {
			g.rounds = rounds
		}
		if err := g.measure(b); err != nil {
			return err
		}
		if err := g.report(out); err != nil {
			return err
		}
	}
	if only == "" || slices.Contains(strings.Split(only, ","), "editor") {
		return b.editor(out, rounds)
	}
	return nil
}

func (g *group) measure(b *bench) error {
	if g.before != nil {
		if err := g.before(); err != nil {
			return err
		}
	}
	for range g.rounds {
		for _, s := range g.subjects {
			if s.ready != nil {
				if err := s.ready(); err != nil {
					return err
				}
			}
			if err := s.measure(b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *subject) measure(b *bench) error {
	before := worked()
	defer func() {
		if now := worked() - before; s.cpu == 0 || now < s.cpu {
			s.cpu = now
		}
	}()
	if s.bare != nil {
		start := time.Now()
		err := s.bare()
		s.took = append(s.took, time.Since(start))
		return err
	}
	cmd := b.command(s.dir, s.argv...)
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

// worked returns how long the processors worked for this process and for those it waited for.
func worked() time.Duration {
	var sum int64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		if syscall.Getrusage(who, &usage) == nil {
			sum += usage.Utime.Nano() + usage.Stime.Nano()
		}
	}
	return time.Duration(sum)
}

func (g *group) report(out io.Writer) error {
	fmt.Fprintf(out, "%s, %d rounds\n", g.name, g.rounds)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "command\tbest\tmedian\tover its floor (best, median)\ttimes\tgoal\tprocessor time\tpeak memory")
	for _, s := range g.subjects {
		slices.Sort(s.took)
	}
	for _, s := range g.subjects {
		best, median := s.typical()
		over, times, goal, cpu, memory := "-", "-", "-", short(s.cpu), "-"
		if s.floor != nil {
			b, m := s.floor.typical()
			over = fmt.Sprintf("%s, %s over %s", short(best-b), short(median-m), s.floor.name)
			cpu += fmt.Sprintf(", %.2f times", float64(s.cpu)/float64(s.floor.cpu))
			times = fmt.Sprintf("%.2f, %.2f", float64(best)/float64(b), float64(median)/float64(m))
		}
		switch {
		case s.ratio > 0:
			goal = fmt.Sprintf("%.1f times", s.ratio)
		case s.goal > 0:
			goal = short(s.goal)
		}
		if s.rss > 0 {
			memory = fmt.Sprintf("%.1f MiB", float64(s.rss)/1024)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.name, short(best), short(median), over, times, goal, cpu, memory)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if g.notes != nil {
		notes, err := g.notes()
		if err != nil {
			return err
		}
		for _, note := range notes {
			fmt.Fprintln(out, note)
		}
	}
	_, err := fmt.Fprintln(out)
	return err
}

// typical returns the best and the median; took is sorted.
func (s *subject) typical() (best, median time.Duration) { return s.took[0], s.took[len(s.took)/2] }

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }
