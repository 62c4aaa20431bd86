package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/inventory"
	"escape.build/escape/lang/diag"
	"escape.build/escape/planner/archive"
	"escape.build/escape/planner/fetch"
	"escape.build/escape/planner/run"
	"escape.build/escape/planner/state"
	"escape.build/escape/planner/state/remote"
)

// The exit statuses; the package comment says what they mean.
const (
	exitOK      = 0
	exitError   = 1
	exitUsage   = 2
	exitChanges = 2
	exitStale   = 3
	exitLocked  = 4
	exitPartial = 5
	exitBug     = 70
	exitSignal  = 128
)

// A usageError says that a command was called in a wrong way; lines behind the first say what to do.
type usageError struct {
	cmd  *cobra.Command
	text string
}

func (e *usageError) Error() string { return e.text }

// A reported is an error with what else its log entry holds.
type reported struct {
	err      error
	sections []string
	release  string
	detail   string
	values   map[string]string // further values of the JSON line
}

func (e *reported) Error() string { return e.err.Error() }
func (e *reported) Unwrap() error { return e.err }

// in says in which sections err happened, or each error of a joined one, and what a run knows about it.
func in(err error, sections ...string) error {
	if err == nil {
		return nil
	}
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range j.Unwrap() {
			all = append(all, in(e, sections...))
		}
		return errors.Join(all...)
	}
	if r, ok := err.(*reported); ok {
		inner := *r
		inner.sections = append(slices.Clone(sections), r.sections...)
		return &inner
	}
	return &reported{err: err, sections: sections, detail: explanation(err)}
}

// about says which release err, or each error of a joined one, is about.
func about(err error, release string) error {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var all []error
		for _, one := range e.Unwrap() {
			all = append(all, about(one, release))
		}
		return errors.Join(all...)
	case *reported:
		inner := *e
		inner.release = release
		return &inner
	}
	return err
}

// explanation is what a run knows about an error of its own, as lines below it.
func explanation(err error) string {
	detail := ""
	for _, line := range run.Explain(err) {
		detail += "  " + line + "\n"
	}
	return detail
}

// A statusError ends the process with a status of its own. A nil err has been shown already.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}
func (e *statusError) Unwrap() error { return e.err }

// end shows err, if there is one, and returns the exit status.
func (a *app) end(cmd *cobra.Command, err error) int {
	if a.log != nil {
		defer a.log.Close()
	}
	if err == nil {
		return exitOK
	}
	if u := (*usageError)(nil); errors.As(err, &u) {
		a.showUsage(u)
		return exitUsage
	}
	status := exitError
	if s := (*statusError)(nil); errors.As(err, &s) {
		status = s.status
		if err = s.err; err == nil {
			return status
		}
	}
	a.showError(err)
	return status
}

// showError logs every error of err; errors.Join makes several.
func (a *app) showError(err error) {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range j.Unwrap() {
			a.showError(e)
		}
		return
	}
	e := logs.Entry{Key: "error", Values: map[string]string{"error": err.Error()}}
	if r := (*reported)(nil); errors.As(err, &r) {
		e.Sections, e.Release, e.Detail = r.sections, r.release, r.detail
		for k, v := range r.values {
			e.Values[k] = v
		}
	}
	if more := hints(err); len(more) > 0 {
		e.Detail += "  " + strings.Join(more, "\n  ") + "\n"
		e.Values["hint"] = strings.Join(more, "; ")
	}
	if d := (*state.DocumentError)(nil); errors.As(err, &d) && d.File != "" {
		text := d.Err.Error() // which is the original's; it did not say where
		if strings.HasPrefix(text, "must be ") {
			text = cmp.Or(d.Node, "the state") + " " + text
		}
		e.Values["error"] = text
		e.Values["place"] = fmt.Sprintf("%s:%d:%d", a.env.relative(d.File), d.Line, d.Column)
		e.Detail = "  " + e.Values["place"]
		if d.Node != "" {
			e.Detail += ": " + d.Node
		}
		e.Detail += "\n  the state could not be read; nothing was changed\n"
	}
	if a.log == nil {
		fmt.Fprintf(a.env.Stderr, "Error: %s\n%s", e.Values["error"], e.Detail)
		return
	}
	a.log.Log(e)
}

// hints returns what the parts of an error say beside their messages, the innermost first.
func hints(err error) []string {
	var all []string
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		all = hints(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			all = append(all, hints(part)...)
		}
	}
	hint := ""
	switch e := err.(type) {
	case *inventory.Error:
		hint = e.Hint
	case *fetch.Error:
		hint = e.Hint
	case *archive.Error:
		hint = e.Hint
	case *remote.Error:
		hint = e.Hint
	}
	if hint != "" {
		all = append(all, hint)
	}
	return all
}

// showUsage says what is wrong and how the command is called.
func (a *app) showUsage(e *usageError) {
	if a.log != nil {
		a.log.Close()
	}
	mark, end := "", ""
	if a.color(a.env.Terminal.Stderr) {
		mark, end = "\x1b[31m", "\x1b[0m"
	}
	fmt.Fprintf(a.env.Stderr, "%sError: %s%s\n", mark, e.text, end)
	fmt.Fprintf(a.env.Stderr, "Usage: %s\n", useLine(e.cmd))
	fmt.Fprintf(a.env.Stderr, "Run '%s --help' for more information.\n", e.cmd.CommandPath())
}

