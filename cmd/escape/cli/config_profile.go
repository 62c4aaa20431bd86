package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/eval/redact"
)

func (a *app) newConfigProfile() *cobra.Command {
	var clear bool
	cmd := &cobra.Command{
		Use:   "profile [field]",
		Short: "Print the profile in use, or one field of it.",
		Long: `Print the profile in use, or one field of it.

Token and password are masked in the whole profile, and printed if they are asked for by name.`,
		Example: "  escape config profile\n  escape config profile api_server\n  escape config profile --profile ci --json",
		Args:    profileArgs,
	}
	cmd.Flags().BoolVar(&clear, "show-secrets", false, "Do not mask token and password")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := a.config(false)
		if err != nil {
			return err
		}
		fields := c.Profile.Fields()
		if len(args) == 0 {
			a.noteOverridden(c, fields)
			return a.showProfile(cmd, c.Name, fields, clear)
		}
		i := slices.IndexFunc(fields, func(f config.Field) bool { return f.Key == args[0] })
		if i < 0 {
			return noField(args[0])
		}
		a.noteOverridden(c, fields[i:i+1])
		return a.configResult(cmd, fieldLine(fields[i]), fields[i].Value)
	}
	return cmd
}

// profileArgs takes a field or nothing.
func profileArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return oneArg("field")(cmd, args)
}

// showProfile prints all fields of a profile, secrets masked unless clear.
func (a *app) showProfile(cmd *cobra.Command, name string, fields []config.Field, clear bool) error {
	lines := []string{"Profile: " + name, ""}
	var values object
	for _, f := range fields {
		if f.Secret && f.Value != "" && !clear {
			f.Value = redact.Mask
		}
		lines = append(lines, fieldLine(f))
		values = append(values, member{f.Key, f.Value})
	}
	return a.configResult(cmd, strings.Join(lines, "\n"), values)
}

func fieldLine(f config.Field) string { return fmt.Sprintf("%s: %v", f.Key, f.Value) }

// noField is the error for a name that is no field.
func noField(name string) error {
	var keys []string
	for _, f := range (&config.EscapeConfigProfile{}).Fields() {
		keys = append(keys, f.Key)
	}
	return &reported{err: fmt.Errorf("'%s' is not a valid field name", name), detail: alternatives(name, keys)}
}

// noteOverridden says which fields are not those of the file.
func (a *app) noteOverridden(c *config.Config, fields []config.Field) {
	for _, f := range fields {
		if variable, ok := c.Overridden[f.Key]; ok {
			a.log.Log(logs.Entry{Key: "config.overridden", Values: map[string]string{"key": f.Key, "variable": variable}})
		}
	}
}
