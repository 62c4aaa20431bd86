// Package config reads the configuration of the linter, .escapelint.yml: which level each rule has, everywhere and below
// some paths, which files are left alone, and which findings make a run fail. Editors and the command line share it.
//
// Read config.go (what a configuration says), read.go (its text), glob.go (patterns), then find.go (which one counts).
package config

import (
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
)

// Name is what files of configuration are called.
const Name = ".escapelint.yml"

// A Config is what one file says. The zero value says nothing. It is not changed after it is read.
type Config struct {
	// File is what messages call it, and Path where it was read; "" if there is none.
	File, Path string
	// Folder is what patterns are relative to, with slashes.
	Folder string
	// FailOn is the least level of findings that make a run fail: "error", "warning", "advice", "never", or "" if the file
	// does not say.
	FailOn string

	levels []setting
	paths  []override
	ignore []glob
}

// A setting is a level for the rules that a selector means.
type setting struct {
	selector string
	level    lint.Level
}

// An override is a list of settings for files that match.
type override struct {
	glob     glob
	settings []setting
}

// Levels returns the levels for a file, whose path is relative to Folder and has slashes.
func (c *Config) Levels(path string) lint.Levels {
	var l lint.Levels
	set(&l, c.levels)
	for _, o := range c.paths {
		if o.glob.match(path) {
			set(&l, o.settings)
		}
	}
	return l
}

// On returns the rules that are on for any file, if more is set on top of the configuration.
func (c *Config) On(more func(*lint.Levels)) map[*diag.Entry]bool {
	on := make(map[*diag.Entry]bool, len(lint.All()))
	add := func(l lint.Levels) {
		more(&l)
		for i := range lint.All() {
			if r := &lint.All()[i]; l.On(r) {
				on[r.Code] = true
			}
		}
	}
	var l lint.Levels
	set(&l, c.levels)
	add(l)
	for _, o := range c.paths {
		l := l
		set(&l, o.settings)
		add(l)
	}
	return on
}

// set applies settings whose selectors were checked when they were read. Those of categories come first, whatever the
// order in which they are written.
func set(l *lint.Levels, settings []setting) {
	for _, single := range []bool{false, true} {
		for _, s := range settings {
			if (lint.Find(s.selector) != nil) == single {
				l.Set(s.selector, s.level)
			}
		}
	}
}

// Ignores reports whether a file or folder is left alone. The path is relative to Folder and has slashes. What lies below
// an ignored folder is ignored too.
func (c *Config) Ignores(path string) bool {
	ignored := false
	for _, g := range c.ignore {
		if g.match(path) {
			ignored = !g.negated
		}
	}
	return ignored
}
