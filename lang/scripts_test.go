package lang_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// memory is a folder of files that exist in memory only.
func memory(files map[string]string) check.Env {
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return check.Env{
		Stat:     func(name string) (fs.FileInfo, error) { return folder.Stat(path.Clean(name)) },
		ReadFile: func(name string) ([]byte, error) { return folder.ReadFile(path.Clean(name)) },
		ReadDir:  func(name string) ([]fs.DirEntry, error) { return folder.ReadDir(path.Clean(name)) },
	}
}

// TestScriptPlaces: in each form of text in both notations, what is found in a script is marked exactly, and the fix gives a
// plan without it.
func TestScriptPlaces(t *testing.T) {
	yaml := "name: app\nversion: 1.0.0\ninputs: [{id: port, default: 1}]\ndeploy:\n  inline: "
	hcl := "name = \"app\"\nversion = \"1.0.0\"\ninput \"port\" { default = \"1\" }\ndeploy {\n  inline = "
	for _, text := range []string{
		yaml + "x é $INPUT_prot\n",
		yaml + "x é\n    😀 $INPUT_prot\n",
		yaml + "'x '''' é $INPUT_prot'\n",
		yaml + "\"x \\u00e9 \\\" $INPUT_prot\\\"\"\n",
		yaml + "\"x\n    é \\\n    $INPUT_prot\"\n",
		yaml + "|\n    é 😀\n    x \"$INPUT_prot\"\n",
		yaml + "|+2\n    é\n    x \"$INPUT_prot\"\n\n",
		yaml + ">-\n    x é\n    😀\n    $INPUT_prot\n",
		strings.ReplaceAll(yaml+"|\n    é 😀\n    x \"$INPUT_prot\"\n", "\n", "\r\n"),
		hcl + "\"x é \\\"$INPUT_prot\\\"\"\n}\n",
		hcl + "\"x \\u00e9 $${INPUT_prot}\"\n}\n",
		hcl + "<<EOF\né 😀\nx \"$INPUT_prot\"\nEOF\n}\n",
		hcl + "<<-EOF\n    é\n      x \"$INPUT_prot\"\n    EOF\n}\n",
	} {
		name := "escape.yml"
		if strings.HasPrefix(text, "name =") {
			name = "escape.hcl"
		}
		an := lang.Analyze(source.NewFile(name, text), lang.Options{})
		if len(an.Findings) != 1 || an.Findings[0].Code != diag.ScriptVariable {
			t.Errorf("%s\nhas the findings\n%s", text, diag.Sprint(an.Findings))
			continue
		}
		d := an.Findings[0]
		if got := d.File.Slice(d.Span); got != "INPUT_prot" {
			t.Errorf("%s\nmarks %q", text, got)
		}
		if len(d.Fixes) != 1 {
			t.Errorf("%s\nhas %d fixes", text, len(d.Fixes))
			continue
		}
		fixed, err := source.Apply(text, d.Fixes[0].Edits)
		if err != nil || fixed != strings.Replace(text, "INPUT_prot", "INPUT_port", 1) {
			t.Errorf("the fix gives %q, %v", fixed, err)
		}
	}
}

