package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/findings"
)

// formatFlags say in which formats findings are reported, and where.
type formatFlags struct {
	format  string
	outputs []string
}

func (f *formatFlags) add(cmd *cobra.Command) {
	names := strings.Join(findings.Names(), ", ")
	cmd.Flags().StringVar(&f.format, "format", "text", "Format of standard output: "+names)
	cmd.Flags().StringArrayVar(&f.outputs, "output", nil, "Write a report to a file too, as FORMAT=FILE; may be given several times")
}

// An output is a report that is written to a file.
type output struct {
	format findings.Format
	file   string
}

// parse returns the format of standard output and the other reports.
func (f *formatFlags) parse(cmd *cobra.Command) (findings.Format, []output, error) {
	lookup := func(name string) (findings.Format, error) {
		format, ok := findings.Lookup(name)
		if !ok {
			return format, &usageError{cmd, fmt.Sprintf("there is no format '%s'\n%s", name, strings.TrimRight(alternatives(name, findings.Names()), "\n"))}
		}
		return format, nil
	}
	format, err := lookup(f.format)
	if err != nil {
		return format, nil, err
	}
	var outputs []output
	for _, text := range f.outputs {
		name, file, ok := strings.Cut(text, "=")
		if !ok || file == "" {
			return format, nil, &usageError{cmd, fmt.Sprintf("--output cannot be '%s'; it takes FORMAT=FILE, such as sarif=report.sarif", text)}
		}
		of, err := lookup(name)
		if err != nil {
			return format, nil, err
		}
		outputs = append(outputs, output{of, file})
	}
	return format, outputs, nil
}

// report writes a report to standard output and to files.
func (a *app) report(r *findings.Report, format findings.Format, outputs []output) error {
	r.Version = Version
	r.Path = a.reportPath
	for _, o := range outputs {
		var text bytes.Buffer
		if err := o.format.Write(&text, r); err != nil {
			return err
		}
		if err := a.replaceFile(o.file, text.String()); err != nil {
			return err
		}
	}
	r.Color = a.color(a.env.Terminal.Stdout)
	return printError(format.Write(a.env.Stdout, r))
}

// reportPath returns how reports call a file: with slashes, and relative to the working directory if it lies below.
func (a *app) reportPath(name string) string {
	path := a.env.abs(filepath.FromSlash(name))
	if rel := a.env.relative(path); rel != path {
		name = rel
	}
	return filepath.ToSlash(name)
}
