// Package script reads the scripts that plans run: which variables of Escape they use, which outputs they write, which
// other files they run, and for shell scripts the syntax tree. It does not know plans (see lang/check, which compares
// both) and runs nothing. What it cannot see it says: nobody may conclude anything from a script that does not name a
// variable if the script reads the whole environment.
//
// Read script.go (the values), then shell.go with place.go (scripts of shells, which are parsed), scan.go with modules.go
// (all other languages, which are only looked through), gotemplate.go, sets.go (what sets variables, or asks whether they
// have a value), outputs.go (what is written to the file of outputs) and follow.go (files that call files).
package script

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"escape.build/escape/lang/source"
)

// Lang is the language of a script.
type Lang uint8

// The languages. Unknown is any text; Data is a text with "${NAME}" in it, such as a file for envsubst, and GoTemplate
// one with "{{ .Env.NAME }}", such as a file for gomplate.
const (
	Unknown Lang = iota
	Shell
	Python
	Ruby
	JavaScript
	Perl
	PowerShell
	Go
	Make
	Data
	GoTemplate
)

// A Script is what can be seen of a script. It is not changed after ParseAs.
type Script struct {
	File *source.File
	Lang Lang
	// Dialect is the name of the shell of a shell script: "sh" if nothing says otherwise.
	Dialect string
	// Shell is the tree of a shell script; nil for other languages and for one that cannot be parsed.
	Shell *syntax.File
	// Err says why a shell script cannot be parsed.
	Err *SyntaxError

	// Uses are the places that name a variable of Escape, in order.
	Uses []Use
	// Dynamic are places where the script may use any variable: it reads the whole environment, puts a name together, or
	// runs a program of which nobody knows what it reads.
	Dynamic []source.Span
	// Writes are the keys that the script certainly writes as outputs.
	Writes []Key
	// Opaque are places that may write outputs which nobody can name.
	Opaque []source.Span
	// Calls are the files that the script reads in or runs.
	Calls []Call
	// Misspelt are variables of a shell script that it never sets and whose names are much like those that Escape sets, such as
	// "INPTU_port" and "input_port".
	Misspelt []Use
	// Assigns are the names of all variables that the script sets itself, if they could be variables of Escape.
	Assigns map[string]bool
	// Computed is set if it also sets variables whose names it puts together or takes from elsewhere.
	Computed bool

	locals *lazyLocals
}

// A SyntaxError says what a shell does not understand.
type SyntaxError struct {
	Span source.Span
	Msg  string
}

// How says what a script does with a variable.
type How uint8

// What a script does with a variable.
const (
	// Read is a use of its value.
	Read How = iota
	// Assigned is its own variable from there on.
	Assigned
	// Mentioned is text that may or may not be a use, such as a message.
	Mentioned
)

// A Use is a place that names a variable of Escape. The text at Span is Name.
type Use struct {
	Name string // "INPUT_port"
	Span source.Span
	How  How
	// Guarded is set if the script says what to do without a value.
	Guarded bool
}

// A Key is an output that a script writes. Span covers it without quotes.
type Key struct {
	Name string
	Span source.Span
	// Arg is which argument of the script names the file it is written to; 0 if the script names it itself.
	Arg int
}

// A Call names a file of the package that a script reads in or runs.
type Call struct {
	// Path is the file, relative to the working directory.
	Path string
	// Beside is set if Path is relative to the folder of the script instead.
	Beside bool
	Span   source.Span
	// Lang is the language if the call decides it.
	Lang Lang
	// ReadIn is set if the file is read in, so that what it sets is set in the script. Path is empty then if nobody knows it.
	ReadIn bool
	// Optional is set if the script works without the file, or nobody knows whether it is one.
	Optional bool
}

// IsEscape reports whether a name is one that only Escape sets.
func IsEscape(name string) bool {
	return strings.HasPrefix(name, "INPUT_") || strings.HasPrefix(name, "OUTPUT_")
}

// MaxSize is how many bytes of a script are looked at; a longer one is opaque.
const MaxSize = 256 << 10

// ParseAs reads f in a language. Unknown means what its first line or its extension says, if anything.
func ParseAs(f *source.File, lang Lang) *Script {
	s := &Script{File: f, Lang: lang, locals: &lazyLocals{}}
	dialect := "sh"
	if found, d := Detect(f.Name(), f.Text()); lang == Unknown || lang == found {
		s.Lang, dialect = found, d
	}
	text := f.Text()
	if len(text) > MaxSize || strings.IndexByte(text, 0) >= 0 {
		all := source.Span{End: int32(len(text))}
		s.Dynamic, s.Opaque, s.Computed = []source.Span{all}, []source.Span{all}, true
		return s
	}
	r := reader{s: s, text: text}
	if s.Lang == Shell {
		s.Dialect = dialect
		r.shell()
	} else {
		r.foreign(0, len(text), s.Lang)
		r.foreignCalls()
		r.foreignOutputs()
	}
	r.finish()
	return s
}

