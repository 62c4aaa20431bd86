package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/logs"
)

// An app is one run of the client.
type app struct {
	env    Env
	root   *cobra.Command
	global globalFlags
	// planGiven says that --plan is on the command line, even if it names the usual file.
	planGiven bool
	log       *logs.Logger

	resolved *resolver // made by the first use; see resolver

	mu     sync.Mutex          // guards warned
	warned map[string]struct{} // warnings that were shown
}

type globalFlags struct {
	config, profile, level, logger string
	collapse                       bool
}

// Main runs the command that env.Args ask for and returns the exit status of the process. It writes to the streams of
// env only. A context that ends stops what can be stopped.
func Main(ctx context.Context, env Env) (status int) {
	a := &app{env: env, warned: map[string]struct{}{}}
	defer func() {
		if p := recover(); p != nil {
			status = a.bug(p, debug.Stack())
		}
	}()
	return a.main(ctx)
}

func newApp(env Env) *app {
	a := &app{env: env, warned: map[string]struct{}{}}
	a.root = a.newRoot()
	return a
}

func (a *app) main(ctx context.Context) int {
	if cmd, ok := a.straight(); ok {
		return a.run(ctx, cmd)
	}
	a.root = a.newRoot()
	if isCompletion(a.env.Args) {
		return a.complete(ctx)
	}
	r := route(a.root, a.env.Args)
	cmd := r.cmd
	if r.help {
		return a.end(cmd, cmd.Help())
	}
	if r.version && cmd == a.root {
		cmd, _, _ = a.root.Find([]string{"version"})
		r.args = nil
	}
	if err := cmd.ParseFlags(r.args); err != nil {
		return a.end(cmd, flagError(cmd, err))
	}
	if err := a.openLog(cmd); err != nil {
		return a.end(cmd, err)
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return a.end(cmd, err)
	}
	switch {
	case cmd == a.root:
		return a.end(cmd, cmd.Help())
	case cmd.RunE == nil: // a group
		cmd.PrintErr(cmd.UsageString())
		return exitOK
	}
	return a.run(ctx, cmd)
}

// run runs a command whose flags are parsed.
func (a *app) run(ctx context.Context, cmd *cobra.Command) int {
	cmd.SetContext(ctx)
	a.planGiven = cmd.Flags().Changed("plan")
	return a.end(cmd, cmd.RunE(cmd, cmd.Flags().Args()))
}

// straight returns the command to run if the first word of the line is its name, or that of its group, and there is nothing
// to say about the line. Then only that command is made: making all of them takes longer than many commands run.
func (a *app) straight() (cmd *cobra.Command, ok bool) {
	if len(a.env.Args) == 0 || slices.Contains(aboutCommands, a.env.Args[0]) {
		return nil, false
	}
	list := tops()
	i := slices.IndexFunc(list, func(t top) bool { return t.name == a.env.Args[0] })
	if i < 0 {
		return nil, false
	}
	r := route(a.newTree(list[i:i+1]), a.env.Args)
	if cmd = r.cmd; r.help || cmd.RunE == nil || cmd.ParseFlags(r.args) != nil || cmd.ValidateArgs(cmd.Flags().Args()) != nil || a.openLog(cmd) != nil {
		return nil, false // what there is to say, the whole tree says
	}
	return cmd, true
}

// aboutCommands are the commands that look at others.
var aboutCommands = []string{"completion", "help"}

// openLog makes the logger from the global flags. Entries go to standard error; see the package comment for JSON.
func (a *app) openLog(cmd *cobra.Command) error {
	level, err := logs.ParseLevel(a.global.level)
	if err != nil {
		return &usageError{cmd, err.Error()}
	}
	out := a.env.Stderr
	if a.global.logger == "json" && cmd.Annotations[logsAreResult] != "" {
		out = a.env.Stdout
	}
	terminal := a.env.Terminal
	a.log, err = logs.New(out, logs.Options{
		Format:   a.global.logger,
		Level:    level,
		Color:    a.color(terminal.Stderr),
		Collapse: a.global.collapse && terminal.Stderr && a.env.Getenv("CI") != "true",
		Width:    terminal.Width,
		Now:      a.env.Now,
	})
	if err != nil {
		return &usageError{cmd, err.Error()}
	}
	return nil
}

// color reports whether a stream may get colours; terminal says whether it is one.
func (a *app) color(terminal bool) bool {
	return terminal && a.env.Getenv("NO_COLOR") == "" && a.env.Getenv("TERM") != "dumb"
}

// profile returns the profile for this run; see config.
func (a *app) profile(create bool) (*config.EscapeConfigProfile, error) {
	c, err := a.config(create)
	if err != nil {
		return nil, err
	}
	return c.Profile, nil
}

// config loads the configuration. A command which changes something says create, and a file that is not there is written.
func (a *app) config(create bool) (*config.Config, error) {
	opts := config.Options{Path: a.global.config, Profile: a.global.profile, Create: create}
	c, err := config.Load(a.env.places(), opts)
	if err != nil && create && a.global.config == defaultConfig {
		// A home folder that cannot be written is no reason to stop: the defaults do.
		opts.Create = false
		c, err = config.Load(a.env.places(), opts)
	}
	return c, noProfile(err)
}

// noProfile adds to the error of a profile that is not there which ones are.
func noProfile(err error) error {
	e := (*config.NotFound)(nil)
	if !errors.As(err, &e) {
		return err
	}
	return &reported{err: err, detail: alternatives(e.Name, e.Known)}
}

// bug reports a defect of our own: one line for the user, the rest in a file.
func (a *app) bug(p any, stack []byte) int {
	fmt.Fprintf(a.env.Stderr, "Error: internal error, this is a defect of Escape; a report is in %s\n", a.reportBug(p, stack))
	return exitBug
}

// reportBug writes what is known of a defect to a file and returns where that is. The values of flags may be secrets and
// stay out of it.
func (a *app) reportBug(p any, stack []byte) string {
	var args []string
	for _, arg := range a.env.Args {
		if flag, _, ok := strings.Cut(arg, "="); ok {
			arg = flag + "=…"
		}
		args = append(args, arg)
	}
	report := fmt.Sprintf("escape %s\narguments: %q\n\n%v\n\n%s", Version, args, p, stack)
	where := "it could not be written"
	if f, err := os.CreateTemp("", "escape-report-*.txt"); err == nil {
		f.WriteString(report)
		f.Close()
		where = filepath.Clean(f.Name())
	}
	return where
}
