package config

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
)

// Keys are the keys of a configuration with what they are for, in the order of documents.
var Keys = []struct{ Name, Doc string }{
	{"levels", "Level by rule: its code or name, or a category. A single rule counts more than its category."},
	{"paths", "Levels for some files only, by pattern as in .gitignore, relative to the folder of this file. Later ones count more."},
	{"ignore", "Patterns of files and folders that are left alone, as in .gitignore."},
	{"fail_on", "The least level of findings that make a run fail."},
}

// FailLevels are the values of fail_on.
var FailLevels = []string{"error", "warning", "advice", "never"}

// Parse reads the text of a file of configuration. The error has a line "FILE:LINE:COLUMN: what is wrong" for each mistake.
func Parse(file, text string) (*Config, error) {
	c := &Config{File: file}
	var doc, second yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(text))
	err := decoder.Decode(&doc)
	if err == nil {
		err = decoder.Decode(&second)
	}
	if err != nil && err != io.EOF {
		line, what := 1, strings.TrimPrefix(err.Error(), "yaml: ")
		if n, _ := fmt.Sscanf(what, "line %d:", &line); n == 1 {
			_, what, _ = strings.Cut(what, ": ")
		}
		return nil, fmt.Errorf("%s:%d: %s", file, line, what)
	}
	if len(doc.Content) == 0 {
		return c, nil
	}
	r := reader{file: file}
	if second.Line > 0 {
		r.fail(&second, "there is a second document; a configuration is one")
	}
	r.entries(doc.Content[0], "the configuration", func(key string, k, v *yaml.Node) {
		switch key {
		case "levels":
			c.levels = r.levels(v)
		case "paths":
			r.entries(v, "paths", func(pattern string, k, v *yaml.Node) {
				c.paths = append(c.paths, override{r.glob(k, pattern), r.levels(v)})
			})
		case "ignore":
			c.ignore = r.globs(v)
		case "fail_on":
			c.FailOn = r.word(v, FailLevels)
		default:
			r.unknownKey(k, key)
		}
	})
	return c, errors.Join(r.errs...)
}

type reader struct {
	file string
	errs []error
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s:%d:%d: %s", r.file, n.Line, n.Column, fmt.Sprintf(format, args...)))
}

func (r *reader) unknownKey(n *yaml.Node, key string) {
	var names []string
	for _, k := range Keys {
		names = append(names, k.Name)
	}
	if near, ok := diag.Nearest(key, names); ok {
		r.fail(n, "unknown key %q; did you mean %q?", key, near)
		return
	}
	r.fail(n, "unknown key %q; there are %s", key, strings.Join(names, ", "))
}

// entries calls fn for each entry of a mapping, which may be left out.
func (r *reader) entries(n *yaml.Node, what string, fn func(key string, k, v *yaml.Node)) {
	if n = deref(n); n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s must be a mapping", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if seen[k.Value] {
			r.fail(k, "%q is there twice", k.Value)
			continue
		}
		seen[k.Value] = true
		fn(k.Value, k, v)
	}
}

func deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (r *reader) levels(n *yaml.Node) (list []setting) {
	r.entries(n, "levels", func(selector string, k, v *yaml.Node) {
		level, ok := lint.ParseLevel(r.word(v, []string{"off", "advice", "warning", "error"}))
		if !ok {
			return
		}
		if err := new(lint.Levels).Set(selector, level); err != nil {
			r.fail(k, "%s", err)
			return
		}
		list = append(list, setting{selector, level})
	})
	return list
}

// word returns the text of a scalar that is one of some words, else "".
func (r *reader) word(n *yaml.Node, words []string) string {
	n = deref(n)
	for _, w := range words {
		if n.Kind == yaml.ScalarNode && n.Value == w {
			return w
		}
	}
	r.fail(n, "%q is none of %s", n.Value, strings.Join(words, ", "))
	return ""
}

func (r *reader) globs(n *yaml.Node) (list []glob) {
	if n = deref(n); n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "ignore must be a list of patterns")
		return nil
	}
	for _, item := range n.Content {
		item = deref(item)
		if item.Kind != yaml.ScalarNode {
			r.fail(item, "a pattern must be text")
			continue
		}
		list = append(list, r.glob(item, item.Value))
	}
	return list
}

func (r *reader) glob(n *yaml.Node, pattern string) glob {
	g, err := parseGlob(pattern)
	if err != nil {
		r.fail(n, "%s", err)
	}
	return g
}
