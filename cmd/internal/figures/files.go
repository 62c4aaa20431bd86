//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"escape.build/escape/inventory/local"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
)

// sizes are the numbers of dependencies that are measured.
var sizes = []int{10, 100, 1000}

// shapes are the ways in which dependencies are arranged: all by themselves; each with a value of the one ten places before
// it; each with a value of the first; and in ten packages that depend on the rest.
var shapes = []string{"fan", "layers", "hub", "nested"}

// packageOf returns the folder of a package with n dependencies.
func packageOf(shape string, n int) string { return fmt.Sprintf("%s-%d", shape, n) }

// configHome is where the configuration of what runs in dir lies.
func configHome(dir string) string { return filepath.Join(dir, ".config") }

// cacheHome is where what runs in dir keeps what it may forget.
func cacheHome(dir string) string { return filepath.Join(dir, ".cache") }

// files writes everything that is measured: a plan of 20 lines with a script of one, large states, and packages with
// dependencies, which are in the Inventory.
func files(dir string) error {
	pkg := filepath.Join(dir, "package")
	err := errors.Join(
		write(pkg, "escape.yml", ordinaryPlan, 0o644),
		write(pkg, "README.md", "# Figures\n", 0o644),
		write(pkg, "deploy.sh", "#!/bin/sh\ntrue\n", 0o755),
		lintFiles(dir),
	)
	for _, n := range []int{100, 1_000, 10_000} {
		err = errors.Join(err, writeState(filepath.Join(pkg, largeState(n)), n))
	}
	if err != nil {
		return err
	}
	w := &publisher{dir: filepath.Join(dir, "releases"), inventory: local.Open(filepath.Join(configHome(dir), "escape", ".inventory"), local.Options{})}
	for _, n := range sizes {
		for _, shape := range shapes {
			plan, err := w.plan(shape, n)
			if err != nil {
				return err
			}
			if err := write(filepath.Join(dir, packageOf(shape, n)), "escape.yml", plan, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

const ordinaryPlan = `name: demo/figures
version: 1.0.0
description: A package of ordinary size.
license: Apache-2.0
inputs:
- id: region
  description: Where to run.
  default: eu-west
- id: replicas
  type: integer
  default: 3
outputs:
- id: url
  default: $__concat("https://", $this.inputs.region, ".example.org")
metadata:
  owner: platform
includes:
- README.md
provides:
- web
deploy: deploy.sh
`

func write(dir, name, text string, mode os.FileMode) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), []byte(text), mode)
}

// A publisher makes releases that do nothing.
type publisher struct {
	dir       string
	inventory *local.Inventory
	leaves    int // how many there are
}

// plan returns the plan of a package with n dependencies, which are published.
func (p *publisher) plan(shape string, n int) (string, error) {
	for ; p.leaves < n; p.leaves++ {
		if err := p.publish(leaf(p.leaves), nil); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "name: demo/%s\nversion: 1.0.0\ndepends:\n", packageOf(shape, n))
	for i := range n {
		giver := -1
		switch shape {
		case "layers":
			giver = i - 10
		case "hub":
			giver = min(i, 1) - 1
		case "nested":
			if i == 10 {
				return b.String(), nil
			}
			name := fmt.Sprintf("part-%d-%d", n, i)
			var depends []string
			for j := i; j < n-10; j += 10 {
				depends = append(depends, leaf(j))
			}
			if err := p.publish(name, depends); err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "- release_id: demo/%s-v1\n", name)
			continue
		}
		fmt.Fprintf(&b, "- release_id: demo/%s-v1 as %[1]s\n", leaf(i))
		if giver >= 0 {
			fmt.Fprintf(&b, "  mapping:\n    i: $%s.outputs.o\n", leaf(giver))
		}
	}
	return b.String(), nil
}

func leaf(i int) string { return fmt.Sprintf("d%05d", i) }

// publish puts a release into the Inventory. Its script is true.
func (p *publisher) publish(name string, depends []string) error {
	m := release.New()
	m.Project, m.Name, m.Version = "demo", name, "1"
	m.Inputs = []*release.Variable{variable("i", "v")}
	m.Outputs = []*release.Variable{variable("o", "$this.inputs.i")}
	m.Stages["deploy"] = &release.Stage{Cmd: "true"}
	for _, d := range depends {
		m.Depends = append(m.Depends, &release.Dependency{ReleaseID: "demo/" + d + "-v1", DeploymentName: d, Variable: d, Scopes: []string{"build", "deploy"}})
	}
	packed, err := archive.Pack(p.dir, m, archive.Options{})
	if err != nil {
		return err
	}
	return p.inventory.Publish(context.Background(), packed.Metadata, packed.Path)
}

func variable(id, value string) *release.Variable {
	return &release.Variable{ID: id, Type: "string", Default: value, Visible: true, Scopes: []string{"build", "deploy"}}
}

// largeState is the name of a state of n deployments.
func largeState(n int) string { return fmt.Sprintf("state-%d.json", n) }

// writeState writes a state of n deployments of ordinary size.
func writeState(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, `{"name": "local-state-project", "environments": {"prod": {"deployments": {`)
	for i := range n {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, `"team/app-%05d": {"release": "team/app", "stages": {"deploy": {"inputs": {"region": "eu-west"},`+
			`"calculated_inputs": {"region": "eu-west", "replicas": 3}, "calculated_outputs": {"url": "https://%d.example.org/"},`+
			`"version": "1.0.7", "status": {"status": "ok", "updated_at": "2018-11-21T20:47:49Z"}}}}`, i, i)
	}
	fmt.Fprint(w, "}}}}")
	return errors.Join(w.Flush(), f.Close())
}
