package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

func (a *app) newPlanDiff() *cobra.Command {
	var flags planStateFlags
	var asJSON, exitCode bool
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show what is different in the plan since its newest release.",
		Long: `Show what is different in the plan since its newest release.

The plan is compiled, and compared with the newest release of its package in the Inventory: one line for each difference,
nothing if there is none. Entries that have a name are compared with those of that name, wherever they stand. Of the flags
only --plan changes the result; the others are accepted because the original has them.`,
		Example: "  escape plan diff\n  escape plan diff --exit-code --json",
		Args:    noArgs,
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print one JSON object")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "Exit with status 2 if anything is different")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		compiled, profile, err := a.compileFor(cmd.Context(), &flags)
		if err != nil {
			return err
		}
		previous, err := a.newestRelease(cmd.Context(), profile, compiled)
		if err != nil {
			return err
		}
		changes := release.Diff(previous, compiled)
		text := sentences(changes)
		if asJSON {
			if text, err = diffJSON(previous, compiled, changes); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprint(a.env.Stdout, text); err != nil {
			return printError(err)
		}
		if exitCode && len(changes) > 0 {
			return &statusError{status: exitChanges}
		}
		return nil
	}
	return cmd
}

// newestRelease returns the newest release of the package of m. That there is none is the only failure of an Inventory
// that has a meaning here; all others are returned as they are.
func (a *app) newestRelease(ctx context.Context, profile *config.EscapeConfigProfile, m *release.Metadata) (*release.Metadata, error) {
	inv, err := a.inventory(profile)
	if err != nil {
		return nil, err
	}
	id := m.ID()
	id.Constraint = release.Latest()
	newest, err := inv.Metadata(ctx, id)
	if errors.Is(err, inventory.ErrNotFound) {
		return nil, fmt.Errorf("Can't show differences with previous version of %q, because no other version of %q exists in the Inventory (%s)",
			id.Package(), id.Package(), inv.Location())
	}
	return newest, err
}

// sentences returns one line for each change.
func sentences(changes []release.Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// diffFormat is the version of the JSON object of "plan diff --json". Programs may rely on the members of the same major
// version; new ones raise the minor one.
const diffFormat = "1.0"

type diffsJSON struct {
	Format   string       `json:"format_version"`
	Previous string       `json:"previous"` // release id
	Compiled string       `json:"compiled"`
	Changes  []changeJSON `json:"changes"` // in order
	// Fields are the same changes by field and kind, as an Inventory answers.
	Fields map[string]map[string][]release.Change `json:"fields"`
}

type changeJSON struct {
	Kind string `json:"kind"` // "change", "add" or "remove"
	Path string `json:"path"`
	Old  any    `json:"old,omitempty"`
	New  any    `json:"new,omitempty"`
	Text string `json:"text"`
}

func diffJSON(previous, compiled *release.Metadata, changes []release.Change) (string, error) {
	out := diffsJSON{
		Format: diffFormat, Previous: previous.QualifiedID(), Compiled: compiled.QualifiedID(), Changes: []changeJSON{},
		Fields: release.Grouped(changes),
	}
	for _, c := range changes {
		out.Changes = append(out.Changes, changeJSON{Kind: c.Kind.String(), Path: strings.Join(c.Path, ""), Old: c.Old, New: c.New, Text: c.String()})
	}
	text, err := toJSON(out)
	return text + "\n", err
}
