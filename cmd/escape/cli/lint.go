package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/findings"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
)

// exitInternal is the status of a linter that could not do its work.
const exitInternal = 3

type lintFlags struct {
	config       string
	only, except []string
	failOn       string
	quiet        bool
	noCache      bool
	alone        bool
	since        string
	baseline     string
	fix, diff    bool
	rules        bool

	writeBaseline bool
	stdinName     string
	formatFlags
}

func (a *app) newLint() *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint [file|folder|pattern ...]",
		Short: "Find mistakes in plans and their scripts, and what could be better.",
		Long: `Find mistakes in plans and their scripts, and what could be better.

Arguments are plans, folders (all plans below them are meant, but not those in .git, vendor, node_modules, deps and .escape),
patterns such as "services/**/escape.yml", or - for standard input; none mean the working directory. No server is asked: of
other packages is known what their plans in the same repository say, what is unpacked in deps, was fetched before, or is in a
local Inventory.

The file .escapelint.yml that is nearest above a plan sets levels by rule, also for some paths, and what is ignored. A comment
"# escape:ignore RULE -- REASON" on the line of a finding or above it silences one; errors cannot be silenced.

Columns count characters from 1; in SARIF they are UTF-16 units. Fixes are made in plans, and in files below their folders
and the working directory. What was found is kept in the user's folder for caches as long as nothing it depends on changes.

The exit status is 0 if there is nothing at or above the level of --fail-on, 1 if there is, 2 for wrong usage, a file that
cannot be read or several plans in one folder, and 3 if the linter fails.`,
		Example: "  escape lint\n  escape lint services/* --fail-on warning",
		Args:    cobra.ArbitraryArgs,
	}
	fs := cmd.Flags()
	f.formatFlags.add(cmd)
	fs.StringVar(&f.config, "lint-config", "", "File of configuration instead of the nearest .escapelint.yml")
	fs.StringSliceVar(&f.only, "only", nil, "Only these rules, by code, name or category")
	fs.StringSliceVar(&f.except, "except", nil, "All rules but these")
	fs.StringVar(&f.failOn, "fail-on", "", "Least level for exit status 1: error, warning, advice, never (default error)")
	fs.BoolVar(&f.rules, "rules", false, "List all rules, as text or with --format json, and lint nothing")
	fs.BoolVar(&f.quiet, "quiet", false, "Do not print how many findings there are")
	fs.BoolVar(&f.fix, "fix", false, "Make the fixes that are safe, in plans and scripts, and report what remains")
	fs.BoolVar(&f.diff, "diff", false, "Print what --fix would change and write nothing; exit status 1 if there is anything")
	fs.StringVar(&f.since, "since", "", "Only plans that differ from this revision of Git, or whose scripts, templates or dependencies do")
	fs.StringVar(&f.baseline, "baseline", "", "File of findings that are accepted")
	fs.BoolVar(&f.writeBaseline, "write-baseline", false, "Write all present findings to the file of --baseline")
	fs.BoolVar(&f.alone, "no-workspace", false, "Check each plan by itself, without other plans of the repository")
	fs.BoolVar(&f.noCache, "no-cache", false, "Neither use nor keep what earlier runs found")
	fs.StringVar(&f.stdinName, "stdin-name", defaultPlan, "What file standard input stands for")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.lint(cmd, &f, args) }
	return cmd
}

func (a *app) lint(cmd *cobra.Command, f *lintFlags, args []string) error {
	if _, _, err := f.formatFlags.parse(cmd); err != nil {
		return err
	}
	if f.rules {
		return a.printRules(cmd, f.format, args)
	}
	if wrong := f.conflict(args); wrong != "" {
		return &usageError{cmd, wrong}
	}
	l, err := a.newLinter(cmd, f)
	if err != nil {
		return err
	}
	found, err := a.findPlans(args, l.configs, f.stdinName)
	if err != nil {
		return &statusError{exitUsage, err}
	}
	l.unread = found.unread
	l.packages = a.packagesAtHand(found.files...)
	l.packages.alone = f.alone
	var changed map[string]bool
	if f.since != "" {
		if changed, err = a.changedSince(cmd.Context(), f.since); err != nil {
			return &statusError{exitUsage, err}
		}
	}
	results := l.lintAll(found.files)
	if changed != nil {
		results = a.touched(results, changed)
	}
	if f.fix || f.diff {
		fixed, done, err := a.fix(l, f, results)
		if err != nil || done {
			return err
		}
		results = fixed
	}
	return a.finish(cmd, f, l, results, found.ignored)
}

