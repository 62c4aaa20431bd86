package markertest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"escape.build/escape/lang/source"
)

// An archive is one test as it is written.
type archive struct {
	path    string
	raw     *txtar.Archive
	files   map[string]string // what is written to the disk, by name
	golden  map[string]string // by name, without "@"
	changed bool              // a golden section has another text
	calls   []call
}

// A call is one function of a marker.
type call struct {
	file string
	line int // from 1
	name string
	args []arg
}

func (c call) String() string { return fmt.Sprintf("%s:%d: %s", c.file, c.line, c.name) }

// An arg is an argument of a call.
type arg struct {
	text string // a text, a pattern, a word or a number as it is written
	kind argKind
	edge string // "start", "end" or ""
}

type argKind uint8

const (
	word argKind = iota
	text
	pattern
)

var marker = regexp.MustCompile(`(#|//)@ (.*)$`)

func readArchive(path string) (*archive, error) {
	raw, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	a := &archive{path: path, raw: raw, files: map[string]string{}, golden: map[string]string{}}
	for _, f := range raw.Files {
		if name, ok := strings.CutPrefix(f.Name, "@"); ok {
			a.golden[name] = string(f.Data)
			continue
		}
		a.files[f.Name] = string(f.Data)
		for i, line := range strings.Split(string(f.Data), "\n") {
			m := marker.FindStringSubmatch(strings.TrimRight(line, "\r"))
			if m == nil {
				continue
			}
			calls, err := parseCalls(m[2])
			if err != nil {
				return nil, fmt.Errorf("%s: %s:%d: %w", path, f.Name, i+1, err)
			}
			for _, c := range calls {
				c.file, c.line = f.Name, i+1
				a.calls = append(a.calls, c)
			}
		}
	}
	return a, nil
}

// update writes the archive with its golden sections as they are now.
func (a *archive) update() error {
	kept := a.raw.Files[:0:0]
	seen := map[string]bool{}
	for _, f := range a.raw.Files {
		if name, ok := strings.CutPrefix(f.Name, "@"); ok {
			f.Data = []byte(a.golden[name])
			seen[name] = true
		}
		kept = append(kept, f)
	}
	for name := range a.golden {
		if !seen[name] {
			kept = append(kept, txtar.File{Name: "@" + name, Data: []byte(a.golden[name])})
		}
	}
	a.raw.Files = kept
	return os.WriteFile(filepath.Clean(a.path), txtar.Format(a.raw), 0o666)
}

var (
	callHead = regexp.MustCompile(`^\s*,?\s*([a-zA-Z]+)\(`)
	argForm  = regexp.MustCompile("^\\s*(?:(re)?(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)|([^\\s,():]+))(?::(start|end))?\\s*([,)])")
)

// parseCalls reads what stands behind "#@ ".
func parseCalls(s string) ([]call, error) {
	var calls []call
	for strings.TrimSpace(s) != "" {
		m := callHead.FindStringSubmatch(s)
		if m == nil {
			return nil, fmt.Errorf("want a call at %q", s)
		}
		c := call{name: m[1]}
		s = s[len(m[0]):]
		if rest := strings.TrimLeft(s, " "); strings.HasPrefix(rest, ")") {
			calls, s = append(calls, c), rest[1:]
			continue
		}
		for {
			m := argForm.FindStringSubmatch(s)
			if m == nil {
				return nil, fmt.Errorf("want an argument at %q", s)
			}
			s = s[len(m[0]):]
			x := arg{text: m[3], edge: m[4]}
			if m[2] != "" {
				x.kind = text
				if m[1] != "" {
					x.kind = pattern
				}
				unquoted, err := strconv.Unquote(m[2])
				if err != nil {
					return nil, fmt.Errorf("%s: %w", m[2], err)
				}
				x.text = unquoted
			}
			c.args = append(c.args, x)
			if m[5] == ")" {
				break
			}
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// find returns the span of an argument on the line of its call, before the marker.
func (x arg) find(f *source.File, line int) (source.Span, error) {
	span := f.Line(line)
	s := f.Slice(span)
	if m := marker.FindStringIndex(s); m != nil {
		s = s[:m[0]]
	}
	var from, to int
	switch x.kind {
	case text:
		if from = strings.Index(s, x.text); from < 0 {
			return span, fmt.Errorf("line %d has no %q", line, x.text)
		}
		to = from + len(x.text)
	default:
		re, err := regexp.Compile(x.text)
		if err != nil {
			return span, err
		}
		m := re.FindStringSubmatchIndex(s)
		if m == nil {
			return span, fmt.Errorf("line %d has nothing like %q", line, x.text)
		}
		if from, to = m[0], m[1]; len(m) > 2 {
			from, to = m[2], m[3]
		}
	}
	found := source.Span{Start: span.Start + int32(from), End: span.Start + int32(to)}
	switch x.edge {
	case "start":
		found.End = found.Start
	case "end":
		found.Start = found.End
	}
	return found, nil
}
