package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/format"
	"escape.build/escape/lang/source"
)

func (a *app) newPlanFmt() *cobra.Command {
	var tidy bool
	cmd := a.newFormatter("fmt", "Print the plan with all fields in order, and rewrite the file.", func(f *source.File) (string, diag.List) {
		if tidy {
			return format.Tidy(f)
		}
		return format.Format(f)
	})
	cmd.Long += "\n\nIn YAML, fields without a value are written as empty ones; a plan in HCL gets none of them."
	cmd.Flags().BoolVar(&tidy, "tidy", false, "Leave the fields as they are, and where they are: only spacing changes, as in editors")
	return cmd
}

// newFormatter makes a command that rewrites a plan. Without further flags it prints the new text and writes it, as the
// original does.
func (a *app) newFormatter(name, short string, reformat func(*source.File) (string, diag.List)) *cobra.Command {
	var file planFlag
	var check, showDiff, write bool
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Long: short + `

Comments, unknown fields and scripts stay as they are. Without --check, --diff or --write the text is printed and the
file is rewritten.`,
		Args: noArgs,
	}
	file.add(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "Write nothing; fail if the file would change")
	cmd.Flags().BoolVar(&showDiff, "diff", false, "Print what would change instead of the plan; write nothing without --write")
	cmd.Flags().BoolVar(&write, "write", false, "Write the file and print nothing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if check && write {
			return &usageError{cmd, "--check and --write exclude each other"}
		}
		an, err := a.loadPlan(file.plan)
		if err != nil {
			return err
		}
		src := an.Source
		text, list := reformat(src)
		if err := parseError(src.Name(), list); err != nil {
			return err
		}
		changed := text != src.Text()
		if showDiff {
			_, err = io.WriteString(a.env.Stdout, format.Diff(src.Name(), src.Text(), text))
		} else if !check && !write {
			_, err = io.WriteString(a.env.Stdout, text)
		}
		if err != nil {
			return printError(err)
		}
		switch {
		case !changed:
			return nil
		case check:
			return fmt.Errorf("%s is not in the layout of 'escape plan %s'", src.Name(), name)
		case showDiff && !write:
			return nil
		}
		return a.replaceFile(src.Name(), text)
	}
	return cmd
}
