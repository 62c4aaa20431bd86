package complete

import (
	"path"
	"strings"

	"escape.build/escape/lang/syntax"
)

// A fileKind says which files are wanted: others are offered behind them, or not at all.
type fileKind struct {
	extensions []string // without a dot; those that fit best
	only       bool     // nothing else is wanted
}

var (
	anyFile      = fileKind{}
	scriptFile   = fileKind{extensions: []string{"sh", "bash", "py", "rb", "js", "pl", "ps1", ""}}
	templateFile = fileKind{extensions: []string{"tpl", "tmpl", "mustache", "j2", "template", "stache"}}
	imageFile    = fileKind{extensions: []string{"png", "svg", "jpg", "jpeg", "gif"}, only: true}
	folders      = fileKind{only: true}
)

// files offers files and folders of the package, whose paths begin as the typed text does. A prefix that is not typed is written
// in front.
func (c *completer) files(prefix string, kind fileKind) {
	c.filesFrom(c.spot.text, c.spot.at, prefix, kind)
}

// filesFrom is files for a path that begins at an offset.
func (c *completer) filesFrom(typed string, at int, prefix string, kind fileKind) {
	if c.Env.ReadDir == nil || strings.ContainsAny(typed, "*?$ \"'") {
		return
	}
	dir, _ := path.Split(typed)
	if path.IsAbs(dir) || strings.Contains(typed, "..") {
		return
	}
	if dir != "" {
		prefix = ""
		at = c.Offset - len(typed) + len(dir)
	}
	list, err := c.Env.ReadDir(path.Clean("./" + dir))
	if err != nil {
		return
	}
	c.over(at, c.spot.rest)
	tail := c.Source.Text()[c.Offset : c.Offset+c.spot.rest]
	if n := strings.IndexAny(tail, "/ "); n >= 0 {
		c.list.Replace.End = c.list.Insert.End + int32(n)
	}
	for i, f := range list {
		name := f.Name()
		if !safeName(name) || name[0] == '.' && !strings.HasPrefix(typed[len(dir):], ".") {
			continue
		}
		it := Item{Label: name, Kind: KindFile, Text: c.path(dir, prefix+name), Rank: 2000 + i}
		ext := strings.TrimPrefix(path.Ext(name), ".")
		switch {
		case f.IsDir():
			it.Kind, it.Label, it.Text = KindFolder, name+"/", c.path(dir, prefix+name+"/")
			if len(kind.extensions) > 0 {
				it.Rank -= 1000
			}
			if name == "deps" || name == "node_modules" {
				it.Rank += 5000
			}
		case kind.has(ext):
			it.Rank -= 2000
		case kind.only || dir == "" && (name == "escape.yml" || name == "escape.yaml" || name == "escape.hcl"):
			continue
		}
		if i > 2000 {
			c.list.Incomplete = true
			break
		}
		c.add(it)
	}
}

func (k *fileKind) has(ext string) bool {
	for _, e := range k.extensions {
		if e == ext {
			return true
		}
	}
	return false
}

// path writes a name of a file where a path is, or a part of one.
func (c *completer) path(dir, name string) string {
	if dir != "" || c.spot.style != plain && c.spot.style != native {
		return name
	}
	return c.write(name)
}

// safeName reports whether a file name stands for itself in both notations and in a shell.
func safeName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' || r == '+')
	}) && name[0] != '-'
}

// stepFiles offers scripts for the short form of a step.
func (c *completer) stepFiles() {
	if !strings.Contains(c.spot.text, " ") {
		c.files("", scriptFile)
	}
}

// fileArgument offers files for the argument of read_file; false if the place is none.
func (c *completer) fileArgument() bool {
	s := &c.spot
	if c.Notation == syntax.HCL && s.function != "script" {
		if s.style == double && (s.function == "read_file" || s.function == "__read_file") {
			c.files("", anyFile)
			return true
		}
		return false
	}
	return c.readFile(s.text)
}

// readFile offers files if an expression of Escape Script ends inside the argument of read_file.
func (c *completer) readFile(script string) bool {
	i := strings.LastIndexByte(script, '"')
	if i < 0 || !inString(script) || !strings.HasSuffix(script[:i], "read_file(") {
		return false
	}
	typed := script[i+1:]
	rest := c.Source.Text()[c.Offset : c.Offset+c.spot.rest]
	if n := strings.IndexAny(rest, "\"\\"); n >= 0 {
		c.spot.rest = n
	}
	was := c.spot.style
	c.spot.style = literal // names that are safe need no quotes
	c.filesFrom(typed, c.Offset-len(typed), "", anyFile)
	c.spot.style = was
	return true
}
