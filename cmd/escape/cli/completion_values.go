package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/findings"
	"escape.build/escape/inventory/local"
	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/release"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

// A choice is what may be typed, and what it is.
type choice struct{ value, help string }

// A completer returns what may stand at the end of a command line: behind args, for what is typed so far.
type completer func(cmd *cobra.Command, args []string, typed string) []choice

// completers says by flag name what values there are, and by command what arguments.
func (a *app) completers() (flags, arguments map[string]completer) {
	flags = map[string]completer{
		"application":      a.packageNames,
		"deployment":       a.deployments,
		"environment":      a.environments,
		"except":           rules,
		"extra-providers":  a.extraProviders,
		"extra-vars":       a.extraVars,
		"fail-on":          fixed("error", "warning", "advice", "never"),
		"format":           formats,
		"graph":            fixed("dot", "mermaid"),
		"level":            fixed("debug", "info", "success", "warn", "error"),
		"lock-timeout":     fixed("10s", "1m", "10m"),
		"logger":           fixed("default", "json"),
		"name":             fixed(),
		"only":             rules,
		"override-version": fixed(),
		"parallelism":      fixed(),
		"plan":             a.planPaths,
		"profile":          a.profileNames,
		"project":          a.namespaces,
		"remote-state":     fixed(),
		"since":            fixed(),
		"step":             steps,
		"to":               a.targets,
		"to-deployment":    a.deploymentsThere,
		"unset":            a.storedInputs,
		"version":          a.versions,
	}
	first := func(c completer) completer {
		return func(cmd *cobra.Command, args []string, typed string) []choice {
			if len(args) > 0 {
				return nil
			}
			return c(cmd, args, typed)
		}
	}
	arguments = map[string]completer{
		"apply":                 first(a.releases),
		"completion":            first(fixed("bash", "zsh", "fish")),
		"config profile":        first(a.profileNames),
		"config set-profile":    first(a.profileNames),
		"config delete-profile": first(a.profileNames),
		"errands run":           first(a.errandNames),
		"explain":               first(codes),
		"help":                  a.commandNames,
		"lint":                  a.planPaths,
		"plan":                  first(a.releases),
		"plan get":              first(a.planFields),
		"pull":                  a.releases,
		"run deploy":            a.releases,
		"schema":                first(fixed("plan", "lint")),
		"state create":          first(a.releases),
		"tag":                   first(a.releases),
		"validate":              a.planPaths,
	}
	return flags, arguments
}

// addCompletions tells the library what to offer. Flags that are not in the table take files.
func (a *app) addCompletions() {
	flags, arguments := a.completers()
	walk(a.root, func(cmd *cobra.Command) {
		for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				if c := flags[f.Name]; c != nil && f.NoOptDefVal == "" {
					// It fails only for a flag that is registered already: a persistent one, which is in both sets.
					_ = cmd.RegisterFlagCompletionFunc(f.Name, toCompletion(c))
				}
			})
		}
		cmd.ValidArgsFunction = cobra.NoFileCompletions
		if c := arguments[strings.Join(path(cmd), " ")]; c != nil {
			cmd.ValidArgsFunction = toCompletion(c)
		}
	})
}

// toCompletion makes the form that the library wants: choices that go on with what is typed, one line each. Behind a choice
// that is not complete ("demo/", "region=") no blank is put.
func toCompletion(c completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var out []cobra.Completion
		directive := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		for _, x := range c(cmd, args, typed) {
			if !strings.HasPrefix(x.value, typed) || strings.ContainsFunc(x.value, isControl) {
				continue
			}
			if strings.HasSuffix(x.value, "/") || strings.HasSuffix(x.value, "=") || strings.HasSuffix(x.value, "-") {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
			out = append(out, cobra.CompletionWithDesc(x.value, oneLine(x.help)))
		}
		return out, directive
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// oneLine returns the beginning of a text, fit for a list.
func oneLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, s)
}

func fixed(values ...string) completer {
	return func(*cobra.Command, []string, string) []choice {
		var list []choice
		for _, v := range values {
			list = append(list, choice{value: v})
		}
		return list
	}
}

