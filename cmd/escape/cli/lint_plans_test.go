package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/source"
)

// TestMerge: what is said of a script that two plans run is said once, and a comment in it that one of them needs is used.
func TestMerge(t *testing.T) {
	script := func() *source.File { return source.NewFile("shared/test.sh", "echo $INPUT_x # escape:ignore a, b\n") }
	at := func(f *source.File, code *diag.Entry, start int32) diag.Diagnostic {
		return diag.New(code, f, source.Span{Start: start, End: start + 1}, "message")
	}
	one, two := script(), script() // each plan reads it
	plan := source.NewFile("a/escape.yml", "name: x\n")
	got := merge([]linted{
		{findings: diag.List{at(one, diag.ScriptVariable, 5), at(one, diag.UnusedIgnore, 31), at(one, diag.UnusedIgnore, 34)}},
		{
			findings: diag.List{at(two, diag.ScriptVariable, 5), at(two, diag.UnusedIgnore, 34), at(plan, diag.UnknownField, 0)},
			ignored:  []lint.Ignored{{File: two, By: source.Span{Start: 31, End: 32}}},
		},
	})
	want := "a/escape.yml ESC2001, shared/test.sh ESC6029, shared/test.sh ESC6302"
	text := ""
	for i, d := range got {
		if i > 0 {
			text += ", "
		}
		text += d.File.Name() + " " + string(d.Code.Code)
	}
	if text != want || got[2].Span.Start != 34 {
		t.Errorf("merged are %s, want %s", text, want)
	}
}

// TestUnreadableFolder: a folder that cannot be read is told of, and the plans of the others are found.
func TestUnreadableFolder(t *testing.T) {
	s := newSession(t, "name: shop/storefront\nversion: 1.0.0\n")
	closed := filepath.Join(s.dir, "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadDir(closed); err == nil {
		t.Skip("this user may read everything")
	}
	a := newApp(Env{Dir: s.dir})
	found, err := a.findPlans(nil, &config.Finder{}, defaultPlan)
	if err != nil || !slices.Equal(found.files, []string{defaultPlan}) {
		t.Errorf("found are %v, %v", found, err)
	}
	if len(found.unread) != 1 || !strings.HasPrefix(found.unread[0].err.Error(), "Couldn't read folder 'closed': ") {
		t.Errorf("not read are %v", found.unread)
	}
}
