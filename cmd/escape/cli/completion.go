package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion <shell>",
		Short: "Print a script that completes command lines in a shell: bash, zsh or fish.",
		Long: `Print a script that completes command lines in a shell: bash, zsh or fish.

Beside commands and flags it completes what they are about: environments and deployments of the state file, releases of
the local Inventory, errands, profiles, plan files, fields and codes. No server is asked and nothing is written.`,
		Example: `  source <(escape completion bash)                                        # in ~/.bashrc
  escape completion zsh > "${fpath[1]}/_escape"                           # once; needs compinit
  escape completion fish > ~/.config/fish/completions/escape.fish         # once`,
		Args: oneArg("shell, which is " + shellNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			var out bytes.Buffer
			var err error
			switch args[0] {
			case "bash":
				err = a.root.GenBashCompletionV2(&out, true)
				out.WriteString(bashWords)
			case "zsh":
				err = a.root.GenZshCompletion(&out)
			case "fish":
				err = a.root.GenFishCompletion(&out, true)
			default:
				return &usageError{cmd, fmt.Sprintf("there is no completion for '%s'; it takes %s", args[0], shellNames)}
			}
			if err != nil {
				return err
			}
			_, err = a.env.Stdout.Write(out.Bytes())
			return printError(err)
		},
	}
}

const shellNames = "bash, zsh or fish"

// bashWords replaces a function of the generated script, which does not work without the package bash-completion.
const bashWords = `
# Where the package bash-completion is not loaded, words are what stands between blanks.
__escape_init_completion()
{
    COMPREPLY=()
    if declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
        _get_comp_words_by_ref "$@" cur prev words cword
        return
    fi
    local line="${COMP_LINE:0:COMP_POINT}"
    read -ra words <<<"$line"
    if [[ $line == *[[:space:]] ]]; then
        words+=("")
    fi
    cword=$((${#words[@]} - 1))
    cur="${words[cword]}"
    prev=""
    if ((cword > 0)); then
        prev="${words[cword - 1]}"
    fi
}
`

// isCompletion reports whether a shell asks how a command line may go on. It does so by a hidden command, with the words
// of the line as arguments; the last one is what is being typed.
func isCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// complete answers a shell. What cannot be found out is not offered; no error reaches the user, who is still typing.
func (a *app) complete(ctx context.Context) int {
	request, typed := a.env.Args[0], a.env.Args[1:]
	if len(typed) == 0 {
		return exitOK
	}
	a.addCompletions()
	a.root.SetHelpCommand(child(a.root, "help")) // or a second one is added
	last := len(typed) - 1
	a.root.SetArgs(append([]string{request}, a.completed(typed[:last], typed[last])...))
	// The only errors are those of a line that cannot be read, and the shell has been told that there is nothing to offer.
	_ = a.root.ExecuteContext(ctx)
	return exitOK
}

// completed returns the words of a command line as the library reads them: the names of the command first, then its own
// flags. (Flags may stand anywhere for us, also those of another command; see route.)
func (a *app) completed(words []string, last string) []string {
	r := route(a.root, words)
	cmd := r.cmd
	if r.help {
		return append(path(cmd), "--help", last)
	}
	open := "" // the flag whose value is being typed
	if before, _, ok := strings.Cut(last, "="); ok && strings.HasPrefix(last, "-") {
		open = before
	} else if n := len(r.args); n > 0 && r.args[n-1] == words[len(words)-1] && strings.HasPrefix(r.args[n-1], "-") && takesNext(cmd, a.root, r.args[n-1], nil) {
		open = r.args[n-1]
	}
	if open != "" {
		cmd = withFlag(cmd, open)
	}
	flags, others := split(cmd, r.args)
	if cmd.HasSubCommands() && len(others) == 0 && !strings.HasPrefix(last, "-") && open == "" {
		flags = nil // names of commands may come behind flags
	}
	return slices.Concat(path(cmd), others, flags, []string{last})
}

// path returns the names that lead to a command.
func path(cmd *cobra.Command) []string { return strings.Fields(cmd.CommandPath())[1:] }

// flagOf returns the flag of a command that an argument such as "-e" or "--environment" means; nil if it has none.
func flagOf(cmd *cobra.Command, arg string) *pflag.Flag {
	name, long := strings.CutPrefix(arg, "--")
	name, _, _ = strings.Cut(name, "=")
	for c := cmd; c != nil; c = c.Parent() {
		sets := []*pflag.FlagSet{c.PersistentFlags()}
		if c == cmd {
			sets = append(sets, c.Flags())
		}
		for _, set := range sets {
			if long {
				if f := set.Lookup(name); f != nil {
					return f
				}
			} else if len(arg) > 1 && arg[1] < 0x80 {
				if f := set.ShorthandLookup(arg[1:2]); f != nil {
					return f
				}
			}
		}
	}
	return nil
}

// withFlag returns cmd if it has the flag, else the first command below it that does, or cmd.
func withFlag(cmd *cobra.Command, flag string) *cobra.Command {
	found := cmd
	walk(cmd, func(c *cobra.Command) {
		if flagOf(found, flag) == nil && flagOf(c, flag) != nil {
			found = c
		}
	})
	return found
}

// split returns the flags of cmd among args, with their values, and the arguments that are no flags. Flags of other
// commands are left out. Behind "--" there are no flags.
func split(cmd *cobra.Command, args []string) (flags, others []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			return append(flags, args[i:]...), others
		case len(arg) < 2 || arg[0] != '-':
			others = append(others, arg)
		default:
			n := 1
			if i+1 < len(args) && takesNext(cmd, cmd.Root(), arg, args[i+1:]) {
				n = 2
			}
			if flagOf(cmd, arg) != nil {
				flags = append(flags, args[i:i+n]...)
			}
			i += n - 1
		}
	}
	return flags, others
}
