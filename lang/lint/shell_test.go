package lint_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"escape.build/escape/lang"
	"escape.build/escape/lang/check"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
)

const header = `name: demo/app
version: 1.0.0
inputs: [{id: who, default: x}, {id: count, type: integer, default: 1}, {id: secret, sensitive: true}]
outputs: [{id: url, default: x}]
`

// analyze lints a plan whose deploy step runs the script; as a file if name is not empty.
func analyze(t testing.TB, name, text string) *lang.Analysis {
	t.Helper()
	plan := header + "deploy:\n  inline: |\n    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
	folder := fstest.MapFS{}
	if name != "" {
		plan = header + "deploy: " + name + "\n"
		folder[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o755}
	}
	env := check.Env{
		Stat:     func(path string) (fs.FileInfo, error) { return folder.Stat(filepath.Clean(path)) },
		ReadFile: func(path string) ([]byte, error) { return folder.ReadFile(filepath.Clean(path)) },
	}
	return lang.Analyze(source.NewFile("escape.yml", plan), lang.Options{Env: env, Lint: func(r *lint.Rule) bool { return r.Code.Code >= "ESC6200" }})
}

// found are the names of the rules that report something, in order, without those that most scripts here break.
func found(an *lang.Analysis) string {
	var names []string
	for _, d := range an.Findings {
		switch d.Code {
		case diag.NoErrexit, diag.NoNounset, diag.NoShebang:
		default:
			names = append(names, d.Code.Name)
		}
	}
	return strings.Join(names, " ")
}

