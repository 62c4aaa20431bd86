package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// steps runs steps of the unit's action one after the other. What a step has done is recorded before the next script
// starts, together with the status of the next step.
func (u *unit) steps(ctx context.Context, steps []planner.Step) error {
	for _, s := range steps {
		if err := u.step(ctx, s); err != nil {
			var script *scriptError
			var step *stepError
			switch {
			case errors.As(err, &script):
				script.unit, script.step = u, s.Name
			case errors.As(err, &step):
				step.step = s.Name
			case !errors.Is(err, ErrInterrupted):
				return &stepError{error: err, step: s.Name}
			}
			return err
		}
	}
	return nil
}

// step runs one step: its status, its script with what surrounds it, and what it commits.
func (u *unit) step(ctx context.Context, s planner.Step) error {
	if s.Status != "" {
		u.set(s.Status, "")
	}
	script := u.m.Stage(s.Name)
	ran := false
	if s.Commit == planner.CommitInputs {
		// Downloads belong to the step: its line in the log comes first.
		if err := u.begin(s.Name, &script); err != nil {
			return err
		}
		if err := u.commitIf(ctx, u.hasDownloads()); err != nil {
			return err
		}
		if err := u.downloads(ctx); err != nil {
			return err
		}
		if script.Runs() {
			if err := u.launch(ctx, s, script); err != nil {
				return err
			}
		}
		return u.commitInputs()
	}
	if script.Runs() {
		if err := u.begin(s.Name, &script); err != nil {
			return err
		}
		if err := u.launch(ctx, s, script); err != nil {
			return err
		}
		ran = true
	}
	switch s.Commit {
	case planner.CommitOutputs:
		u.outputs = map[string]any{}
		if ran && s.After {
			outputs, err := readOutputs(u.dir)
			if err != nil {
				return err
			}
			u.outputs = outputs
			u.secrets.learn(u.m.Outputs, outputs)
		}
		u.record.CalculatedOutputs = u.outputs
	case planner.CommitTyped:
		if ran && s.After {
			outputs, err := readOutputs(u.dir)
			if err != nil {
				return err
			}
			all := map[string]any{}
			for _, m := range []map[string]any{u.outputs, outputs} {
				for k, v := range m {
					all[k] = v
				}
			}
			u.outputs = all
			u.secrets.learn(u.m.Outputs, outputs)
		}
		if err := u.typeOutputs(); err != nil {
			return err
		}
		u.record.CalculatedOutputs = u.outputs
	case planner.CommitEmpty:
		u.record.CalculatedInputs, u.record.CalculatedOutputs, u.record.Provides = nil, nil, nil
		u.record.Version = u.m.Version
		u.digest = ""
		delete(u.record.Extra, planner.DigestKey)
		delete(u.record.Extra, planner.UsedKey)
		delete(u.record.Extra, planner.WantedKey)
	default:
		return nil
	}
	u.dirty = true
	return nil
}

// commitIf records the stage before work that takes its time.
func (u *unit) commitIf(ctx context.Context, needed bool) error {
	if !needed {
		return nil
	}
	if err := u.commit(ctx); err != nil {
		return err
	}
	return unsaved(u.run.history.settle())
}

func (u *unit) hasDownloads() bool {
	return slices.ContainsFunc(u.m.Downloads, func(d *release.Download) bool { return d.InScope(string(u.stage)) })
}

// commitInputs takes over what the pre step is about, and renders the templates with it.
func (u *unit) commitInputs() error {
	u.record.Version = u.m.Version
	delete(u.record.Extra, planner.WantedKey)
	u.record.CalculatedInputs = u.inputs
	u.record.Provides = nil
	for _, p := range u.m.Provides {
		u.record.Provides = append(u.record.Provides, p.Name)
	}
	u.release = u.m.VersionlessID()
	u.dirty = true
	return u.templates()
}

// typeOutputs checks the outputs against their declarations and fills in defaults.
func (u *unit) typeOutputs() error {
	e := evaluation{unit: u, kind: "outputs", values: map[string]any{}, given: map[string]given{}}
	declaredIDs := map[string]bool{}
	for _, v := range u.m.Outputs {
		if v.InScope(string(u.stage)) {
			declaredIDs[v.ID] = true
			e.vars = append(e.vars, v)
		}
	}
	for _, k := range sortedKeys(u.outputs) {
		if declaredIDs[k] {
			e.given[k] = given{value: u.outputs[k], from: "script", where: "the value was written by a script"}
		} else {
			u.warn(fmt.Sprintf("received unexpected output variable '%s'", k))
		}
	}
	if err := e.run(); err != nil {
		return &stepError{error: err, details: append(explanations(err), "outputs are what scripts write to "+outputsFile+", and the defaults in the plan")}
	}
	u.outputs, u.secrets.kept = e.values, nil
	return nil
}