// conflict says which flags do not go together; "" if all do.
func (f *lintFlags) conflict(args []string) string {
	switch {
	case f.only != nil && len(f.only) == 0:
		return "--only names no rule"
	case f.writeBaseline && f.baseline == "":
		return "--write-baseline needs --baseline FILE"
	case (f.fix || f.diff) && slices.Contains(args, stdin):
		return "standard input cannot be fixed; name the file"
	case f.fix && f.diff:
		return "--fix and --diff exclude each other"
	case f.diff && (f.format != "text" || f.outputs != nil || f.writeBaseline):
		return "--diff reports no findings; leave out --format, --output and --write-baseline"
	case f.since != "" && f.writeBaseline:
		return "--write-baseline takes all findings, not only those since a revision; leave out --since"
	}
	return ""
}

// manyPlans is how many plans make a run long enough to do something about it.
const manyPlans = 50

// lintAll lints plans side by side.
func (l *linter) lintAll(files []string) []linted {
	if l.a.env.Getenv("GOGC") == "" {
		defer lessGarbageCollection(len(files))()
	}
	results := make([]linted, len(files))
	parallel(len(files), func(i int) { results[i] = l.lint(files[i]) })
	l.cache.Save() // the next run takes longer if it fails, and that is all
	return results
}

// lessGarbageCollection makes looking for garbage in a run on so many plans rarer. It returns what ends that.
//
// What is read of one plan is garbage when it is done, and there is never much at once: with many plans a fifth of the time
// goes by if it is looked for as often as usual. With few there is next to none before the heap has 16 MB: all of a plan of
// 10,000 lines is in use to the end. From then on it is as usual.
func lessGarbageCollection(plans int) (end func()) {
	if plans >= manyPlans {
		usual := debug.SetGCPercent(200)
		return func() { debug.SetGCPercent(usual) }
	}
	usual := debug.SetGCPercent(400)
	end = sync.OnceFunc(func() { debug.SetGCPercent(usual) })
	runtime.AddCleanup(new([32]byte), func(end func()) { end() }, end) // at the first collection
	return end
}

// fix makes fixes in plans that were linted and returns what remains. With --diff it prints what would change, and all is
// done.
func (a *app) fix(l *linter, f *lintFlags, results []linted) (rest []linted, done bool, err error) {
	rest, fixer := l.fix(results)
	if f.diff {
		text := fixer.diff()
		if _, err := io.WriteString(a.env.Stdout, text); err != nil {
			return nil, true, printError(err)
		}
		report := &findings.Report{Fails: func(*diag.Diagnostic) bool { return false }}
		if err := l.status(report, rest); err != nil || text == "" {
			return nil, true, err
		}
		return nil, true, &statusError{status: exitError}
	}
	if err := fixer.write(); err != nil {
		return nil, true, &statusError{exitInternal, err}
	}
	if n := len(fixer.paths()); n > 0 && !f.quiet {
		fmt.Fprintf(a.env.Stderr, "changed %s\n", plural(n, "file"))
	}
	if len(fixer.refused) > 0 {
		a.warning("some fixes were left out: they would make an error, or a finding for another plan with the same script")
	}
	return rest, false, nil
}

// finish reports what was found, as far as it is new.
func (a *app) finish(cmd *cobra.Command, f *lintFlags, l *linter, results []linted, ignored int) error {
	format, outputs, _ := f.formatFlags.parse(cmd) // which was tried before
	list := merge(results)
	if f.baseline != "" {
		var err error
		if list, err = a.applyBaseline(cmd, f, list, l.unread == nil && readable(results) == len(results)); err != nil {
			return err
		}
	}
	r := lintReport(slices.Concat(results, l.unread), list)
	r.Fails = l.fails(results)
	if err := a.report(r, format, outputs); err != nil {
		return &statusError{exitInternal, err}
	}
	if !f.quiet && format.Name == "text" {
		text := counted(list)
		if ignored > 0 {
			text += fmt.Sprintf("; %d ignored", ignored)
		}
		fmt.Fprintf(a.env.Stderr, "%s: %s\n", plural(readable(results), "plan"), text)
	}
	return l.status(r, results)
}

