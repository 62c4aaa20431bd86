package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const (
	defaultPlan        = "escape.yml"
	defaultState       = "escape_state.json"
	defaultEnvironment = "dev"
)

// values is a flag that may be given several times. Commas are part of a value.
type values []string

func (v *values) String() string     { return strings.Join(*v, " ") }
func (v *values) Set(s string) error { *v = append(*v, s); return nil }
func (v *values) Type() string       { return "string" }

// The groups of flags that many commands share. Each adds its flags to a command and holds what was given.

type planFlag struct{ plan string }

func (f *planFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.plan, "plan", defaultPlan, "Path of the Escape plan")
}

type stateFlags struct {
	file       string
	useProfile bool
}

func (f *stateFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.file, "state", "s", defaultState, "State file")
	cmd.Flags().BoolVar(&f.useProfile, "use-profile-state", false, "Use the state file of the profile instead of --state")
}

type environmentFlag struct{ environment string }

func (f *environmentFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.environment, "environment", "e", defaultEnvironment, "Name of the environment")
}

type deploymentFlag struct{ deployment string }

func (f *deploymentFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.deployment, "deployment", "d", "", "Name of the deployment; by default that of the package")
}

type remoteFlag struct{ remote string }

func (f *remoteFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.remote, "remote-state", "r", "", "Project whose state the Inventory keeps")
}

// planStateFlags are the flags of commands that work on a plan and a state.
type planStateFlags struct {
	planFlag
	stateFlags
	environmentFlag
	deploymentFlag
	remoteFlag
}

func (f *planStateFlags) add(cmd *cobra.Command) {
	f.planFlag.add(cmd)
	f.stateFlags.add(cmd)
	f.environmentFlag.add(cmd)
	f.deploymentFlag.add(cmd)
	f.remoteFlag.add(cmd)
}

// lockTimeout is how long a command waits for a state that somebody else holds; 0 means not at all.
type lockTimeout struct{ wait time.Duration }

func (f *lockTimeout) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&f.wait, "lock-timeout", 0, "How long to wait for a state that another process holds, such as 30s or 5m")
}

// extraFlags are values for inputs and providers.
type extraFlags struct{ vars, providers values }

func (f *extraFlags) add(cmd *cobra.Command) {
	cmd.Flags().VarP(&f.vars, "extra-vars", "v", "Input as key=value, key=@file or @file.json; may be given several times")
	cmd.Flags().VarP(&f.providers, "extra-providers", "p", "Provider as variable=deployment; may be given several times")
}