// begin logs the start of a step and evaluates the texts of its script. It is called for the pre step also if there is no
// script, and does nothing then.
func (u *unit) begin(name string, script *release.Stage) error {
	if !script.Runs() {
		return nil
	}
	key := "deploy.step"
	if u.stage == state.BuildStage {
		key = "build.step"
	}
	u.log(key, map[string]string{"step": name, "script": planner.ScriptText(*script)})
	u.announce(context.Background())
	s := u.scope(nil)
	text := func(text *string) error {
		value, secret, err := s.text(*text)
		if err != nil {
			return err
		}
		if secret {
			u.secrets.add(value)
		}
		*text = value
		return nil
	}
	if script.Cmd != "" {
		script.Args = slices.Clone(script.Args)
		for i := range script.Args {
			if err := text(&script.Args[i]); err != nil {
				return err
			}
		}
		return text(&script.Cmd)
	}
	if script.Script == "" {
		return nil
	}
	if err := text(&script.Script); err != nil {
		return err
	}
	return u.checkScript(name, script.Script)
}

// checkScript makes sure that a relative script is there and executable.
func (u *unit) checkScript(step, text string) error {
	file := text
	if words := strings.Fields(text); len(words) > 0 {
		file = words[0]
	}
	info, err := os.Stat(u.path(file))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			return fmt.Errorf("Referenced %s script '%s' does not exist", step, file)
		}
		return fmt.Errorf("Referenced %s script '%s' cannot be used: %w", step, file, err)
	}
	if mode := info.Mode(); !info.IsDir() && mode.Perm()&0o555 != 0o555 {
		// A file of somebody else may be executable for us all the same; if not, starting it says so.
		_ = os.Chmod(u.path(file), mode.Perm()|0o555)
	}
	return nil
}

// launch runs the script of a step to its end.
func (u *unit) launch(ctx context.Context, s planner.Step, script release.Stage) error {
	if u.interrupted() || ctx.Err() != nil {
		return ErrInterrupted
	}
	// The first script of a node that changes anything elsewhere waits until its start is sure to be remembered.
	first := u.attempt == 0
	b := state.Batch{Events: []state.Event{u.starting(s.Name)}, Sync: first && u.node.Action.Effect == "target"}
	if err := u.commitBatch(ctx, b); err != nil {
		return err
	}
	u.scratch()
	switch s.Before {
	case planner.EmptyOutputs:
		if err := writeOutputs(u.dir, nil); err != nil {
			return err
		}
	case planner.SavedOutputs:
		if err := writeOutputs(u.dir, u.outputs); err != nil {
			return err
		}
	}
	var outputs map[string]any
	if s.Outputs {
		outputs = u.outputs
	}
	return u.exec(ctx, s.Name, script, u.dir, u.inputs, outputs)
}

// exec runs a script with its texts evaluated. Its output becomes events; its failure a *scriptError.
func (u *unit) exec(ctx context.Context, step string, script release.Stage, dir string, inputs, outputs map[string]any) error {
	env, err := u.run.environ.with(inputs, outputs)
	if err != nil {
		return err
	}
	var argv []string
	switch {
	case script.Cmd != "":
		argv = append([]string{script.Cmd}, script.Args...)
	case script.Script != "":
		argv = []string{"sh", "-c", relativeScript(script.Script) + " " + outputsFile}
	default:
		file, err := u.inlineFile(script.Inline)
		if err != nil {
			return err
		}
		defer os.Remove(file)
		argv = []string{"sh", file}
	}
	name := filepath.Base(argv[0])
	u.last = ""
	c := &Command{
		Argv: argv, Dir: dir, Env: env, Lookup: u.run.environ.path, Redactor: u.secrets.get(), Interrupt: u.run.Interrupt,
		Closing: u.closing, Grace: u.run.Grace, OutputGrace: u.run.OutputGrace,
		Output: func(line []byte, _ bool) {
			text := string(line)
			if !utf8.ValidString(text) {
				text = strings.ToValidUTF8(text, "\uFFFD")
			}
			if strings.TrimSpace(text) != "" {
				u.last = text
			}
			u.emit(Event{Kind: Output, Key: "build.script_output", Step: step, Values: map[string]string{"cmd": name, "line": text}})
		},
	}
	c.Held = func() {
		u.warn(fmt.Sprintf("a program that step %q left running still holds its output; what it writes from now on is not shown, and it may be "+
			"ended by writing when this run is over; send its output elsewhere", step))
	}
	if err := unsaved(u.run.history.settle()); err != nil {
		return err
	}
	u.run.here() // now, so that as little time as possible is between start and record
	c.Started = func(pid int) { u.run.history.process(ctx, u.node.Address, step, u.run.processOf(pid)) }
	err = u.run.Exec(ctx, c)
	u.run.history.later(u.ended(step, err))
	if err != nil {
		return &scriptError{unit: u, step: step, argv: argv, reason: err, last: u.last, toArgument: toArgument().MatchString(script.Inline)}
	}
	return nil
}

// relativeScript makes the shell look for a script in the package and not in the PATH.
func relativeScript(text string) string {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "/") || strings.HasPrefix(text, `\`) {
		return text
	}
	if runtime.GOOS == "windows" {
		return `.\` + text
	}
	return "./" + text
}

// inlineFile writes an inline script to a file that only the user can read.
func (u *unit) inlineFile(text string) (string, error) {
	f, err := os.CreateTemp(u.run.TempDir, "escape-inline")
	if err != nil {
		return "", fmt.Errorf("write inline script: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("write inline script: %w", err)
	}
	return f.Name(), nil
}
