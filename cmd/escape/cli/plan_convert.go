package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/convert"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

func (a *app) newPlanConvert() *cobra.Command {
	var file planFlag
	var to, output string
	var write, force, keep bool
	cmd := &cobra.Command{
		Use:   "convert",
		Short: "Print the plan in the other notation: YAML as HCL, HCL as YAML.",
		Long: `Print the plan in the other notation: YAML as HCL, HCL as YAML.

The result means the same and holds all comments. Anchors, aliases and merge keys of YAML are written out where they are
used, and a comment for which the other notation has no place stands above what it stood behind. A plan with mistakes, with
a key that is there twice, or with a second document is refused, as something would be lost.

With --write the result takes the place of the plan: escape.yml becomes escape.hcl, or the other way round.`,
		Example: "  escape plan convert\n  escape plan convert --to hcl --write\n  escape plan convert --plan other.hcl --output other.yml",
		Args:    noArgs,
	}
	file.add(cmd)
	f := cmd.Flags()
	f.StringVar(&to, "to", "", "Notation to write, yaml or hcl; if left out, that of --output, or the one that the plan is not in")
	f.StringVarP(&output, "output", "o", "-", "File to write; - is standard output")
	f.BoolVar(&write, "write", false, "Write a file beside the plan and remove the plan")
	f.BoolVar(&keep, "keep", false, "With --write: do not remove the plan; commands then need --plan")
	f.BoolVarP(&force, "force", "f", false, "Overwrite the file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case write && cmd.Flags().Changed("output"):
			return &usageError{cmd, "--write and --output exclude each other"}
		case keep && !write:
			return &usageError{cmd, "--keep needs --write"}
		case to != "" && to != "yaml" && to != "hcl":
			return &usageError{cmd, fmt.Sprintf("--to cannot be '%s'; it takes yaml or hcl", to)}
		}
		if names, ok := notations[filepath.Ext(output)]; ok {
			if to != "" && to != names {
				return &usageError{cmd, fmt.Sprintf("--to %s does not fit --output %s, which is read as %s", to, output, names)}
			}
			to = names
		}
		src, err := a.readPlan(file.plan)
		if err != nil {
			return err
		}
		notation := wanted(to, src.Name())
		text, err := a.convert(src, notation)
		switch {
		case err != nil:
			return err
		case write:
			return a.swapPlan(src.Name(), notation, text, force, keep)
		case output != "-":
			return a.writeNew(output, text, src.Name(), force)
		}
		_, err = io.WriteString(a.env.Stdout, text)
		return printError(err)
	}
	return cmd
}

// notations are the values of --to that the names of plans end in.
var notations = map[string]string{".yml": "yaml", ".yaml": "yaml", ".hcl": "hcl"}

// wanted is the notation that --to names; without it, the one that a file is not in.
func wanted(to, name string) syntax.Notation {
	if to == "hcl" || to == "" && syntax.NotationOf(name) == syntax.YAML {
		return syntax.HCL
	}
	return syntax.YAML
}

// convert returns the text of a plan in another notation, and warns of what is doubtful about it.
func (a *app) convert(src *source.File, to syntax.Notation) (string, error) {
	text, findings, err := convert.To(src, to)
	var refused *convert.Error
	switch {
	case errors.As(err, &refused):
		pos := src.Position(int(refused.Span.Start))
		detail := fmt.Sprintf("  %s:%d:%d\n", src.Name(), pos.Line, pos.Column)
		if refused.Hint != "" {
			detail += "  " + refused.Hint + "\n"
		}
		return "", &reported{err: fmt.Errorf("Couldn't convert Escape plan '%s': %w", src.Name(), err), detail: detail}
	case err != nil:
		return "", err
	}
	if findings.HasErrors() {
		return "", a.unreadable(src, findings)
	}
	a.warn(findings)
	return text, nil
}

// unreadable is the error for a plan with mistakes: as a plan that cannot be parsed if that is what it is.
func (a *app) unreadable(src *source.File, findings diag.List) error {
	var texts diag.List
	for _, d := range findings {
		if d.Code.IsText() {
			texts = append(texts, d)
		}
	}
	if err := parseError(src.Name(), texts); err != nil {
		return err
	}
	return findingErrors(findings)
}

// swapPlan writes a plan beside the one of path and removes that. The new one is complete before the old one goes. If that
// cannot be removed, both stay.
func (a *app) swapPlan(path string, to syntax.Notation, text string, force, keep bool) error {
	if syntax.NotationOf(path) == to {
		return nil
	}
	extension := ".yml"
	if to == syntax.HCL {
		extension = ".hcl"
	}
	target := strings.TrimSuffix(path, filepath.Ext(path)) + extension
	if err := a.writeNew(target, text, path, force); err != nil || keep {
		return err
	}
	return named(os.Remove(a.env.abs(path)), path)
}

// writeNew writes a file as a whole, one that is there only by force. A new one is as open to others as the file like.
func (a *app) writeNew(path, text, like string, force bool) error {
	if _, err := os.Lstat(a.env.abs(path)); err == nil && !force {
		return fmt.Errorf("'%s' already exists. Use --force / -f to overwrite.", path)
	}
	return a.writeFile(path, text, a.modeOf(like))
}
