package script

import (
	"path"
	"regexp"
	"strings"
	"sync"
)

// later compiles an expression on first use: most runs need none.
func later(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// scriptFile finds words that are called like scripts.
var scriptFile = later(`(?:[\w.-]+/)*[\w-][\w.-]*\.(?:sh|bash|py|rb|js|mjs|cjs|pl|ps1)\b`)

// localProgram finds programs that a makefile runs from the folder.
var localProgram = later(`(?:^|[\s;&|@])\./([\w./-]+)`)

// imports find the modules that a script of a language takes in.
var imports = map[Lang]func() *regexp.Regexp{
	Python:     later(`(?m)^[ \t]*(?:import|from)[ \t]+(\.*[A-Za-z_][\w.]*)`),
	Ruby:       later(`require_relative[ (]*['"]([^'"]+)['"]`),
	JavaScript: later(`(?:require\(|from|import)\s*['"](\.[^'"]+)['"]`),
	Perl:       later(`(?:require|do)[ (]*['"]([^'"]+)['"]`),
}

// maxCalls is how many files one script of another language may lead to.
const maxCalls = 50

// foreignCalls finds the files that a script of another language may read in or run. Whether it does is not known.
func (r *reader) foreignCalls() {
	if r.s.Lang == Data {
		return
	}
	found := func(start, end int, beside bool, files ...string) {
		for _, file := range files {
			if len(r.s.Calls) < maxCalls {
				r.s.Calls = append(r.s.Calls, Call{Path: path.Clean(file), Beside: beside, Span: r.span(start, end), Optional: true})
			}
		}
	}
	for _, at := range scriptFile().FindAllStringIndex(r.text, maxCalls) {
		word := strings.TrimLeft(r.text[at[0]:at[1]], "/")
		found(at[0], at[1], false, word)
		found(at[0], at[1], true, word)
	}
	if r.s.Lang == Make {
		for _, at := range localProgram().FindAllStringSubmatchIndex(r.text, maxCalls) {
			found(at[2], at[3], false, r.text[at[2]:at[3]])
		}
	}
	if re := imports[r.s.Lang]; re != nil {
		for _, at := range re().FindAllStringSubmatchIndex(r.text, maxCalls) {
			name := r.text[at[2]:at[3]]
			switch r.s.Lang {
			case Python:
				name = strings.ReplaceAll(strings.TrimLeft(name, "."), ".", "/")
				found(at[2], at[3], true, name+".py", name+"/__init__.py")
			case Ruby:
				found(at[2], at[3], true, name, name+".rb")
			case JavaScript:
				found(at[2], at[3], true, name, name+".js", name+".mjs", name+".ts", name+"/index.js")
			default:
				found(at[2], at[3], true, name)
			}
		}
	}
}
