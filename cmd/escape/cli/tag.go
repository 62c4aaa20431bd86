package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"escape.build/escape/lang/release"
)

func (a *app) newTag() *cobra.Command {
	return &cobra.Command{
		Use:   "tag <release> <tag>",
		Short: "Put a tag on a release, by which others can ask for it.",
		Long: `Put a tag on a release, by which others can ask for it.

The release is a package with an exact version (demo/hello-v1.2.3), the newest that begins with something
(demo/hello-v1.2.@), the newest of all (demo/hello-latest), or another tag (demo/hello:other). Tags are letters, digits,
".", "_" and "-", and do not look like a version. A tag that is on another release of the package moves.`,
		Example: "  escape tag demo/hello-v1.2.3 stable\n  escape tag demo/hello:candidate stable",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return &usageError{cmd, "Expecting [RELEASE_ID] [TAG]"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := release.ParseID(args[0])
			if err != nil {
				return err
			}
			if !release.IsTag(args[1]) {
				return fmt.Errorf("The tag '%s' is not allowed.", args[1])
			}
			profile, err := a.profile(true)
			if err != nil {
				return err
			}
			inv, err := a.inventory(profile)
			if err != nil {
				return err
			}
			return inv.Tag(cmd.Context(), id, args[1])
		},
	}
}
