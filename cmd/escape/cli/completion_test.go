package cli

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/spf13/cobra"
)

// Errands are those of the deployment that is named, else those of the plan.
func TestErrandNames(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"escape.yml": "name: demo/app\nversion: 1\nerrands:\n  backup: {description: Of the plan., run: {cmd: ls}}\n",
		defaultState: `{"name": "test", "environments": {"dev": {"name": "dev", "deployments": {
			"web": {"name": "web", "release": "demo/app", "stages": {"deploy": {"version": "1.0", "status": {"code": "ok"}}}},
			"gone": {"name": "gone", "release": "demo/none", "stages": {"deploy": {"version": "1.0", "status": {"code": "ok"}}}}}}}}`,
		"inventory/demo/app/index.json": `{"name": "app", "core_api_version": 15, "tags": {}, "versions": {"1.0": {"name": "app", "project": "demo", "version": "1.0",
			"errands": {"restore": {"description": "Of the release.\nMore.", "exec_stage": {"cmd": "ls"}}, "check": {"exec_stage": {"cmd": "ls"}}}}}}`,
		"config": `{"profiles": {"default": {"inventory_type": "local", "local_inventory_base_dir": "inventory"}}}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a := newApp(Env{Dir: dir})
	a.global.config = "config"
	plan := []string{"backup\tOf the plan."}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, plan},
		{[]string{"-d", "web"}, []string{"check\t", "restore\tOf the release."}},
		{[]string{"-d", "web", "--local"}, plan},
		{[]string{"-d", "gone"}, plan},
		{[]string{"-d", "nobody"}, plan},
	} {
		cmd := &cobra.Command{}
		cmd.SetContext(context.Background())
		new(planStateFlags).add(cmd)
		cmd.Flags().Bool("local", false, "")
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		if got, _ := toCompletion(a.errandNames)(cmd, nil, ""); !reflect.DeepEqual(got, c.want) {
			t.Errorf("errands for %q are %q, want %q", c.args, got, c.want)
		}
	}
}

// What cannot be typed or shown in one line is not offered as it is.
func TestToCompletion(t *testing.T) {
	offer := func(*cobra.Command, []string, string) []choice {
		return []choice{{"plain", "two\nlines"}, {"plan\x1b[31m", ""}, {"place", "a\ttab"}, {"other", ""}, {"pl/", ""}}
	}
	got, directive := toCompletion(offer)(nil, nil, "pl")
	want := []string{"plain\ttwo", "place\ta tab", "pl/\t"}
	if !reflect.DeepEqual(got, want) || directive&cobra.ShellCompDirectiveNoSpace == 0 {
		t.Errorf("the completions are %q (%d), want %q without a blank behind them", got, directive, want)
	}
}