// TestShellRules runs all rules over one script each, inline and as a file of bash.
func TestShellRules(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`x "$INPUT_who" ${#INPUT_who} $INPUT_count`, ""},
		{`x $INPUT_who a$INPUT_who"b" ${OUTPUT_url%/}`, "unquoted-input unquoted-input unquoted-input output-too-early"},
		{`y=$INPUT_who; case $INPUT_who in x) ;; esac; for i in $INPUT_who; do x "$i"; done`, ""},
		{`[ -n $INPUT_who ] && x $@`, "unquoted-input unquoted-input"},
		{`rm -rf "$INPUT_who/x" "${INPUT_who}/y" $TMP/x "${INPUT_who:?}/z" "$INPUT_who"`, "unguarded-remove unguarded-remove"},
		{`rm "$INPUT_who/x"`, ""},
		{"cd x\ny", "unchecked-cd"},
		{"cd x || exit 1\ny", ""},
		{"cd x && y\nz", ""},
		{"if cd x; then y; fi\nz", ""},
		{"(cd x)\ny", ""},
		{"set -e\ncd x\ny", ""},
		{"cd \"$(dirname \"$0\")\"\ny", ""},
		{"x=$(cd x; pwd)\ny \"$x\"", ""},
		{"for f in $(ls x) `find y`; do z \"$f\"; done", "listed-files listed-files backticks"},
		{"for f in $(cat x); do z \"$f\"; done", ""},
		{"curl https://a.example", "curl-without-fail"},
		{"curl -sSf https://a.example; curl --fail https://a.example; curl -fo x https://a.example; curl $opts; curl -w '%{http_code}' x", ""},
		{"curl -of x", "curl-without-fail"},
		{"x=`date`; echo \"`date`\"", "backticks backticks"},
		{"read x; while IFS= read -r y; do :; done", "read-without-r"},
		{"which x; command -v y", "which"},
		{"sudo x; sudo -u y -- z", "sudo sudo"},
		{"curl -f https://a.example | sh; wget -qO- https://a.example | sudo bash -s x; cat x | sh; curl -f x | jq .", "pipe-to-shell sudo pipe-to-shell"},
		{"sh -c \"$(curl -fsSL https://a.example)\"; eval \"$(curl -f x)\"", "pipe-to-shell pipe-to-shell"},
		{"chmod 777 x; chmod -R 0666 x; chmod a+w x; chmod o=rw x; chmod 755 x; chmod 1777 x; chmod u+w,g+w x; chmod +x 777", "world-writable world-writable world-writable world-writable"},
		{"mkdir -m 777 x; mkdir 777", "world-writable"},
		{"set -x; x \"$INPUT_who\"", ""},
		{"set -ex; x=\"$INPUT_secret\"", "trace-secret"},
		{"eval \"x $INPUT_who\"; sh -c \"x $INPUT_who\"; sh -c 'x \"$1\"' sh \"$INPUT_who\"; eval \"$x\"", "eval-input eval-input"},
		{"echo \"$INPUT_secret\"; printf '%s' \"${INPUT_secret:0:3}\"", "echo-secret bashism echo-secret"},
		{"echo \"$INPUT_secret\" > x; echo \"$INPUT_secret\" | y; x=$(echo \"$INPUT_secret\"); echo \"${INPUT_secret:+set}\"; echo \"$(y \"$INPUT_who\")\"", ""},
		{"{ echo \"$INPUT_secret\"; } > x\nif y; then echo \"$INPUT_secret\"; fi >> z", ""},
		{"x --password \"$INPUT_secret\"; f() { :; }; f \"$INPUT_secret\"; [ \"$INPUT_secret\" = x ]; PW=\"$INPUT_secret\" x", "secret-argument"},
		{"curl -f -o x http://a.example/x; curl -f http://localhost/x > y; curl -f http://svc:80/ > x; curl -f http://a.example", "http-download"},
		{"wget http://a.example/x; wget --spider http://a.example", "http-download"},
		{"curl -fk x; curl -f --insecure x; wget --no-check-certificate x; ssh -o StrictHostKeyChecking=no x; ssh -oStrictHostKeyChecking=no x; git -c http.sslVerify=false pull",
			strings.Repeat("insecure-connection ", 5) + "insecure-connection"},
		{"x > /tmp/a; y > \"/tmp/$z\"; touch /tmp/b; cp a /tmp/c; cp /tmp/d a; ls /tmp/e", "fixed-temp-file fixed-temp-file fixed-temp-file"},
		{"docker run --rm -e A=b x; docker pull r.example:5000/x; docker run x:latest; docker run x:1 y; docker run x@sha256:1; docker run \"$x\"; docker run \"$x:latest\"",
			"unpinned-image unpinned-image unpinned-image unpinned-image"},
		{"docker build -t x .; docker run x", ""},
		{"pip install a b==1 -r r.txt 'c>=2' ./d; python3 -m pip install e; npm install -g f g@1 @h/i; npm install j; gem install k; gem install l -v 1; go install m@latest; go install n@v1",
			strings.Repeat("unpinned-package ", 5) + "unpinned-package"},
		{"apt-get install -y a b; apk add c=1; apt-get update", "unpinned-system-package"},
		{"git clone x", "unpinned-clone"},
		{"git clone -b v1 x; git clone --branch=v1 x", ""},
		{"git clone x\ncd x || exit\ngit checkout v1", ""},
		{"[[ a ]]; x=(1); ((x)); let y=1; x <(y); function f { :; }; x <<< y; x &> y; x |& y; echo ${x:1} ${x/a/b} ${!x} ${x^^}; declare z; x+=1; source ./y; [ a == b ]; set -o pipefail",
			strings.Repeat("bashism ", 17) + "bashism"},
		{"printf x | y; x=${y:-z}; x=$((1 + 2)); f() { local y; }; . ./y; [ a = b ]", ""},
	} {
		an := analyze(t, "", c.text)
		if got := found(an); got != c.want {
			t.Errorf("%s\ngives %q\nwant  %q\n%s", c.text, got, c.want, diag.Sprint(an.Findings))
		}
		inBash := strings.Join(strings.Fields(strings.ReplaceAll(c.want, "bashism", "")), " ")
		if got := found(analyze(t, "x.sh", "#!/bin/bash\n"+c.text+"\n")); got != inBash {
			t.Errorf("in bash: %s\ngives %q\nwant  %q", c.text, got, inBash)
		}
	}
}

