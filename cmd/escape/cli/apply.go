package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/planner"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
)

func (a *app) newApply() *cobra.Command {
	f := &graphFlags{}
	var yes, asJSON bool
	var workers int
	cmd := &cobra.Command{
		Use:   "apply [RELEASE]",
		Short: "Show what has to be done for the plan or a release, ask, and do it.",
		Long: `Show what has to be done for the plan or a release, ask, and do it.

What is up to date does not run. Every start and finish is recorded at once, so that after a crash the same command goes
on where it stopped. Ctrl-C lets what is running come to its end and starts nothing more; a second one ends it, a third
one kills it. Without a terminal to ask on, --yes is needed.`,
		Example: "  escape apply\n  escape apply -e prod -v size=large --yes\n  escape apply demo/app-latest -e prod\n  escape apply --destroy",
		Args:    oneRelease,
	}
	f.add(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "Do not ask")
	cmd.Flags().BoolVar(&yes, "auto-approve", false, "The same as --yes")
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the graph, every event and the result as JSON lines")
	cmd.Flags().IntVar(&workers, "parallelism", 10, "How many actions may run at the same time; 1 runs them in the order of 'escape run'")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		targets, err := f.targets(cmd)
		if err != nil {
			return err
		}
		if workers < 1 {
			return &usageError{cmd, fmt.Sprintf("--parallelism cannot be %d; it is a number from 1", workers)}
		}
		w, err := a.newWorkOn(cmd, &f.workFlags, true, args)
		if err != nil {
			return err
		}
		p := &apply{work: w, cmd: cmd, flags: f, targets: targetsFor(targets, args), yes: yes, workers: workers}
		if asJSON {
			p.events = &eventWriter{out: a.env.Stdout, now: a.env.Now}
		}
		return p.do(cmd.Context())
	}
	return cmd
}

// An apply is one use of the command.
type apply struct {
	*work
	cmd     *cobra.Command
	flags   *graphFlags
	targets []planner.Target
	yes     bool
	workers int
	events  *eventWriter // nil for people only
}

// do shows the graph, asks and runs it. The state is locked only while something runs; what was shown is made again
// under the lock, and nothing runs if it came out differently.
func (p *apply) do(ctx context.Context) error {
	var shown []byte
	if !p.yes {
		view, err := p.look(ctx)
		if err != nil {
			return err
		}
		graph, err := p.graph(view.State, planner.ViewUnlocked(view, p.environment), p.flags, p.targets)
		if err != nil {
			return err
		}
		if shown, err = graph.MarshalJSON(); err != nil {
			return err
		}
		if graph.Changes() == 0 {
			return p.show(graph)
		}
		if !p.app.env.Terminal.Stdin {
			return &usageError{p.cmd, "there is no terminal to ask on; see what 'escape plan' shows and use --yes"}
		}
		if err := p.show(graph); err != nil {
			return err
		}
		ok, err := p.app.ask(fmt.Sprintf("Apply %s? [y/N]: ", these(graph.Changes())))
		if err != nil {
			return err
		}
		if !ok {
			return errors.New("nothing was applied")
		}
	}
	session, err := p.lock(ctx, p.cmd.CommandPath())
	if err != nil {
		return err
	}
	return also(p.run(ctx, session, shown), session.Close())
}

func these(n int) string {
	if n == 1 {
		return "this action"
	}
	return fmt.Sprintf("these %d actions", n)
}

// run makes the graph under the lock and runs it. shown is what was approved, or nil.
func (p *apply) run(ctx context.Context, session state.Session, shown []byte) error {
	graph, err := p.graph(session.State(), planner.View(session.State(), p.environment), p.flags, p.targets)
	if err != nil {
		return err
	}
	if shown != nil {
		now, err := graph.MarshalJSON()
		if err != nil {
			return err
		}
		if !bytes.Equal(shown, now) {
			return &statusError{exitStale, errors.New("the state was changed while you were asked; nothing ran; look at what 'escape plan' shows now")}
		}
	} else if err := p.show(graph); err != nil {
		return err
	}
	if graph.Changes() == 0 {
		return nil
	}
	secrets := p.storedSecrets(session.State())
	o := p.options()
	out := &prefixed{sink: sink{log: p.app.log}, events: p.events}
	o.Session, o.Events, o.Workers = session, out.take, p.workers
	o.Interrupt = run.NewDrain()
	stop := p.app.interruptible(o.Interrupt)
	defer stop()
	result, err := run.Run(ctx, graph, p.tree, o)
	if err != nil {
		p.app.showError(out.failed(err))
	}
	p.noteSecrets(secrets, session.State())
	p.app.log.Close()
	p.summary(result)
	if err == nil {
		return nil
	}
	status := exitError
	switch {
	case result.Signal != nil:
		status = signalStatus(result.Signal)
	case result.Started > 0:
		status = exitPartial
	}
	return &statusError{status: status}
}

// show writes the graph for people, or as an event.
func (p *apply) show(g *planner.Graph) error {
	if p.events != nil {
		return printError(p.events.graph(g))
	}
	return printError(g.WriteText(p.app.env.Stdout, p.flags.detail()))
}

// summary says what became of the nodes.
func (p *apply) summary(r *run.Result) {
	if p.events != nil {
		p.events.result(r)
	}
	var parts []string
	for _, o := range []run.Outcome{run.Done, run.Unchanged, run.HasFailed, run.Interrupted, run.NotDone} {
		if n := r.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	outcomes := map[*planner.Node]run.Outcome{}
	for _, n := range r.Nodes {
		outcomes[n.Node] = n.Outcome
	}
	var skipped strings.Builder
	for _, n := range r.Nodes {
		if n.Outcome == run.NotDone && n.Because != nil {
			what := "failed"
			if outcomes[n.Because] == run.Interrupted {
				what = "was interrupted"
			}
			fmt.Fprintf(&skipped, "  %s did not run, because %s %s\n", label(n.Node.Address), label(n.Because.Address), what)
		}
	}
	fmt.Fprintf(p.app.env.Stderr, "Applied: %s.\n%s", strings.Join(parts, ", "), skipped.String())
}

// ask puts a question to the user and reads the answer, until it is one.
func (a *app) ask(question string) (bool, error) {
	in := bufio.NewReader(a.env.Stdin)
	for {
		fmt.Fprint(a.env.Stderr, question)
		line, err := in.ReadString('\n')
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return true, nil
		case "", "n", "no":
			if errors.Is(err, io.EOF) {
				fmt.Fprintln(a.env.Stderr)
			}
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read the answer: %w", err)
		}
		fmt.Fprintln(a.env.Stderr, "Please answer yes or no.")
	}
}

// A prefixed sink puts the node in front of its lines, since several nodes may be at work.
type prefixed struct {
	sink
	events *eventWriter
}

func (p *prefixed) take(e run.Event) {
	if p.events != nil {
		p.events.event(e)
	}
	if e.Node != "" && len(e.Sections) > 0 {
		e.Sections = append([]string{label(e.Node)}, e.Sections[1:]...)
	}
	p.sink.take(e)
}

// label turns an address such as "dev/demo/app#deploy" into what a shown graph calls the action: "deploy demo/app".
func label(address string) string {
	_, rest, ok := strings.Cut(address, "/")
	if !ok {
		rest = address
	}
	deployment, action, ok := strings.Cut(rest, "#")
	if !ok {
		return rest
	}
	return action + " " + deployment
}