// readable returns how many plans could be read.
func readable(results []linted) (n int) {
	for _, r := range results {
		if r.err == nil {
			n++
		}
	}
	return n
}

// lintReport is the report on all files.
func lintReport(results []linted, list diag.List) *findings.Report {
	r := &findings.Report{Findings: list}
	ignored := once{}
	for _, x := range results {
		f := findings.File{Name: cmp.Or(x.name, x.file)}
		if x.err != nil {
			f.Error = x.err.Error()
		}
		r.Files = append(r.Files, f)
		for _, g := range x.ignored {
			if ignored.first(&g.Finding) {
				r.Ignored = append(r.Ignored, g)
			}
		}
	}
	return r
}

func (a *app) newLinter(cmd *cobra.Command, f *lintFlags) (*linter, error) {
	var tried lint.Levels
	if _, ok := failLevel(f.failOn); !ok {
		return nil, &usageError{cmd, fmt.Sprintf("--fail-on cannot be '%s'; it takes error, warning, advice or never", f.failOn)}
	}
	set := func(l *lint.Levels) error {
		if f.only != nil {
			if err := l.Only(f.only); err != nil {
				return fmt.Errorf("--only: %w", err)
			}
		}
		for _, s := range f.except {
			if err := l.Set(s, lint.Off); err != nil {
				return fmt.Errorf("--except: %w", err)
			}
		}
		return nil
	}
	if err := set(&tried); err != nil {
		return nil, &usageError{cmd, err.Error()}
	}
	l := &linter{
		a:         a,
		configs:   &config.Finder{Show: a.env.relative},
		levels:    func(l *lint.Levels) { set(l) },
		stdinName: f.stdinName,
		failOn:    f.failOn,
		thorough:  f.fix || f.diff || f.since != "",
	}
	if !f.noCache {
		l.cache = a.openLintCache()
	}
	if f.config != "" {
		l.configs.All = a.env.abs(f.config)
	}
	return l, nil
}

// failLevel returns the least severe level that makes a run fail; Off is none.
func failLevel(word string) (lint.Level, bool) {
	if word == "never" {
		return lint.Off, true
	}
	level, ok := lint.ParseLevel(cmp.Or(word, "error"))
	return level, ok && level != lint.Off
}

// fails returns what says which findings make the run fail: --fail-on, or else the configuration of the plan. For a file that
// several plans use the least level of theirs counts.
func (l *linter) fails(results []linted) func(*diag.Diagnostic) bool {
	byFile := map[string]lint.Level{}
	for _, r := range results {
		if r.config == nil {
			continue
		}
		level, _ := failLevel(cmp.Or(l.failOn, r.config.FailOn))
		for _, d := range r.findings {
			if d.File == nil {
				continue
			}
			name := d.File.Name()
			if old, ok := byFile[name]; !ok || old == lint.Off || level != lint.Off && level < old {
				byFile[name] = level
			}
		}
	}
	return func(d *diag.Diagnostic) bool {
		level := lint.Error
		if d.File != nil {
			level = byFile[d.File.Name()]
		}
		return level != lint.Off && lint.LevelOf(d.Severity) >= level
	}
}

// status returns the error that ends the command.
func (l *linter) status(report *findings.Report, results []linted) error {
	var failed []error
	status := exitUsage
	said := map[string]bool{}
	for _, r := range slices.Concat(results, l.unread) {
		if r.err != nil && !said[r.err.Error()] {
			said[r.err.Error()] = true
			failed = append(failed, r.err)
		}
		if r.bug {
			status = exitInternal
		}
	}
	if len(failed) > 0 {
		return &statusError{status, errors.Join(failed...)}
	}
	for i := range report.Findings {
		if report.Fails(&report.Findings[i]) {
			return &statusError{status: exitError}
		}
	}
	return nil
}