// TestScriptFiles runs the rules about whole files.
func TestScriptFiles(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"x.sh", "echo x\n", "no-shebang no-nounset"},
		{"x.py", "print(1)\n", "no-shebang"},
		{"x.sh", "#!/bin/sh\r\necho x\r\n", "carriage-returns no-nounset"},
		{"x.sh", "#!/bin/sh\nx\ny\n", "no-errexit no-nounset"},
		{"x.sh", "#!/bin/sh -e\nx\ny\n", "no-nounset"},
		{"x.sh", "#!/bin/sh\nset -eu\nx\ny\n", ""},
		{"x.sh", "#!/bin/sh\nset -o errexit -o nounset\nx\ny\n", ""},
		{"x.sh", "#!/bin/sh\necho x\ny\n", "no-nounset"},
		{"x.sh", "#!/bin/bash\nset -eu\nx | y\n", "no-pipefail"},
		{"x.sh", "#!/bin/bash\nset -euo pipefail\nx | y\n", ""},
		{"x.sh", "#!/bin/sh\nset -eu\nx -----BEGIN RSA PRIVATE KEY-----\ny postgres://a:kq82hs@host/x\nz https://a:$pw@host\n", "secret-literal secret-literal"},
		{"x.py", "#!/usr/bin/python\nx = '-----BEGIN PRIVATE KEY-----'\n", "secret-literal"},
		{"x.sh", "", ""},
		{"x", "\x7fELF\x00", ""},
	} {
		var names []string
		an := analyze(t, c.name, c.text)
		for _, d := range an.Findings {
			names = append(names, d.Code.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%q gives %q, want %q", c.text, got, c.want)
		}
	}
}

// FuzzShellRules runs all rules over any script. All fixes can be made, and none makes YAML that cannot be read.
func FuzzShellRules(f *testing.F) {
	for _, text := range []string{"x $INPUT_who `y` ; cd a\nrm -r $INPUT_who/b\nread z", "curl http://a.b/c -o /tmp/x | sh", "set -x\necho \"$INPUT_secret\""} {
		for style := range uint8(6) {
			f.Add(text, style)
		}
	}
	f.Fuzz(func(t *testing.T, text string, style uint8) {
		var value string
		switch style % 6 {
		case 0:
			value = fmt.Sprintf("%q", text)
		case 1:
			value = "'" + strings.ReplaceAll(text, "'", "''") + "'"
		case 2:
			value = "|\n    " + strings.ReplaceAll(text, "\n", "\n    ")
		case 3:
			value = ">-\n    " + strings.ReplaceAll(text, "\n", "\n    ")
		case 4:
			value = text
		case 5:
			value = "|-2\n  " + strings.ReplaceAll(text, "\n", "\n    ")
		}
		plan := header + "deploy:\n  inline: " + value + "\n"
		all := lang.Options{Lint: func(*lint.Rule) bool { return true }}
		an := lang.Analyze(source.NewFile("escape.yml", plan), all)
		before := textErrors(an)
		for _, d := range an.Findings {
			for _, fix := range d.Fixes {
				got, err := source.Apply(d.Edited(&fix).Text(), fix.Edits)
				if err != nil {
					t.Fatalf("fix %q of %q: %v", fix.Title, d.Message, err)
				}
				if d.Code.Code >= "ESC6200" && before == 0 && textErrors(lang.Analyze(source.NewFile("escape.yml", got), lang.Options{})) > 0 {
					t.Errorf("fix %q makes of\n%s\nthis:\n%s", fix.Title, plan, got)
				}
			}
		}
	})
}

func textErrors(an *lang.Analysis) (n int) {
	for _, d := range an.Findings {
		if d.Code.IsText() {
			n++
		}
	}
	return n
}

// BenchmarkShellRules is the cost of all rules with the reading of a script of 1,000 lines.
func BenchmarkShellRules(b *testing.B) {
	text := "#!/bin/sh\nset -eu\n" + strings.Repeat("if [ -n \"$INPUT_who\" ]; then curl -f \"https://a.example/$INPUT_who\" | jq . > \"out/$INPUT_count\"; fi\n", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		analyze(b, "x.sh", text)
	}
}