// shells are the interpreters whose scripts are parsed.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "bats", "busybox"}

// interpreter finds the program that a first line "#!" names.
var interpreter = later(`^#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-S[ \t]+)?(?:\w+=\S*[ \t]+)*)?(?:\S*/)?([A-Za-z+]+)`)

// Detect returns the language of a text: by its first line, else by the extension of its name. The dialect is the name of
// the shell.
func Detect(name, text string) (lang Lang, dialect string) {
	if text = strings.TrimPrefix(text, source.BOM); strings.HasPrefix(text, "#!") {
		if m := interpreter().FindStringSubmatch(text); m != nil {
			return program(m[1])
		}
	}
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".sh":
		return Shell, "sh"
	case ".bash", ".zsh", ".ksh", ".mksh", ".bats":
		return Shell, ext[1:]
	case ".py":
		return Python, ""
	case ".rb", ".rake":
		return Ruby, ""
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts":
		return JavaScript, ""
	case ".pl", ".pm":
		return Perl, ""
	case ".ps1", ".psm1":
		return PowerShell, ""
	case ".go":
		return Go, ""
	case ".mk":
		return Make, ""
	case ".gotmpl", ".gotpl", ".ctmpl":
		return GoTemplate, ""
	case ".yml", ".yaml", ".tpl", ".tmpl", ".env", ".conf", ".json", ".tf":
		return Data, ""
	}
	switch path.Base(name) {
	case "Makefile", "makefile", "GNUmakefile":
		return Make, ""
	case "Rakefile", "Gemfile", "Vagrantfile":
		return Ruby, ""
	}
	return Unknown, ""
}

// program returns the language that a program reads.
func program(name string) (lang Lang, dialect string) {
	name = strings.TrimRight(path.Base(name), "0123456789.")
	if slices.Contains(shells, name) {
		return Shell, name
	}
	switch name {
	case "python", "pypy":
		return Python, ""
	case "ruby":
		return Ruby, ""
	case "node", "nodejs", "deno", "bun", "ts-node", "tsx":
		return JavaScript, ""
	case "perl":
		return Perl, ""
	case "pwsh", "powershell":
		return PowerShell, ""
	case "make", "gmake":
		return Make, ""
	}
	return Unknown, ""
}

// A reader collects facts.
type reader struct {
	expanded map[string]bool // whether a name is never set; see onlyExpanded
	s        *Script
	text     string
	// taken are the starts of names that have been understood.
	taken map[int32]bool
	// at is where the script in hand begins in the file, if it stands in a string of another one.
	at int
	// paths are the values of variables that hold a path.
	paths map[string]place
	// files are the variables that hold the path of the file of outputs.
	files map[string]target
	// commands are those of which nothing is known but that they are no functions of the script.
	commands  []command
	functions map[string]bool
	// objects are the values of variables that hold JSON.
	objects map[string]*syntax.Word
	// inner are scripts in strings, which have been looked at.
	inner []source.Span
	// documents are here-documents that no interpreter reads.
	documents []source.Span
	depth     int
}

// A command is one whose name is not known to be that of a tool; "" if the name is not in the text.
type command struct {
	name string
	span source.Span
}

// use records a use of a name that begins at an offset of the file. It reports whether the name is one of Escape.
func (r *reader) use(name string, start int, how How, guarded bool) bool {
	if !IsEscape(name) {
		return false
	}
	if how == Assigned {
		if r.s.Assigns == nil {
			r.s.Assigns = map[string]bool{}
		}
		r.s.Assigns[name] = true
	}
	if start < 0 || !strings.HasPrefix(r.text[min(start, len(r.text)):], name) {
		return true // a line is continued in the middle of it
	}
	if r.taken == nil {
		r.taken = map[int32]bool{}
	}
	if r.taken[int32(start)] {
		return true
	}
	r.taken[int32(start)] = true
	span := source.Span{Start: int32(start), End: int32(start + len(name))}
	r.s.Uses = append(r.s.Uses, Use{Name: name, Span: span, How: how, Guarded: guarded})
	return true
}

func (r *reader) dynamic(start, end int) {
	r.s.Dynamic = append(r.s.Dynamic, r.span(start, end))
}

func (r *reader) opaque(start, end int) {
	r.s.Opaque = append(r.s.Opaque, r.span(start, end))
}

// span is a span of the file, whatever its ends are.
func (r *reader) span(start, end int) source.Span {
	start = min(max(start, 0), len(r.text))
	return source.Span{Start: int32(start), End: int32(min(max(end, start), len(r.text)))}
}

// finish brings the facts in order.
func (r *reader) finish() {
	slices.SortFunc(r.s.Uses, func(a, b Use) int { return int(a.Span.Start) - int(b.Span.Start) })
	for _, c := range r.commands {
		if !r.functions[c.name] {
			r.s.Dynamic = append(r.s.Dynamic, c.span)
		}
	}
}
