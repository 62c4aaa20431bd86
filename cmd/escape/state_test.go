package main

import (
	"encoding/json"
	"os"
	"slices"

	"github.com/google/go-cmp/cmp"
)

// statecmp FILE WANT compares two state documents: what the original keeps there must be equal. Times, and the keys it does
// not know, are left out.
func statecmp(ts script, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: statecmp FILE WANT")
	}
	var docs [2]any
	for i, name := range args {
		text, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		if err := json.Unmarshal(text, &docs[i]); err != nil {
			ts.Fatalf("%s: %v", name, err)
		}
		docs[i] = original(docs[i])
	}
	if d := cmp.Diff(docs[1], docs[0]); d != "" {
		ts.Fatalf("%s (-want +got):\n%s", args[0], d)
	}
}

// original leaves out of a state document what the original does not write, and when things happened.
func original(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for k, x := range m {
		if slices.Contains([]string{"updated_at", "serial", "lineage", "checksum", "revisions", "content_digest", "sensitive", "format"}, k) {
			delete(m, k)
			continue
		}
		m[k] = original(x)
	}
	return m
}
