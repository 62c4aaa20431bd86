package lint

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// A reader looks for inputs in the files of the folder. Its methods report false as soon as anything may read any input.
type reader struct {
	p     *Pass
	open  map[*plan.Variable]bool // not found so far
	texts map[string]string       // files that were read, by path
	done  map[string]bool         // scripts and templates that were looked at
	size  int
}

// How much is read for one plan; who has more is left alone.
const (
	maxFiles = 300
	maxBytes = 2 << 20
)

// templates looks at the templates, to which inputs are given by their ids.
func (r *reader) templates() bool {
	ok := true
	r.p.templates(func(t *plan.Template) {
		if !ok || r.done[t.File.Value] {
			return
		}
		r.done[t.File.Value] = true
		text, read := r.read(t.File.Value)
		ok = read && !strings.Contains(text, "{{>")
		words := map[string]bool{}
		for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c > 127 || !isTokenByte(byte(c)) || c == '.' }) {
			words[word] = true
		}
		for v := range r.open {
			if words[v.ID.Value] {
				delete(r.open, v)
			}
		}
	})
	return ok
}

// read returns the text of a file.
func (r *reader) read(name string) (string, bool) {
	name = path.Clean(name)
	if text, ok := r.texts[name]; ok {
		return text, true
	}
	text, err := r.p.Env.ReadFile(name)
	if err != nil || len(r.texts) >= maxFiles || r.size > maxBytes {
		return "", false
	}
	r.texts[name] = string(text)
	r.size += len(text)
	return string(text), true
}

// steps looks at what steps and errands run, each script once.
func (r *reader) steps(look func(text string) bool) bool {
	r.done = map[string]bool{}
	ok := true
	r.p.steps(func(s *plan.Step, _ *plan.Errand) {
		ok = ok && r.step(s, look)
	})
	for _, e := range r.p.Plan.Errands {
		if e.Run == nil && e.Script.Value != "" {
			word, _, _ := strings.Cut(e.Script.Value, " ")
			ok = ok && r.file(word, look)
		}
	}
	return ok
}

func (r *reader) step(s *plan.Step, look func(string) bool) bool {
	switch s.Form {
	case plan.Inline:
		return look(s.Inline.Value)
	case plan.File:
		return s.Path.Value != "" && r.search(s.Script.Value) && r.file(s.Path.Value, look)
	}
	for _, arg := range s.Args {
		if !r.search(arg.Value) {
			return false
		}
	}
	return s.Cmd.Expr == nil && (r.isKnown(s.Cmd.Value) || r.file(s.Cmd.Value, look))
}

// file looks at a script that is run.
func (r *reader) file(name string, look func(string) bool) bool {
	if r.done[name] {
		return true
	}
	r.done[name] = true
	text, ok := r.read(name)
	return ok && inside(name) && look(text)
}

// inside reports whether a path leads to a file of the package.
func inside(name string) bool {
	clean := path.Clean(name)
	return !path.IsAbs(clean) && clean != ".." && !strings.HasPrefix(clean, "../")
}

// folder looks at all files of the folder: scripts run others, whatever language they are written in.
func (r *reader) folder() bool {
	queue := []string{"."}
	for n := 0; len(queue) > 0; n++ {
		dir := queue[0]
		queue = queue[1:]
		entries, err := r.p.Env.ReadDir(dir)
		if err != nil || n > maxFiles {
			return false
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			if _, skip := leftovers[e.Name()]; e.IsDir() && !skip {
				queue = append(queue, name)
			} else if !e.IsDir() && !r.other(name) {
				return false
			}
			if len(r.open) == 0 {
				return false
			}
		}
	}
	return true
}

// other looks at a file that is not known to be run. What is no text cannot be read.
func (r *reader) other(name string) bool {
	if name == path.Base(r.p.Plan.File.Source.Name()) {
		return true
	}
	if text, ok := r.texts[name]; ok {
		return r.search(text)
	}
	text, ok := r.read(name)
	if ok {
		return r.search(text)
	}
	info, err := r.p.Env.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 == 0 && len(r.texts) < maxFiles && r.size <= maxBytes
}

// search looks for names of inputs in a text of whatever language.
func (r *reader) search(text string) bool {
	const prefix = "INPUT_"
	if readsAll(text) {
		return false
	}
	ids := map[string]bool{}
	for at := 0; ; {
		i := strings.Index(text[at:], prefix)
		if i < 0 {
			break
		}
		at += i + len(prefix)
		n := 0
		for at+n < len(text) && (isTokenByte(text[at+n]) && text[at+n] != '.' && text[at+n] != '-') {
			n++
		}
		if next := at + n; n == 0 || next < len(text) && strings.IndexByte("$*{%\x00", text[next]) >= 0 {
			return false // the name goes on in a way that only the script knows
		}
		ids[text[at:at+n]] = true
	}
	for v := range r.open {
		if ids[v.ID.Value] || strings.ContainsRune(v.ID.Value, '-') {
			delete(r.open, v)
		}
	}
	return true
}