// useLine returns how cmd is called, in one line.
func useLine(cmd *cobra.Command) string {
	if cmd.RunE == nil {
		return cmd.CommandPath() + " [command]"
	}
	line := cmd.CommandPath()
	if _, args, ok := strings.Cut(cmd.Use, " "); ok {
		line += " " + args
	}
	return line + " [flags]"
}

// flagError turns what the flag library says into a usageError with a suggestion.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		name := unknown.GetSpecifiedName()
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		text = "unknown flag: --" + name
		if near := similar(name, names); len(near) > 0 {
			text += "\n  did you mean --" + strings.Join(near, " or --") + "?"
		}
	case errors.As(err, &value):
		f := value.GetFlag()
		text = fmt.Sprintf("--%s cannot be '%s'", f.Name, value.GetValue())
		if f.Value.Type() == "bool" {
			text += "; it is a switch and takes true or false"
		} else if f.Value.Type() == "int" {
			text += "; it takes a whole number"
		} else if f.Value.Type() == "duration" {
			text += "; it takes a time such as 30s or 5m"
		}
	}
	return &usageError{cmd, text}
}

// noArgs refuses arguments; they are most likely misspelt commands.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{cmd, unknownCommand(cmd, args[0])}
}

// oneArg asks for exactly one argument, called what in messages.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return &usageError{cmd, "missing argument: " + what}
		case 1:
			return nil
		}
		return &usageError{cmd, fmt.Sprintf("unexpected argument '%s'", args[1])}
	}
}

// unknownCommand returns the message for a word that is no command, with a suggestion on a second line if one comes to
// mind.
func unknownCommand(cmd *cobra.Command, word string) string {
	text := fmt.Sprintf("Unknown command '%s'", word)
	if note := switchValue(word); note != "" {
		return text + "\n  " + note
	}
	if near := suggest(cmd, word); near != "" {
		text += "\n  did you mean " + near + "?"
	} else if cmd.RunE != nil && cmd.HasParent() {
		text += "\n  '" + cmd.CommandPath() + "' takes no arguments"
	}
	return text
}

// switchValue says, if a word looks like the value of a switch, how that is written.
func switchValue(word string) string {
	if word != "true" && word != "false" {
		return ""
	}
	return "a switch takes its value with '=', as in --collapse-logs=" + word
}

// suggest finds the commands a word may stand for, in quotes: those below cmd of whose name it is a part, or the one that is
// called so elsewhere, or else those of a similar name below cmd. It returns "" if there is none.
func suggest(cmd *cobra.Command, word string) string {
	var near, names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
		if slices.Contains(strings.Split(c.Name(), "-"), word) {
			near = append(near, c.CommandPath())
		}
	}
	if len(near) == 0 {
		walk(newApp(Env{}).root, func(c *cobra.Command) { // that of cmd may have only what was asked for; see straight
			if c.Name() == word && c.HasParent() {
				near = append(near, c.CommandPath())
			}
		})
	}
	if len(near) == 0 {
		for _, name := range similar(word, names) {
			near = append(near, cmd.CommandPath()+" "+name)
		}
	}
	if len(near) == 0 {
		return ""
	}
	return "'" + strings.Join(near, "' or '") + "'"
}

// similar returns the names a word may stand for: the one that is nearest to it, or those of which it is a part between
// dashes, or those which begin with something like it.
func similar(word string, names []string) []string {
	if near, ok := diag.Nearest(word, names); ok {
		return []string{near}
	}
	var near []string
	for _, name := range names {
		if len(word) > 2 && (strings.HasPrefix(name, word) || slices.Contains(strings.Split(name, "-"), word)) {
			near = append(near, name)
		}
	}
	if len(near) > 0 || len(word) < 3 {
		return near
	}
	begins := map[string]string{}
	for _, name := range names {
		if len(name) > len(word) {
			begins[name[:len(word)]] = name
		}
	}
	if begin, ok := diag.Nearest(word, slices.Sorted(maps.Keys(begins))); ok {
		near = append(near, begins[begin])
	}
	return near
}

// alternatives says, as the detail of an error, which names a word that is none may stand for, or which ones there are.
func alternatives(word string, names []string) string {
	if near := similar(word, names); len(near) > 0 {
		return fmt.Sprintf("  did you mean '%s'?\n", strings.Join(near, "' or '"))
	}
	return fmt.Sprintf("  there are: %s\n", strings.Join(names, ", "))
}

// printError turns a failed write of a result into an error that says so; a reader that went away is none.
func printError(err error) error {
	for _, gone := range []error{nil, syscall.EPIPE, io.ErrClosedPipe, fs.ErrClosed} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return fmt.Errorf("write result: %w", err)
}

// also adds the error of cleaning up to the one before, which keeps its status.
func also(err, cleanup error) error {
	if err == nil || cleanup == nil {
		return errors.Join(err, cleanup)
	}
	if s, ok := err.(*statusError); ok {
		return &statusError{s.status, also(s.err, cleanup)}
	}
	return errors.Join(err, cleanup)
}
