package lint

import (
	"path"
	"strings"
)

// A reader looks for names of inputs in all files of the folder, whatever runs or reads them. Its methods report false as soon
// as anything may read any input.
type reader struct {
	p     *Pass
	open  map[string]bool // ids that were not found so far
	known map[string]bool // files of which InputUse knows all
	files int
	size  int
}

// How much is read for one plan; who has more is left alone.
const (
	maxFiles = 300
	maxBytes = 2 << 20
)

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
			} else if !e.IsDir() && !r.file(name) {
				return false
			}
			if len(r.open) == 0 {
				return false
			}
		}
	}
	return true
}

// file looks at a file that is not known to be run. What is no text cannot be read.
func (r *reader) file(name string) bool {
	if r.known[name] {
		return true
	}
	if r.files++; r.files > maxFiles || r.size > maxBytes {
		return false
	}
	if text, err := r.p.Env.ReadFile(name); err == nil {
		r.size += len(text)
		return r.search(string(text))
	}
	info, err := r.p.Env.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 == 0
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
	for id := range r.open {
		if ids[id] {
			delete(r.open, id)
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