// flagValue returns the value of a flag of cmd; "" if it has none.
func flagValue(cmd *cobra.Command, name string) string {
	if f := cmd.Flags().Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// readConfig returns the configuration; nil if it cannot be read.
func (a *app) readConfig() *config.Config {
	c, err := config.Load(a.env.places(), config.Options{Path: a.global.config, Profile: a.global.profile})
	if err != nil {
		return nil
	}
	return c
}

// stateOf returns what is recorded in the state file that cmd would use; false if that cannot be read.
func (a *app) stateOf(cmd *cobra.Command) (*state.State, bool) {
	file := flagValue(cmd, "state")
	if file == "" {
		file = defaultState
	}
	if flagValue(cmd, "use-profile-state") == "true" {
		c := a.readConfig()
		if c == nil {
			return nil, false
		}
		file = c.Profile.StatePath
	}
	if file == "" || flagValue(cmd, "remote-state") != "" {
		return nil, false
	}
	store, err := state.OpenFile(a.env.abs(file), state.Options{})
	if err != nil {
		return nil, false
	}
	view, err := store.View(cmd.Context())
	if err != nil {
		return nil, false
	}
	return view.State, true
}

func (a *app) environments(cmd *cobra.Command, _ []string, _ string) []choice {
	s, ok := a.stateOf(cmd)
	if !ok {
		return nil
	}
	var list []choice
	for _, name := range s.Environments() {
		list = append(list, choice{name, plural(len(s.Environment(name).Names()), "deployment")})
	}
	return list
}

// environmentOf returns the environment that cmd would use.
func (a *app) environmentOf(cmd *cobra.Command) (state.Environment, bool) {
	s, ok := a.stateOf(cmd)
	if !ok {
		return state.Environment{}, false
	}
	name := flagValue(cmd, "environment")
	if name == "" {
		name = defaultEnvironment
	}
	return s.Environment(name), true
}

func (a *app) deployments(cmd *cobra.Command, _ []string, _ string) []choice {
	env, ok := a.environmentOf(cmd)
	if !ok {
		return nil
	}
	return inEnvironment(env)
}

// deploymentsThere offers the deployments of the environment that something is promoted to.
func (a *app) deploymentsThere(cmd *cobra.Command, _ []string, _ string) []choice {
	s, ok := a.stateOf(cmd)
	if !ok {
		return nil
	}
	return inEnvironment(s.Environment(flagValue(cmd, "to")))
}

func inEnvironment(env state.Environment) []choice {
	var list []choice
	for _, name := range env.Names() {
		help := ""
		if d, ok := env.Deployment(name); ok {
			help = inShort(d)
		}
		list = append(list, choice{name, help})
	}
	return list
}

// deploymentOf returns what is recorded of the deployment that cmd would work on; false if there is nothing.
func (a *app) deploymentOf(cmd *cobra.Command) (*state.Deployment, bool) {
	env, ok := a.environmentOf(cmd)
	if !ok {
		return nil, false
	}
	name := flagValue(cmd, "deployment")
	if an, ok := a.planOf(cmd); ok && name == "" {
		namespace, pkg := release.SplitName(an.Plan.Name.Value)
		name = namespace + "/" + pkg
	}
	return env.Deployment(name)
}

// storedInputs offers the inputs that are recorded for a deployment.
func (a *app) storedInputs(cmd *cobra.Command, _ []string, _ string) []choice {
	d, ok := a.deploymentOf(cmd)
	if !ok {
		return nil
	}
	names := map[string]bool{}
	for _, s := range d.Stages {
		for name := range s.Inputs {
			names[name] = true
		}
	}
	return fixed(slices.Sorted(maps.Keys(names))...)(nil, nil, "")
}

// inShort says in a few words what a deployment is.
func inShort(d *state.Deployment) string {
	s, _ := d.Stage(state.DeployStage)
	if s.Version == "" {
		return d.Release + ", not deployed"
	}
	return fmt.Sprintf("%s v%s, %s", d.Release, s.Version, s.Status.Code)
}

// planOf reads the plan that cmd would use, as well as it can be read; false if it is not there.
func (a *app) planOf(cmd *cobra.Command) (*lang.Analysis, bool) {
	file := flagValue(cmd, "plan")
	if a.planGiven = cmd.Flags().Changed("plan"); file == "" {
		file = defaultPlan
	}
	src, err := a.readPlan(file)
	if err != nil {
		return nil, false
	}
	return lang.Analyze(src, lang.Options{}), true
}

// extraVars offers "input=", and then the values that are known.
func (a *app) extraVars(cmd *cobra.Command, _ []string, typed string) []choice {
	an, ok := a.planOf(cmd)
	if !ok {
		return nil
	}
	var list []choice
	for _, v := range slices.Concat(an.Plan.Inputs, an.Plan.BuildInputs, an.Plan.DeployInputs) {
		key := v.ID.Value + "="
		if !strings.HasPrefix(typed, key) {
			help := v.Var.String()
			if v.Description.Value != "" {
				help += ": " + v.Description.Value
			}
			if !slices.ContainsFunc(list, func(x choice) bool { return x.value == key }) { // once for each stage
				list = append(list, choice{key, help})
			}
			continue
		}
		for i := range v.Items.List {
			list = append(list, choice{value: key + v.Items.List[i].Text})
		}
		if v.Var.Name == "bool" {
			list = append(list, choice{value: key + "true"}, choice{value: key + "false"})
		}
	}
	return list
}

// extraProviders offers "consumer=", and then the deployments that provide its interface.
func (a *app) extraProviders(cmd *cobra.Command, _ []string, typed string) []choice {
	an, ok := a.planOf(cmd)
	if !ok {
		return nil
	}
	var list []choice
	for _, consumer := range slices.Concat(an.Plan.Consumes, an.Plan.BuildConsumes, an.Plan.DeployConsumes) {
		key := consumer.Alias() + "="
		if !strings.HasPrefix(typed, key) {
			list = append(list, choice{key, "provider of " + consumer.Interface.Value})
			continue
		}
		env, ok := a.environmentOf(cmd)
		if !ok {
			continue
		}
		for _, name := range env.Providers()[consumer.Interface.Value] {
			list = append(list, choice{value: key + name})
		}
	}
	return list
}

func steps(*cobra.Command, []string, string) []choice {
	var list []choice
	for _, action := range planner.Actions() {
		list = append(list, choice{value: action.Name})
	}
	return list
}

func (a *app) profileNames(*cobra.Command, []string, string) []choice {
	c := a.readConfig()
	if c == nil {
		return nil
	}
	var list []choice
	for name, p := range c.File.Profiles {
		help := "server " + p.APIServer
		if p.InventoryType == "local" {
			help = "folder " + p.LocalInventory
		}
		if name == c.File.Current {
			help += ", in use"
		}
		list = append(list, choice{name, help})
	}
	slices.SortFunc(list, func(x, y choice) int { return strings.Compare(x.value, y.value) })
	return list
}

// targets offers what --to takes: the notations of a plan, or environments.
func (a *app) targets(cmd *cobra.Command, args []string, typed string) []choice {
	if cmd.Name() == "convert" {
		return []choice{{value: "hcl"}, {value: "yaml"}}
	}
	return a.environments(cmd, args, typed)
}

// planPaths offers the plans of a folder, and the folders in it.
func (a *app) planPaths(_ *cobra.Command, _ []string, typed string) []choice {
	dir, _ := filepath.Split(typed)
	entries, err := os.ReadDir(a.env.abs(dir))
	if err != nil {
		return nil
	}
	var files, folders []choice
	for _, e := range entries {
		name := dir + e.Name()
		info, err := os.Stat(a.env.abs(name))
		switch {
		case err != nil, strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(typed, name[:len(dir)+1]):
		case info.IsDir():
			folders = append(folders, choice{value: name + "/"})
		case slices.Contains([]string{".yml", ".yaml", ".hcl"}, filepath.Ext(name)):
			files = append(files, choice{value: name})
		}
	}
	return append(files, folders...)
}

// planFields offers the fields of a plan, and behind "inputs." what is in that field.
func (a *app) planFields(cmd *cobra.Command, _ []string, typed string) []choice {
	var list []choice
	name, _, within := strings.Cut(typed, ".")
	if !within {
		for _, name := range plan.FieldNames() {
			f, _, _ := plan.Lookup(name)
			sentence, _, _ := strings.Cut(f.Doc, ". ")
			list = append(list, choice{name, sentence})
		}
		return list
	}
	an, ok := a.planOf(cmd)
	if !ok {
		return nil
	}
	node, _ := entry(plan.Unfold(an.Syntax), name)
	switch n := target(node).(type) {
	case *syntax.Mapping:
		for i := range n.Entries {
			if e := &n.Entries[i]; e.Key.Kind != syntax.Merge {
				list = append(list, choice{value: name + "." + e.Key.Text})
			}
		}
	case *syntax.Sequence:
		for i, item := range n.Items {
			called := strconv.Itoa(i)
			if names := entryNames(item.Value); len(names) > 0 {
				called = names[0]
			}
			list = append(list, choice{value: name + "." + called})
		}
	}
	return list
}

func codes(_ *cobra.Command, _ []string, typed string) []choice {
	var list []choice
	for _, e := range diag.Catalog() {
		switch {
		case e.Retired:
		case strings.HasPrefix(e.Name, typed) && typed != "":
			list = append(list, choice{e.Name, e.Summary})
		default:
			list = append(list, choice{string(e.Code), e.Summary})
		}
	}
	return list
}

// formats offers the formats of findings.
func formats(*cobra.Command, []string, string) []choice {
	var list []choice
	for _, f := range findings.Formats {
		list = append(list, choice{f.Name, f.Doc})
	}
	return list
}

// rules offers the rules of the linter behind those that are typed: categories, and as soon as a letter is typed rules.
func rules(_ *cobra.Command, _ []string, typed string) []choice {
	before, word := "", typed
	if i := strings.LastIndexByte(typed, ','); i >= 0 {
		before, word = typed[:i+1], typed[i+1:]
	}
	var list []choice
	for _, c := range lint.Categories {
		list = append(list, choice{value: before + string(c)})
	}
	for i := range lint.All() {
		if e := lint.All()[i].Code; word != "" {
			list = append(list, choice{before + e.Name, e.Summary}, choice{before + string(e.Code), e.Summary})
		}
	}
	return list
}

// commandNames offers the commands behind those that are typed.
func (a *app) commandNames(_ *cobra.Command, args []string, _ string) []choice {
	cmd := a.root
	for _, name := range args {
		if cmd = child(cmd, name); cmd == nil {
			return nil
		}
	}
	var list []choice
	for _, c := range cmd.Commands() {
		if !c.Hidden && c.Name() != cobra.ShellCompRequestCmd {
			list = append(list, choice{c.Name(), c.Short})
		}
	}
	return list
}

// localInventory returns the releases on this machine; nil if there are none. Servers are not asked.
func (a *app) localInventory() *local.Inventory {
	c := a.readConfig()
	if c == nil || c.Profile.LocalInventory == "" {
		return nil
	}
	return local.Open(a.env.abs(c.Profile.LocalInventory), local.Options{EscapeVersion: Version})
}

// releases offers namespaces, then packages, then versions.
func (a *app) releases(cmd *cobra.Command, _ []string, typed string) []choice {
	inv := a.localInventory()
	if inv == nil {
		return nil
	}
	ctx := cmd.Context()
	var list []choice
	prefix, namespace := "", "_"
	if before, _, ok := strings.Cut(typed, "/"); ok {
		prefix, namespace = before+"/", before
	} else {
		names, _ := inv.Namespaces(ctx)
		for _, name := range names {
			if name != "_" {
				list = append(list, choice{value: name + "/"})
			}
		}
	}
	packages, _ := inv.Packages(ctx, namespace)
	for _, name := range packages {
		id := prefix + name + "-"
		if !strings.HasPrefix(typed, id) {
			list = append(list, choice{value: id})
			continue
		}
		versions, _ := inv.Versions(ctx, namespace, name)
		if len(versions) > 0 {
			list = append(list, choice{id + "latest", "v" + string(versions[0])})
		}
		for _, v := range versions {
			list = append(list, choice{value: id + "v" + string(v)})
		}
	}
	return list
}

func (a *app) namespaces(cmd *cobra.Command, _ []string, _ string) []choice {
	inv := a.localInventory()
	if inv == nil {
		return nil
	}
	names, _ := inv.Namespaces(cmd.Context())
	return fixed(names...)(nil, nil, "")
}

func (a *app) packageNames(cmd *cobra.Command, _ []string, _ string) []choice {
	inv := a.localInventory()
	if inv == nil {
		return nil
	}
	names, _ := inv.Packages(cmd.Context(), flagValue(cmd, "project"))
	return fixed(names...)(nil, nil, "")
}

func (a *app) versions(cmd *cobra.Command, _ []string, _ string) []choice {
	inv := a.localInventory()
	if inv == nil {
		return nil
	}
	versions, _ := inv.Versions(cmd.Context(), flagValue(cmd, "project"), flagValue(cmd, "application"))
	var list []choice
	if len(versions) > 0 {
		list = append(list, choice{"latest", "v" + string(versions[0])})
	}
	for _, v := range versions {
		list = append(list, choice{value: string(v)})
	}
	return list
}

// errandNames offers the errands of the deployment that is named, if its release is on this machine, else those of the
// plan.
func (a *app) errandNames(cmd *cobra.Command, _ []string, _ string) []choice {
	var list []choice
	if m, ok := a.deployedRelease(cmd); ok {
		for name, e := range m.Errands {
			list = append(list, choice{name, e.Description})
		}
		slices.SortFunc(list, func(x, y choice) int { return strings.Compare(x.value, y.value) })
		return list
	}
	an, ok := a.planOf(cmd)
	if !ok {
		return nil
	}
	for _, e := range an.Plan.Errands {
		list = append(list, choice{e.Name.Value, e.Description.Value})
	}
	return list
}

// deployedRelease returns the metadata of what is deployed under the name that cmd was given.
func (a *app) deployedRelease(cmd *cobra.Command) (*release.Metadata, bool) {
	if flagValue(cmd, "deployment") == "" || flagValue(cmd, "local") == "true" {
		return nil, false
	}
	d, ok := a.deploymentOf(cmd)
	inv := a.localInventory()
	if !ok || inv == nil {
		return nil, false
	}
	s, _ := d.Stage(state.DeployStage)
	namespace, pkg := release.SplitName(d.Release)
	m, err := inv.Metadata(cmd.Context(), release.ID{Namespace: namespace, Name: pkg, Constraint: release.Exact(release.Version(s.Version))})
	return m, err == nil
}
