//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// users is how many of the plans of the workspace use the one that is renamed in.
const users = 50

// workspaceFiles writes a repository of 1,000 plans, some of which depend on one of them.
func workspaceFiles(dir string) error {
	for i := range 1_000 {
		pkg := filepath.Join(dir, fmt.Sprintf("team-%02d", i%20), fmt.Sprintf("part-%04d", i))
		if err := os.MkdirAll(pkg, 0o755); err != nil {
			return err
		}
		text := fmt.Sprintf(packagePlan, i)
		if i > 0 && i <= users {
			text += "depends:\n- demo/part-0-v1.0.@ as base\nmetadata:\n  base: $base.version\npost_deploy:\n  inline: \"true\"\nbuild_inputs:\n- id: base_url\n  description: Where the base is.\n  default: $base.outputs.url\n  eval_before_dependencies: false\nbuild:\n  inline: echo \"$INPUT_base_url\"\n"
		}
		if err := os.WriteFile(filepath.Join(pkg, "escape.yml"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return os.MkdirAll(filepath.Join(dir, ".git"), 0o755)
}

// indexed waits until the server knows all plans around the document.
func (d *openDocument) indexed() error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		var result json.RawMessage
		if err := d.call("workspace/executeCommand", map[string]any{"command": "escape.status", "arguments": []string{d.uri}}, &result); err != nil {
			return err
		}
		var status struct{ Workspaces []struct{ Ready bool } }
		if err := json.Unmarshal(result, &status); err != nil {
			return err
		}
		if len(status.Workspaces) > 0 && status.Workspaces[0].Ready {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("the index did not come")
}

// editorWorkspace measures a server in a repository of 1,000 plans.
func (b *bench) editorWorkspace(out io.Writer, s server, rounds int) error {
	dir := filepath.Join(b.dir, "editor", "workspace")
	if err := workspaceFiles(dir); err != nil {
		return err
	}
	var answered, ready, first, later, edits sample
	var memory, peak int64
	for range rounds {
		e, _, err := startEditor(s.argv, dir, true)
		if err != nil {
			return err
		}
		start := time.Now()
		file := filepath.Join(dir, "team-00", "part-0000", "escape.yml")
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		d := &openDocument{editor: e, server: &s, uri: "file://" + file, text: string(text)}
		took, err := d.open()
		if err != nil {
			return err
		}
		answered = append(answered, took)
		if err := d.indexed(); err != nil {
			return err
		}
		ready = append(ready, time.Since(start))
		at := d.position(d.middle("url"))
		for i := range 6 {
			e.begin()
			var result json.RawMessage
			if err := e.call("textDocument/rename", map[string]any{
				"textDocument": map[string]any{"uri": d.uri}, "position": at, "newName": fmt.Sprintf("address_%d", i),
			}, &result); err != nil {
				return err
			}
			if i == 0 {
				first = append(first, e.took())
			} else {
				later = append(later, e.took())
			}
		}
		for _, edit := range [][2]string{{"type: integer", "type: intezer"}, {"type: intezer", "type: integer"}} {
			e.begin()
			if err := d.replace(d.middle(edit[0]), edit[0], edit[1]); err != nil {
				return err
			}
			if err := d.fresh(); err != nil {
				return err
			}
			edits = append(edits, e.took())
		}
		memory = max(memory, e.memory("VmRSS"))
		peak = max(peak, e.stop())
	}
	fmt.Fprintf(out, "editor, workspace of 1,000 plans, %d sessions; median, p95 (goal)\n", rounds)
	row := func(what string, s sample, goal string) {
		fmt.Fprintf(out, "%-44s %s, %s (%s)\n", what, short(s.at(.5)), short(s.at(.95)), goal)
	}
	row("open to findings", answered, "15 ms")
	row("open to index ready", ready, "400 ms")
	row(fmt.Sprintf("rename in %d plans, first", users+1), first, "100 ms")
	row(fmt.Sprintf("rename in %d plans, later", users+1), later, "15 ms")
	row("edit to fresh findings", edits, "-")
	_, err := fmt.Fprintf(out, "%-44s %.0f MiB, peak %.0f MiB (60 MiB)\n\n", "memory", float64(memory)/1024, float64(peak)/1024)
	return err
}