// TestInputUse asks what uses the input x.
func TestInputUse(t *testing.T) {
	files := map[string]string{
		"reads.sh":   "#!/bin/sh\necho \"$INPUT_x\"\n",
		"nothing.sh": "#!/bin/sh\necho\n",
		"calls.sh":   "#!/bin/sh\n./reads.sh\n",
		"may.sh":     "#!/bin/sh\nfind . -exec ./reads.sh\n",
		"gone.sh":    "#!/bin/sh\n./gone-too.sh\n",
		"all.sh":     "#!/bin/sh\nenv\n",
		"imports.py": "#!/usr/bin/env python3\nimport os, sys\nfrom helper import f\n",
		"helper.py":  "import os\ndef f(): os.environ[\"INPUT_x\"]\n",
		"x.tpl":      "{{x}}",
		"partial":    "{{x}}",
		"p.tpl":      "{{>partial}}",
		"n.tpl":      "n",
		"Makefile":   "all:\n\techo $(INPUT_x)\n",
	}
	for _, c := range []struct {
		plan        string
		used, known bool
	}{
		{"", false, true},
		{"deploy: reads.sh", true, true},
		{"deploy: nothing.sh", false, true},
		{"deploy: calls.sh", true, true},
		{"deploy: may.sh", true, true},
		{"deploy: gone.sh", false, false},
		{"deploy: imports.py", true, true},
		{"deploy: {cmd: make, args: [-C, gone]}", false, false},
		{"errands: {e: {script: reads.sh}}", true, true},
		{"deploy: all.sh", false, false},
		{"deploy: {inline: 'echo $INPUT_PREVIOUS_x'}", true, true},
		{"deploy: {cmd: my-tool}", false, false},
		{"deploy: {cmd: helm, args: [upgrade]}", false, true},
		{"deploy: {inline: my-tool}", false, false},
		{"deploy: {inline: '\"$tool\" run'}", false, false},
		{"deploy: {inline: '. /opt/lib.sh'}", false, false},
		{"deploy: {inline: 'f() { ls; }; f'}", false, true},
		{"deploy: {inline: 'ls | sudo tee list; /usr/bin/id'}", false, true},
		{"outputs: [{id: o, default: '$__env_lookup(\"this\")'}]", false, false},
		{"deploy: {cmd: make, args: [all]}", true, true},
		{"deploy: {cmd: sh, args: [-c, 'echo $INPUT_x']}", true, true},
		{"deploy: {cmd: sh, args: [reads.sh]}", true, true},
		{"deploy: {cmd: helm, args: [$this.inputs.x]}", true, true},
		{"templates: [x.tpl]", true, true},
		{"templates: [p.tpl]", true, true},
		{"templates: [n.tpl]", false, true},
		{"templates: [gone.tpl]", false, false},
		{"outputs: [{id: o, default: $this.inputs.x}]", true, true},
		{"depends: [demo/other-v1]", false, false},
		{"provides: [thing]", false, false},
	} {
		text := "name: demo/app\nversion: 1.0.0\ninputs: [{id: x, default: a}]\n" + c.plan + "\n"
		an := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{Env: memory(files)})
		if used, known := an.Info.InputUse("x"); used != c.used || known != c.known {
			t.Errorf("%s: InputUse gives %v, %v, want %v, %v", c.plan, used, known, c.used, c.known)
		}
	}
}

// TestScriptsOnce: a file is one script however many steps run it, and its first line says what it is written in.
func TestScriptsOnce(t *testing.T) {
	files := map[string]string{"a.sh": "#!/usr/bin/perl\nmy %x = (1);\nprint $ENV{INPUT_gone};\n", "b.sh": "#!/bin/sh\n. ./c.sh\nsh ./c.sh\nchmod +x ./a.sh\n./a.sh\n", "c.sh": "x=1\n"}
	parsed := map[string]int{}
	env := memory(files)
	env.ParseScript = func(f *source.File, l script.Lang) *script.Script {
		parsed[f.Name()]++
		return script.ParseAs(f, l)
	}
	text := "name: demo/app\nversion: 1.0.0\npre_build: a.sh\nbuild: a.sh x\ntest: b.sh\ndeploy: b.sh\nsmoke: {cmd: perl, args: [a.sh]}\n"
	an := lang.Analyze(source.NewFile("escape.yml", text), lang.Options{Env: env})
	var paths []string
	for _, s := range an.Info.Scripts() {
		paths = append(paths, s.Path)
	}
	if got := strings.Join(paths, " "); got != "a.sh b.sh c.sh" || parsed["a.sh"] != 1 || parsed["c.sh"] != 1 {
		t.Errorf("the scripts are %s, parsed as often as %v", got, parsed)
	}
	if a := an.Info.Scripts()[0]; a.Lang != script.Perl || len(a.Runs) != 5 {
		t.Errorf("a.sh is of language %v and run by %d steps", a.Lang, len(a.Runs))
	}
	if len(an.Findings) != 1 || an.Findings[0].File.Name() != "a.sh" {
		t.Errorf("the findings are\n%s", diag.Sprint(an.Findings))
	}
}

// BenchmarkScripts analyses a plan with thirteen scripts of a hundred lines each.
func BenchmarkScripts(b *testing.B) {
	files := map[string]string{}
	text := "name: demo/app\nversion: 1.0.0\ninputs: [{id: who, default: a}]\n"
	for _, step := range []string{"pre_build", "build", "post_build", "test", "pre_deploy", "deploy", "post_deploy", "smoke", "pre_destroy", "destroy", "post_destroy"} {
		files[step+".sh"] = "#!/bin/sh\nset -eu\n" + strings.Repeat("if [ -n \"$INPUT_who\" ]; then\n  helm upgrade \"$INPUT_who\" ./chart --wait\nfi\n", 33)
		text += step + ": " + step + ".sh\n"
	}
	env := memory(files)
	b.ReportAllocs()
	for b.Loop() {
		lang.Analyze(source.NewFile("escape.yml", text), lang.Options{Env: env})
	}
}
