package cli

import (
	"github.com/spf13/cobra"
)

// Annotations of commands.
const (
	// logsAreResult marks a command whose JSON log lines go to standard output, because it has no other result there.
	logsAreResult = "logs are result"
)

const defaultConfig = "~/.escape_config"

// A top is a command right below the root, with the commands below it.
type top struct {
	name string
	make func(*app) *cobra.Command
}

// tops are the commands below the root. A command is one line here and one file; a test asks for a script per command.
func tops() []top {
	return []top{
		{"apply", (*app).newApply},
		{"completion", (*app).newCompletion},
		{"explain", (*app).newExplain},
		{"help", (*app).newHelp},
		{"lint", (*app).newLint},
		{"lsp", (*app).newLSP},
		{"login", (*app).newLogin},
		{"pull", (*app).newPull},
		{"schema", (*app).newSchema},
		{"tag", (*app).newTag},
		{"validate", (*app).newValidate},
		{"version", (*app).newVersion},
		{"config", func(a *app) *cobra.Command {
			return with(a.newConfig(),
				a.newConfigActiveProfile(),
				a.newConfigCreateProfile(),
				a.newConfigDeleteProfile(),
				a.newConfigListProfiles(),
				a.newConfigProfile(),
				a.newConfigSet(),
				a.newConfigSetProfile(),
			)
		}},
		{"deps", func(a *app) *cobra.Command {
			return with(a.newGroup("deps", "Get what the plan depends on and extends."),
				a.newDepsFetch(),
			)
		}},
		{"inventory", func(a *app) *cobra.Command {
			return with(a.newGroup("inventory", "Look at what is released."),
				a.newInventoryQuery(),
			)
		}},
		{"plan", func(a *app) *cobra.Command {
			return with(a.newPlan(),
				a.newPlanConvert(),
				a.newPlanDiff(),
				a.newPlanFmt(),
				a.newPlanGet(),
				a.newPlanInit(),
				a.newPlanMinify(),
				a.newPlanPreview(),
			)
		}},
		{"errands", func(a *app) *cobra.Command {
			return with(a.newGroup("errands", "List and run the errands of a deployment or plan."),
				a.newErrandsList(),
				a.newErrandsRun(),
			)
		}},
		{"run", func(a *app) *cobra.Command {
			return with(a.newGroup("run", "Build, test, deploy, release, promote and so on."),
				a.newRunBuild(),
				a.newRunConverge(),
				a.newRunDeploy(),
				a.newRunDestroy(),
				a.newRunPackage(),
				a.newRunPromote(),
				a.newRunRelease(),
				a.newRunSmoke(),
				a.newRunTest(),
			)
		}},
		{"state", func(a *app) *cobra.Command {
			return with(a.newGroup("state", "Look at and prepare the state of an environment."),
				a.newStateCreate(),
				a.newStateListDeployments(),
				a.newStateShowDeployment(),
				a.newStateShowProviders(),
			)
		}},
	}
}

// newRoot makes the tree of commands.
func (a *app) newRoot() *cobra.Command { return a.newTree(tops()) }

// newTree makes a tree of some commands.
func (a *app) newTree(list []top) *cobra.Command {
	root := a.newRootCommand()
	for _, t := range list {
		root.AddCommand(t.make(a))
	}
	walk(root, func(c *cobra.Command) {
		c.SilenceErrors, c.SilenceUsage = true, true
		c.InitDefaultHelpFlag()
		c.SetOut(a.env.Stdout)
		c.SetErr(a.env.Stderr)
	})
	return root
}

// with adds commands to a group.
func with(group *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	group.AddCommand(commands...)
	return group
}

func (a *app) newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "escape",
		Long: "Escape v" + Version + ` 

Escape describes packages in plans, builds, tests and deploys them, and keeps a
record of what is deployed where.

Start with 'escape plan init'; 'escape help COMMAND' says more about a command,
'escape explain CODE' about a message, and README.md links to the references.`,
		Args: noArgs,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	f := root.PersistentFlags()
	f.StringVarP(&a.global.config, "config", "c", defaultConfig, "Configuration file")
	f.StringVar(&a.global.profile, "profile", "", "Configuration profile for this run")
	f.StringVarP(&a.global.level, "level", "l", "info", "Least severe log level to show: debug, info, success, warn, error")
	f.StringVar(&a.global.logger, "logger", "default", "Format of log lines: default, json")
	f.BoolVar(&a.global.collapse, "collapse-logs", true, "Overwrite finished log lines on a terminal")
	return root
}

// newGroup makes a command that only holds others. Called alone it shows its usage and succeeds.
func (a *app) newGroup(name, short string) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Args:  noArgs,
	}
}
