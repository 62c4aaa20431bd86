package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/diag/catalog"
)

func (a *app) newExplain() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use:     "explain <code>",
		Short:   "Explain a finding by its code or name.",
		Example: "  escape explain ESC2001\n  escape explain unknown-field\n  escape explain --list",
	}
	cmd.Flags().BoolVar(&list, "list", false, "List all codes")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if list {
			return noArgs(cmd, args)
		}
		return oneArg("code or name of a finding")(cmd, args)
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if list {
			return a.explainAll()
		}
		return a.explain(args[0])
	}
	return cmd
}

func (a *app) explain(name string) error {
	entry, ok := diag.Lookup(name)
	if !ok {
		entry, ok = diag.Lookup(strings.ToUpper(name))
	}
	if !ok {
		var names []string
		for _, e := range diag.Catalog() {
			names = append(names, string(e.Code), e.Name)
		}
		text := fmt.Sprintf("there is no code or name '%s'", name)
		if near, ok := diag.Nearest(name, names); ok {
			text += fmt.Sprintf("; did you mean '%s'?", near)
		} else {
			text += "; 'escape explain --list' shows all"
		}
		return &statusError{exitUsage, fmt.Errorf("%s", text)}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s (%s): %s\n", entry.Code, entry.Name, entry.Severity, entry.Summary)
	if entry.Retired {
		out.WriteString("\nNo longer reported.\n")
	}
	if x, ok := catalog.Explain(entry.Code); ok {
		fmt.Fprintf(&out, "\n%s\n", x.Text)
		for _, f := range x.Files {
			title := f.Name
			switch {
			case strings.HasPrefix(f.Name, "bad."):
				title = "Wrong"
			case strings.HasPrefix(f.Name, "fixed."):
				title = "Right"
			}
			fmt.Fprintf(&out, "\n%s:\n\n", title)
			for line := range strings.Lines(f.Text) {
				out.WriteString("    " + line)
			}
			if !strings.HasSuffix(f.Text, "\n") {
				out.WriteByte('\n')
			}
		}
	}
	_, err := a.env.Stdout.Write(out.Bytes())
	return printError(err)
}

func (a *app) explainAll() error {
	var out bytes.Buffer
	for _, e := range diag.Catalog() {
		if !e.Retired {
			fmt.Fprintf(&out, "%s  %-7s  %-28s  %s\n", e.Code, e.Severity, e.Name, e.Summary)
		}
	}
	_, err := a.env.Stdout.Write(out.Bytes())
	return printError(err)
}
