package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/release"
)

func (a *app) newErrandsList() *cobra.Command {
	f := &workFlags{}
	var local, asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Show the errands of a deployment or of the plan.",
		Example: "  escape errands list --local\n  escape errands list -e prod -d demo/app",
		Args:    noArgs,
	}
	f.planStateFlags.add(cmd)
	cmd.Flags().BoolVar(&local, "local", false, "Those of the plan, not of a deployed release")
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print them as a JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !local && f.deployment == "" {
			return &usageError{cmd, "name a deployment with -d, or say --local for the errands of the plan"}
		}
		w, err := a.newErrandWork(cmd.Context(), f)
		if err != nil {
			return err
		}
		m, err := w.errandsOf(cmd, local)
		if err != nil {
			return err
		}
		text, err := errandsText(m, asJSON)
		if err != nil {
			return err
		}
		_, err = a.env.Stdout.Write(text)
		return printError(err)
	}
	return cmd
}

// errandsOf returns the release whose errands are asked for.
func (w *errandWork) errandsOf(cmd *cobra.Command, local bool) (*release.Metadata, error) {
	if local {
		if err := w.usePlan(cmd.Context()); err != nil {
			return nil, err
		}
		return w.tree.Release, nil
	}
	d, err := w.find("")
	if err != nil {
		return nil, err
	}
	id, err := w.deployedRelease(d)
	if err != nil {
		return nil, err
	}
	return w.app.resolver(w.profile).metadata(cmd.Context(), id)
}

// noDescription stands for the description of an errand, or of an input of one, that has none.
const noDescription = "No description given."

// errandsText writes the errands of a release in order of their names.
func errandsText(m *release.Metadata, asJSON bool) ([]byte, error) {
	var b bytes.Buffer
	if asJSON {
		text, err := json.Marshal(m.Errands)
		b.Write(append(text, '\n'))
		return b.Bytes(), err
	}
	if len(m.Errands) == 0 {
		return []byte("No errands on the deployment\n"), nil
	}
	fmt.Fprintln(&b, "Errands:")
	for _, name := range slices.Sorted(maps.Keys(m.Errands)) {
		e := m.Errands[name]
		fmt.Fprintf(&b, "- %s\n\n\n  %s\n\n\n", name, cmp.Or(e.Description, noDescription))
		inputs := slices.DeleteFunc(slices.Clone(e.Inputs), magic) // nobody has to give them
		for _, v := range inputs {
			fmt.Fprintf(&b, "  * %s: %s\n", v.ID, cmp.Or(v.Description, noDescription))
		}
		if len(inputs) > 0 {
			fmt.Fprintln(&b)
		}
	}
	return b.Bytes(), nil
}
