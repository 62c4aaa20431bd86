package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/eval/redact"
)

func (a *app) newConfigSet() *cobra.Command {
	return &cobra.Command{
		Use:   "set <field> <value>",
		Short: "Change a field of the profile in use.",
		Long: `Change a field of the profile in use.

A list is given as names separated by commas. An empty value stands for the default of the field, if it has one. Values of
commands can be seen in the list of processes: 'escape login --password-stdin' is the better way for secrets.`,
		Example: "  escape config set state_path /srv/state.json\n  escape config set proxy_namespaces examples,extensions\n" +
			"  escape config set insecure_skip_verify false --profile ci",
		Args: setArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			field, err := a.setField(args[0], args[1])
			if err != nil {
				return err
			}
			if field.Secret && field.Value != "" {
				field.Value = redact.Mask
			}
			return a.configResult(cmd, fieldLine(field), field.Value)
		},
	}
}

// setArgs takes a field and a value.
func setArgs(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return &usageError{cmd, "missing argument: field"}
	case 1:
		return &usageError{cmd, "missing argument: value"}
	case 2:
		return nil
	}
	return &usageError{cmd, fmt.Sprintf("unexpected argument '%s'", args[2])}
}

// setField stores a value and returns what the field then is.
func (a *app) setField(key, text string) (field config.Field, err error) {
	err = a.updateConfig(func(d *config.Document) error {
		name := a.profileName(d)
		p, err := d.Profile(name)
		if err != nil {
			return err
		}
		if known, err := p.SetField(key, text); err != nil {
			return err
		} else if !known {
			return noField(key)
		}
		fields := p.Fields()
		field = fields[slices.IndexFunc(fields, func(f config.Field) bool { return f.Key == key })]
		return d.Set(name, p)
	})
	return field, err
}
