package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestRoute(t *testing.T) {
	root := newApp(Env{}).root
	for _, c := range []struct{ line, command, rest string }{
		{"", "escape", ""},
		{"version", "escape version", ""},
		{"plan", "escape plan", ""},
		{"plan get name", "escape plan get", "name"},
		{"-e dev state list-deployments", "escape state list-deployments", "-e dev"},
		{"--json state list-deployments", "escape state list-deployments", "--json"},
		{"state --json list-deployments", "escape state list-deployments", "--json"},
		{"-e=dev state --level debug list-deployments", "escape state list-deployments", "-e=dev --level debug"},
		{"-edev -l debug state list-deployments", "escape state list-deployments", "-edev -l debug"},
		{"-fm plan init -n x", "escape plan init", "-fm -n x"},
		{"-fn x plan init", "escape plan init", "-fn x"},
		{"-d run state show-deployment", "escape state show-deployment", "-d run"},
		{"plan --json fmt", "escape plan fmt", "--json"},
		{"--nosuch plan", "escape plan", "--nosuch"},
		{"plan name init", "escape plan", "name init"},
		{"plan get -- --plan", "escape plan get", "-- --plan"},
		{"plan -v fmt=x", "escape plan", "-v fmt=x"},
		{"validate -", "escape validate", "-"},
		{"run build -e", "escape run build", "-e"},
		{"-u me login", "escape login", "-u me"},
		{"-u run package", "escape run package", "-u"},
		{"run -u package", "escape run package", "-u"},
	} {
		r := route(root, strings.Fields(c.line))
		if got := r.cmd.CommandPath(); got != c.command || strings.Join(r.args, " ") != c.rest {
			t.Errorf("route(%q) = %q with %q, want %q with %q", c.line, got, r.args, c.command, c.rest)
		}
	}
	for _, line := range []string{"-h", "plan --help", "plan -h get", "--help run build --nosuch"} {
		if !route(root, strings.Fields(line)).help {
			t.Errorf("%q asks for help", line)
		}
	}
	if route(root, []string{"plan", "--", "-h"}).help {
		t.Error("-h behind -- is no flag")
	}
}

// TestFlagsAgree: a flag in front of a command can only be told from an argument if it takes a value in all commands or
// in none. The original has one that does not; there, the name of a command is no value.
func TestFlagsAgree(t *testing.T) {
	values, switches := map[string]string{}, map[string]string{}
	walk(newApp(Env{}).root, func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			for _, name := range []string{"--" + f.Name, "-" + f.Shorthand} {
				if f.NoOptDefVal == "" {
					values[name] = c.CommandPath()
				} else {
					switches[name] = c.CommandPath()
				}
			}
		})
	})
	for name, c := range values {
		if other, ok := switches[name]; ok && name != "-" && name != "-u" {
			t.Errorf("%s takes a value in %q and none in %q", name, c, other)
		}
	}
}

func TestCommandsAreDescribed(t *testing.T) {
	root := newApp(Env{}).root
	for _, name := range Commands() {
		cmd, _, err := root.Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: %q is no sentence", name, cmd.Short)
		}
		if cmd.Long != "" && !strings.HasPrefix(cmd.Long, cmd.Short+"\n\n") {
			t.Errorf("%s: the long text does not begin with the short one", name)
		}
	}
}

// TestStraight checks that a command which is made alone is the one that the whole tree has.
func TestStraight(t *testing.T) {
	whole := newApp(Env{}).root
	for _, x := range tops() {
		a := &app{}
		if name := x.make(a).Name(); name != x.name {
			t.Errorf("the command %s is called %s in the table", name, x.name)
		}
		var paths []string
		walk(a.newTree([]top{x}), func(c *cobra.Command) {
			if c.HasParent() {
				paths = append(paths, c.CommandPath()+" "+c.Flags().FlagUsages())
			}
		})
		var want []string
		walk(child(whole, x.name), func(c *cobra.Command) { want = append(want, c.CommandPath()+" "+c.Flags().FlagUsages()) })
		if !slices.Equal(paths, want) {
			t.Errorf("%s alone is %q, in the tree %q", x.name, paths, want)
		}
	}
	for line, want := range map[string]bool{
		"version": true, "plan get name": true, "run deploy -v a=b": true, "run --plan x.yml deploy": true, "lint --quiet": true,
		"": false, "run": false, "help": false, "completion bash": false, "--level debug version": false, "version --help": false,
		"version x": false, "version --unknown": false, "lint --level loud": false, "vresion": false,
	} {
		a := &app{env: Env{Args: strings.Fields(line)}}
		if cmd, ok := a.straight(); ok != want {
			t.Errorf("%q is straight: %t, want %t (%v)", line, ok, want, cmd)
		}
	}
}
