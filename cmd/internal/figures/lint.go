//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The folders of the linter: one file of ordinary size, 500 of 133 lines, one of 10,000, each as plans and as workflow files of
// GitHub with as many lines; and a repository of 1,000 packages.
const (
	oneFile    = "lint-one"
	manyFiles  = "lint-many"
	largeFile  = "lint-large"
	repository = "lint-repository"
)

// lintFiles writes what the linters read. There is nothing to find in it.
func lintFiles(dir string) error {
	err := errors.Join(lintFolder(filepath.Join(dir, oneFile), 1, 24), lintFolder(filepath.Join(dir, manyFiles), 500, 133),
		lintFolder(filepath.Join(dir, largeFile), 1, 10_000))
	for i := range 1_000 {
		pkg := filepath.Join(dir, repository, fmt.Sprintf("team-%02d", i%20), fmt.Sprintf("part-%04d", i))
		err = errors.Join(err,
			write(pkg, "escape.yml", fmt.Sprintf(packagePlan, i), 0o644),
			write(pkg, "README.md", "# A part\n", 0o644),
			write(pkg, "conf.yaml.tpl", packageTemplate, 0o644),
			write(pkg, "deploy.sh", packageScript, 0o755),
			write(pkg, "smoke.sh", "#!/bin/sh\nset -eu\ncurl --fail --silent \"$OUTPUT_url\"\n", 0o755))
	}
	return err
}

// lintFolder writes plans, and workflow files in a folder beside them, which is a repository of its own.
func lintFolder(dir string, files, lines int) error {
	workflows := filepath.Join(dir, "other")
	err := os.MkdirAll(filepath.Join(workflows, ".git"), 0o755) // where the other linter looks for files
	for i := range files {
		plan := filepath.Join(dir, "plans", fmt.Sprintf("part-%03d", i))
		err = errors.Join(err, write(plan, "escape.yml", planOf(lines), 0o644),
			write(filepath.Join(workflows, ".github", "workflows"), fmt.Sprintf("part-%03d.yml", i), workflowOf(lines), 0o644))
	}
	return err
}

// planOf returns a plan of so many lines.
func planOf(lines int) string {
	const head = "name: demo/part\nversion: 1.0.0\ndescription: A part of the shop.\nlicense: Apache-2.0\n"
	n := max((lines-16)/18, 0)
	var inputs, outputs, errands, b strings.Builder
	for i := range n {
		fmt.Fprintf(&inputs, `- id: region_%[1]d
  description: Where part %[1]d runs.
  default: $__concat("eu-west-", $this.environment)
- id: size_%[1]d
  type: integer
  description: How large part %[1]d is.
  default: %[1]d
`, i)
		fmt.Fprintf(&outputs, `- id: url_%[1]d
  description: Where part %[1]d is found.
  default: $__concat("https://", $this.inputs.region_%[1]d, ".example.org/")
`, i)
		fmt.Fprintf(&errands, `  rotate-%[1]d:
    description: Replace what part %[1]d is known by.
    run:
      inline: |
        set -eu
        for step in one two; do
          rotate "$step" "$INPUT_region_%[1]d" "$INPUT_size_%[1]d"
        done
`, i)
	}
	b.WriteString(head)
	if n > 0 {
		b.WriteString("inputs:\n" + inputs.String() + "outputs:\n" + outputs.String() + "errands:\n" + errands.String())
	}
	b.WriteString("deploy:\n  inline: |\n    set -eu\n")
	return filled(b.String(), lines, "    echo \"step %d\"\n")
}

// workflowOf returns a workflow file of so many lines.
func workflowOf(lines int) string {
	const head = "name: part\non:\n  push:\n    branches: [main]\njobs:\n"
	var b strings.Builder
	b.WriteString(head)
	for i := range max((lines-12)/18, 0) {
		fmt.Fprintf(&b, `  job-%[1]d:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        go: ["1.22", "1.23"]
    steps:
    - uses: actions/checkout@v4
    - name: Set up part %[1]d
      uses: actions/setup-go@v5
      with:
        go-version: ${{ matrix.go }}
    - name: Test part %[1]d
      env:
        TOKEN: ${{ secrets.TOKEN_%[1]d }}
        WHERE: ${{ format('eu-west-{0}', github.ref) }}
      run: |
        go vet ./...
        go test ./...
`, i)
	}
	b.WriteString("  last:\n    runs-on: ubuntu-latest\n    steps:\n    - run: |\n")
	return filled(b.String(), lines, "        echo \"step %d\"\n")
}

// filled returns a text with as many more lines as it takes.
func filled(text string, lines int, line string) string {
	var b strings.Builder
	b.WriteString(text)
	for i := strings.Count(text, "\n"); i < lines; i++ {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}

const packagePlan = `name: demo/part-%[1]d
version: 1.0.@
description: Part %[1]d of the shop.
license: Apache-2.0
includes:
- README.md
consumes:
- kubernetes
inputs:
- id: region
  description: Where to run.
  default: eu-west
- id: replicas
  type: integer
  description: How many copies run.
  default: 3
- id: token
  description: What others know the part by.
  sensitive: true
outputs:
- id: url
  description: Where the part is found.
  default: $__concat("https://", $this.inputs.region, ".example.org/%[1]d")
deploy_templates:
- file: conf.yaml.tpl
  mapping:
    environment: $this.environment
deploy: deploy.sh
smoke: smoke.sh
destroy: kubectl delete --ignore-not-found deployment/part
`

const packageTemplate = `environment: "{{{environment}}}"
region: "{{{region}}}"
{{#replicas}}
replicas: {{replicas}}
{{/replicas}}
`

const packageScript = `#!/bin/sh
set -eu
printf '%s' "$INPUT_token" | kubectl create secret generic part --from-file=token=/dev/stdin
for file in conf.yaml; do
  kubectl apply --filename "$file"
done
echo "running $INPUT_replicas copies in $INPUT_region"
`

// buildOther builds the linter to compare with.
func (b *bench) buildOther() error {
	build := exec.Command("go", "build", "-trimpath", "-o", b.other, "github.com/rhysd/actionlint/cmd/actionlint")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build actionlint: %w\n%s", err, msg)
	}
	return nil
}

// lint measures the linter, without what earlier runs left behind unless it is said, against another one that reads as many
// lines. The other one looks into no scripts: the programs it needs for that are switched off.
func (b *bench) lint() *group {
	g := &group{name: "lint", rounds: 20, before: b.buildOther}
	for _, c := range []struct {
		dir, what string
		goal      float64
	}{{oneFile, "one file of 24 lines", 0.9}, {manyFiles, "500 files of 133 lines", 0.66}, {largeFile, "one file of 10,000 lines", 0.65}} {
		other := &subject{
			name: "actionlint, " + c.what, dir: filepath.Join(b.dir, c.dir, "other"),
			argv: []string{b.other, "-no-color", "-shellcheck=", "-pyflakes="},
		}
		plans := filepath.Join(c.dir, "plans")
		g.subjects = append(g.subjects, other, b.escape("escape lint, "+c.what, plans, "lint", "--no-cache").times(other, c.goal))
	}
	cold := b.escape("escape lint, 1,000 packages, first time", repository, "lint")
	cold.ready = func() error { return os.RemoveAll(filepath.Join(cacheHome(b.dir), "escape")) }
	warm := b.escape("escape lint, 1,000 packages, again", repository, "lint").times(cold, 0.5)
	g.subjects = append(g.subjects, cold, warm)
	return g
}
