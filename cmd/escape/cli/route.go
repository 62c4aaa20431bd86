package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A routed says which command a line of arguments means.
type routed struct {
	cmd     *cobra.Command
	args    []string // flags and arguments without the names that lead to cmd
	help    bool     // -h or --help stands somewhere
	version bool     // --version stands in front of any command
}

// route finds the command. Flags may stand before or after the names of commands, so a flag in front of a command that
// is not known yet is looked up in all commands to learn whether the next argument is its value.
func route(root *cobra.Command, args []string) routed {
	r := routed{cmd: root}
	positional := false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			r.args = append(r.args, args[i:]...)
			return r
		case arg == "-h" || arg == "--help" || arg == "--help=true":
			r.help = true
		case arg == "--version" && r.cmd == root:
			r.version = true
		case len(arg) > 1 && arg[0] == '-':
			r.args = append(r.args, arg)
			if takesNext(r.cmd, root, arg, args[i+1:]) && i+1 < len(args) {
				i++
				r.args = append(r.args, args[i])
			}
		default:
			if sub := child(r.cmd, arg); sub != nil && !positional {
				r.cmd = sub
				continue
			}
			positional = true
			r.args = append(r.args, arg)
		}
	}
	return r
}

func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, c := range cmd.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// takesNext reports whether the value of flag arg is the argument behind it.
func takesNext(cmd, root *cobra.Command, arg string, rest []string) bool {
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		return !strings.Contains(name, "=") && hasValue(cmd, root, rest, func(s *pflag.FlagSet) *pflag.Flag { return s.Lookup(name) })
	}
	for i := 1; i < len(arg); i++ {
		if i+1 < len(arg) && arg[i+1] == '=' {
			return false
		}
		letter := arg[i : i+1]
		if arg[i] < 0x80 && hasValue(cmd, root, rest, func(s *pflag.FlagSet) *pflag.Flag { return s.ShorthandLookup(letter) }) {
			return i+1 == len(arg)
		}
	}
	return false
}

// hasValue reports whether a flag is no switch: the flag of cmd if there is one, else of the commands below it, else of
// any command. Where those disagree, an argument that names a command is no value.
func hasValue(cmd, root *cobra.Command, rest []string, lookup func(*pflag.FlagSet) *pflag.Flag) bool {
	for c := cmd; c != nil; c = c.Parent() {
		for _, set := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
			if f := lookup(set); f != nil && (c == cmd || set == c.PersistentFlags()) {
				return f.NoOptDefVal == ""
			}
		}
	}
	for _, top := range []*cobra.Command{cmd, root} {
		withValue, without := 0, 0
		walk(top, func(c *cobra.Command) {
			for _, set := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
				if f := lookup(set); f == nil {
				} else if f.NoOptDefVal == "" {
					withValue++
				} else {
					without++
				}
			}
		})
		if withValue > 0 && without > 0 {
			return len(rest) == 0 || child(cmd, rest[0]) == nil
		}
		if withValue+without > 0 {
			return withValue > 0
		}
	}
	return false
}

// walk calls fn for cmd and all commands below it.
func walk(cmd *cobra.Command, fn func(*cobra.Command)) {
	fn(cmd)
	for _, c := range cmd.Commands() {
		walk(c, fn)
	}
}