// wholesale are words that give a program its whole environment, or run text that it has made.
var wholesale = []string{"printenv", "environ", "Environ", "process.env", "ENV", "envsubst", "getenv", "Getenv", "GetEnv", "env", "eval", "compgen", "${!"}

// readsAll reports whether a script may read any variable: it holds a word of wholesale that is not part of another.
func readsAll(text string) bool {
	for _, word := range wholesale {
		for at := 0; ; {
			i := strings.Index(text[at:], word)
			if i < 0 {
				break
			}
			at += i + len(word)
			before, after := byte(' '), byte(' ')
			if at > len(word) {
				before = text[at-len(word)-1]
			}
			if at < len(text) {
				after = text[at]
			}
			if word == "${!" || !isWordByte(before) && before != '/' && before != '-' && !isWordByte(after) && after != '-' && after != ':' {
				return true
			}
		}
	}
	return strings.Contains(text, "export -p") || strings.Contains(text, "declare -")
}

func isWordByte(c byte) bool { return isTokenByte(c) && c != '.' && c != '-' }

// commands reports whether a shell script runs only what can be seen: files of the package, its own functions, and commands
// that are known to read no inputs. It says nothing about other scripts.
func (r *reader) commands(text string) bool {
	if line, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(line, "#!") && !strings.Contains(line, "sh") {
		return true // the names in it are all there is to be seen
	}
	tree := script.ParseAs(source.NewFile("script", text), script.Shell).Shell
	if tree == nil {
		return false
	}
	own := map[string]bool{}
	syntax.Walk(tree, func(n syntax.Node) bool {
		if f, ok := n.(*syntax.FuncDecl); ok {
			own[f.Name.Value] = true
		}
		return true
	})
	ok := true
	syntax.Walk(tree, func(n syntax.Node) bool {
		if call, isCall := n.(*syntax.CallExpr); isCall && len(call.Args) > 0 {
			name := call.Args[0].Lit()
			ok = ok && (own[name] || r.isKnown(name) || r.isOurs(call.Args[0])) && (!interpreters[name] || r.runsOurs(call.Args[1:]))
		}
		return ok
	})
	return ok
}

// interpreters are commands that run the file which is their argument.
var interpreters = map[string]bool{".": true, "source": true, "sh": true, "bash": true, "dash": true, "zsh": true,
	"python": true, "python3": true, "node": true, "exec": true}

// runsOurs reports whether the first argument behind the flags is a file of the folder, or a known command.
func (r *reader) runsOurs(args []*syntax.Word) bool {
	for _, arg := range args {
		if lit := arg.Lit(); !strings.HasPrefix(lit, "-") {
			return r.isKnown(lit) || r.isOurs(arg)
		} else if strings.HasSuffix(lit, "c") || lit == "-" {
			return false // a text, or what comes through a pipe
		}
	}
	return len(args) == 0
}

// isOurs reports whether a command is a file of the folder, which is looked at with all others. The part of a path that the
// shell fills in, such as $(dirname "$0"), does not matter.
func (r *reader) isOurs(word *syntax.Word) bool {
	last, ok := word.Parts[len(word.Parts)-1].(*syntax.Lit)
	if !ok {
		quoted, isQuoted := word.Parts[len(word.Parts)-1].(*syntax.DblQuoted)
		if !isQuoted || len(quoted.Parts) == 0 {
			return false
		}
		if last, ok = quoted.Parts[len(quoted.Parts)-1].(*syntax.Lit); !ok {
			return false
		}
	}
	name := strings.TrimPrefix(last.Value, "/")
	if r.p.Env.Stat == nil || name == "" || !inside(name) {
		return false
	}
	_, err := r.p.Env.Stat(name)
	return err == nil
}

// isKnown reports whether a command is one that everybody has, and that reads no variables called INPUT_*.
func (r *reader) isKnown(name string) bool {
	return known[strings.TrimPrefix(strings.TrimPrefix(name, "/usr"), "/bin/")]
}

var known = func() map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(`: . [ alias awk aws az base64 basename bash break bunzip2 bzip2 case cat cd chgrp chmod chown cksum cmp
		command comm composer cp continue cosign createdb crane cut curl dash date dd df diff dig dirname docker docker-compose dropdb du echo egrep exec exit
		export expr false fgrep file find fold gcloud getopts git go gofmt gpg grep gsutil gunzip gzip hadolint head helm hostname id install java jq
		kill kubectl kustomize less ln local ls make md5sum minikube kind mkdir mktemp mv mysql mysqldump nc node npm npx nproc openssl paste
		pg_dump pg_isready pg_restore ping pip pip3 podman popd printf psql pushd pwd python python3 read readlink readonly realpath redis-cli return
		rm rmdir rsync scp sed seq set sh sha1sum sha256sum shasum shellcheck shift skopeo sleep sops sort source split ssh stat sudo su tail tar tee
		terraform terragrunt tofu test time timeout touch tr trap true truncate tty type ulimit umask uname uniq unset unzip uuidgen vault wait wc
		wget which while who whoami xargs xz yamllint yarn yes yq zcat zip zsh`) {
		m[name] = true
	}
	return m
}()
