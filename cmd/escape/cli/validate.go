package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/findings"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
)

func (a *app) newValidate() *cobra.Command {
	var asJSON, alone bool
	var formats formatFlags
	cmd := &cobra.Command{
		Use:   "validate [file ...]",
		Short: "Find mistakes in plans without running anything.",
		Long: `Find mistakes in plans without running anything.

Arguments are files, folders (their escape.yml, escape.yaml or escape.hcl is meant), patterns such as "*/escape.yml", or -
for standard input; none mean this folder. Scripts and other files are looked for in the folder of each plan.

Plans of one Git repository know each other: a dependency or extension whose plan is among them is what that plan says now,
if it can be the release that is asked for. Without a repository this holds for the plans below the folder around all
arguments. Of other packages is known what is unpacked in deps, was fetched before, or is in a local Inventory; no server
is asked. Comments silence findings as "escape lint" does.

The exit status is 0 if there are no errors (there may be warnings), 1 if there are, and 2 if a file could not be read.`,
		Example: "  escape validate\n  escape validate services/* --json",
		Args:    cobra.ArbitraryArgs,
	}
	formats.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print all findings as one JSON object, as --format json does")
	cmd.Flags().BoolVar(&alone, "no-workspace", false, "Check each plan by itself, without other plans of the repository")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if asJSON {
			formats.format = "json"
		}
		format, outputs, err := formats.parse(cmd)
		if err != nil {
			return err
		}
		files, err := a.planFiles(args)
		if err != nil {
			return &statusError{exitUsage, err}
		}
		results := make([]validated, len(files))
		packages := a.packagesAtHand(files...)
		packages.alone = alone
		parallel(len(files), func(i int) { results[i] = a.validate(files[i], packages) })
		r := validateReport(results)
		if err := a.report(r, format, outputs); err != nil {
			return err
		}
		if format.Name == "text" {
			a.summary(results, r.Findings)
		}
		var failed []error
		status := exitOK
		for _, r := range results {
			if r.err != nil {
				failed = append(failed, r.err)
			} else if r.findings.HasErrors() {
				status = exitError
			}
		}
		if len(failed) > 0 {
			return &statusError{exitUsage, errors.Join(failed...)}
		}
		if status != exitOK {
			return &statusError{status: status}
		}
		return nil
	}
	return cmd
}

// A validated is what became of one file.
type validated struct {
	file     string
	findings diag.List
	err      error // it could not be read
}

const stdin = "-"

// planFiles returns the files that the arguments mean, each once, in their order.
func (a *app) planFiles(args []string) ([]string, error) {
	if len(args) == 0 {
		args = []string{""}
	}
	var files []string
	seen := map[string]bool{}
	add := func(file string) {
		key := file
		if file != stdin {
			key = a.env.abs(file)
		}
		if !seen[key] {
			seen[key] = true
			files = append(files, file)
		}
	}
	for _, arg := range args {
		names := []string{arg}
		if _, err := os.Stat(a.env.abs(arg)); err != nil && arg != stdin && strings.ContainsAny(arg, "*?[") {
			matches, err := filepath.Glob(a.env.abs(arg))
			if err != nil {
				return nil, fmt.Errorf("pattern '%s': %w", arg, err)
			}
			if len(matches) == 0 {
				return nil, fmt.Errorf("no file matches '%s'", arg)
			}
			names = names[:0]
			for _, m := range matches {
				if rel, err := filepath.Rel(a.env.Dir, m); err == nil && !filepath.IsAbs(arg) {
					m = rel
				}
				names = append(names, m)
			}
		}
		for _, name := range names {
			info, err := os.Stat(a.env.abs(name))
			if err != nil || !info.IsDir() || name == stdin || filepath.Base(name) == defaultPlan {
				add(name)
				continue
			}
			plan, err := a.planIn(name)
			if err != nil {
				if r := (*reported)(nil); errors.As(err, &r) {
					r.detail = "  name the file that is meant, or remove the other\n"
				}
				return nil, err
			}
			if !a.exists(plan) && len(names) > 1 {
				continue // one of many folders, and not a package
			}
			add(plan)
		}
	}
	return files, nil
}

func (a *app) validate(file string, packages *atHand) validated {
	if file == stdin {
		text, err := readAll(a.env.Stdin, maxPlan)
		if err != nil {
			return validated{file: file, err: fmt.Errorf("read standard input: %w", err)}
		}
		return validated{file: file, findings: analyze(source.NewFile("<stdin>", string(text)), a.env.Dir, packages).Findings}
	}
	src, err := a.readNamed(file)
	if err != nil {
		return validated{file: file, err: err}
	}
	return validated{file: file, findings: analyze(src, filepath.Dir(a.env.abs(file)), packages).Findings}
}

// parallel calls fn for 0 to n-1, on as many processors as there are, and returns when all calls did.
func parallel(n int, fn func(int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers < 2 {
		for i := range n {
			fn(i)
		}
		return
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				fn(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// validateReport is the report on all files. What is said of a script that several plans use is said once.
func validateReport(results []validated) *findings.Report {
	r := &findings.Report{}
	said := once{}
	for _, v := range results {
		f := findings.File{Name: v.file}
		if v.err != nil {
			f.Error = v.err.Error()
		}
		r.Files = append(r.Files, f)
		for _, d := range v.findings {
			if said.first(&d) {
				r.Findings = append(r.Findings, d)
			}
		}
	}
	return r
}

// summary writes how many findings there are to standard error.
func (a *app) summary(results []validated, all diag.List) {
	read := 0
	for _, r := range results {
		if r.err == nil {
			read++
		}
	}
	if read > 0 {
		fmt.Fprintf(a.env.Stderr, "%s: %s\n", plural(read, "plan"), counted(all))
	}
}

// counted says how many findings of each severity there are.
func counted(list diag.List) string {
	var parts []string
	for _, c := range []struct {
		severity diag.Severity
		word     string
	}{{diag.Error, "error"}, {diag.Warning, "warning"}, {diag.Advice, "piece of advice"}} {
		if n := list.Count(c.severity); n > 0 {
			parts = append(parts, plural(n, c.word))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if first, rest, ok := strings.Cut(word, " "); ok {
		return fmt.Sprintf("%d %ss %s", n, first, rest)
	}
	return fmt.Sprintf("%d %ss", n, word)
}
