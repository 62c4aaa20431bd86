package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestLadder(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", Module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var packages []Import
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p Import
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	for _, fault := range Check(packages) {
		t.Error(fault)
	}
}

// TestTableHasNoWayBack: the table itself is a ladder, so no exception can make two packages know each other.
func TestTableHasNoWayBack(t *testing.T) {
	for i, r := range Ladder {
		for _, pattern := range r.Ours {
			if slices.Contains([]string{"cmd/...", "lang/...", "eval/...", "planner/...", "inventory/..."}, pattern) {
				continue // only the top rungs say so
			}
			if !slices.ContainsFunc(Ladder[:i], func(below Rung) bool { return below.Package == pattern }) {
				t.Errorf("%s may import %s, which is not below it", r.Package, pattern)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	got := Check([]Import{
		{Module + "/lang/source", []string{"strings", Module + "/lang/diag", "gopkg.in/yaml.v3"}},
		{Module + "/lang/hclfile", []string{"github.com/hashicorp/hcl/v2/hclsyntax", "github.com/hashicorp/hcl/v2/hclwrite"}},
		{Module + "/lang/nowhere", nil},
		{Module + "/cmd/escape/cli", []string{Module + "/cmd/escape/cli/internal/logs", "github.com/spf13/cobra"}},
		{Module + "/lang/check", []string{Module + "/cmd/escape/cli"}},
	})
	got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "the table names") })
	want := []string{
		"lang/source must not import lang/diag",
		"lang/source must not import gopkg.in/yaml.v3",
		"lang/hclfile must not import github.com/hashicorp/hcl/v2/hclwrite",
		"lang/nowhere is not in the table; add it to cmd/internal/archtest/ladder.go",
		"lang/check must not import cmd/escape/cli",
	}
	if !slices.Equal(got, want) {
		t.Errorf("Check gives %q, want %q", got, want)
	}
}
