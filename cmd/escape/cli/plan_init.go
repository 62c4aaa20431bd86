package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/hclfile/hcltext"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

func (a *app) newPlanInit() *cobra.Command {
	var name, output string
	var force, minify, inHCL bool
	cmd := &cobra.Command{
		Use:     "init",
		Short:   "Write a first plan.",
		Example: "  escape plan init --name my-project/my-package\n  escape plan init --name my-project/my-package --hcl",
		Args:    noArgs,
	}
	f := cmd.Flags()
	f.StringVarP(&name, "name", "n", "", "Name of the package, such as project/name")
	f.StringVarP(&output, "output", "o", defaultPlan, "File to write")
	f.BoolVar(&inHCL, "hcl", false, "Write the plan in HCL, to escape.hcl; so does a file of --output that ends in .hcl")
	f.BoolVarP(&force, "force", "f", false, "Overwrite the file")
	f.BoolVarP(&minify, "minify", "m", false, "Write only what a plan must have")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if name == "" {
			return &usageError{cmd, "Missing 'name' parameter"}
		}
		if err := checkPackageName(name); err != nil {
			return &usageError{cmd, err.Error()}
		}
		if inHCL && !cmd.Flags().Changed("output") {
			output = hclPlan
		}
		text := firstYAML(name, minify)
		if inHCL || syntax.NotationOf(output) == syntax.HCL {
			text = firstHCL(name, minify)
		}
		write := a.createFile
		if force {
			write = a.replaceFile
		} else if err := a.onlyPlan(output); err != nil {
			return err
		}
		err := write(output, text)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("'%s' already exists. Use --force / -f to overwrite.", output)
		}
		return err
	}
	return cmd
}

// onlyPlan refuses a plan beside one of another name that commands would find: they could not tell which is meant.
func (a *app) onlyPlan(path string) error {
	if !slices.Contains(planNames, filepath.Base(path)) {
		return nil
	}
	found, err := a.planIn(filepath.Dir(path))
	if err != nil {
		return err
	}
	if a.exists(found) && filepath.Clean(found) != filepath.Clean(path) {
		return &reported{
			err:    fmt.Errorf("There is a plan here already: %s", found),
			detail: "  'escape plan convert --write' writes it in the other notation\n",
		}
	}
	return nil
}

func firstYAML(name string, minify bool) string {
	text := fmt.Sprintf("name: %s\nversion: 0.0.@\n", yamlfile.ScalarText(name))
	if !minify {
		// Layout and blanks are the original's.
		text += "description: \nlogo: \n\nincludes:\n- README.md\n\nbuild: \ndeploy:\n\n"
	}
	return text
}

func firstHCL(name string, minify bool) string {
	text := fmt.Sprintf("name = %s\nversion = \"0.0.@\"\n", hcltext.Quote(name))
	if !minify {
		text += "description = \"\"\nlogo = \"\"\n\nincludes = [\"README.md\"]\n\nbuild = \"\"\ndeploy = \"\"\n"
	}
	return hclfile.Align(text)
}

// checkPackageName checks "name" or "project/name" by the rules a plan has to follow.
func checkPackageName(s string) error {
	project, name := release.SplitName(s)
	for _, part := range []string{project, name} {
		if err := release.CheckName(part); err != nil && part != "_" {
			return fmt.Errorf("%w; names are two characters at least: lower case letters, digits, \"-\" and \"_\", a letter first", err)
		}
	}
	return nil
}
