package eval

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"escape.build/escape/lang/builtin"
)

// Env is the outside world of an evaluation: files, the clock, and the folder that relative paths start from. What is
// nil is not available.
type Env = builtin.Env

// OSEnv returns the real world, with relative paths starting at dir. Files made by ".file" are called
// "escape_input_..." as in the original, lie in the system's folder for temporary files, and stay there.
func OSEnv(dir string) Env {
	return Env{
		ReadFile: ReadFile,
		Stat:     os.Stat,
		Now:      time.Now,
		Dir:      dir,
		TempFile: func(content string) (string, error) {
			f, err := os.CreateTemp("", "escape_input_")
			if err != nil {
				return "", err
			}
			_, err = f.WriteString(content)
			return f.Name(), errors.Join(err, f.Close())
		},
	}
}

// A Scope holds the names that expressions may use. Filled once, it may serve any number of evaluations at a time.
// The zero value is an empty scope without files and clock.
type Scope struct {
	Env    Env
	parent *Scope
	names  map[string]*global
	more   Names
}

// Names are names that a scope need not be filled with: their values are asked for when they are used.
type Names interface {
	// Value returns the value of a name; false if there is none.
	Value(name string) (v Value, ok bool, err error)
	// All returns the names, in any order.
	All() []string
}

// A global is a name of a scope. Its value may be made on first use.
type global struct {
	once   sync.Once
	make   func() (cty.Value, error) // nil if the value is there
	value  cty.Value
	err    error
	absent string // why the name cannot be used, if it cannot
}

// errUnknown says that a scope has no such name.
var errUnknown = errors.New("unknown name")

// NewScope returns an empty scope in env.
func NewScope(env Env) *Scope { return &Scope{Env: env} }

// Child returns a scope that has all names of s and may get its own, which hide those of s.
func (s *Scope) Child() *Scope { return &Scope{Env: s.Env, parent: s} }

func (s *Scope) add(name string, g *global) *Scope {
	if s.names == nil {
		s.names = map[string]*global{}
	}
	s.names[name] = g
	return s
}

// Set gives a name its value, and returns s.
func (s *Scope) Set(name string, v cty.Value) *Scope { return s.add(name, &global{value: noNull(v)}) }

// SetLazy gives a name a value that is made when it is first used, at most once. An error of make is the error of the
// expressions that use the name.
func (s *Scope) SetLazy(name string, make func() (cty.Value, error)) *Scope {
	return s.add(name, &global{make: make})
}

// SetAbsent says why a name that exists cannot be used; the reason stands behind the error message.
func (s *Scope) SetAbsent(name, reason string) *Scope { return s.add(name, &global{absent: reason}) }

// SetMore adds names to the scope, which those that were set hide.
func (s *Scope) SetMore(n Names) { s.more = n }

// lookup returns the value of a name. If there is none it returns errUnknown, and why, if that is known.
func (s *Scope) lookup(name string) (v cty.Value, reason string, err error) {
	for p := s; p != nil; p = p.parent {
		g, ok := p.names[name]
		if !ok {
			if p.more == nil {
				continue
			}
			if v, ok, err := p.more.Value(name); ok {
				return noNull(v), "", err
			}
			continue
		}
		if g.absent != "" {
			return cty.NilVal, g.absent, errUnknown
		}
		if g.make != nil {
			g.once.Do(g.run)
		}
		return g.value, "", g.err
	}
	return cty.NilVal, "", errUnknown
}

func (g *global) run() {
	defer func() {
		if r := recover(); r != nil {
			g.err = fmt.Errorf("internal error: %v", r)
		}
	}()
	g.value, g.err = g.make()
	g.value = noNull(g.value)
}

// Names returns the sorted names that can be used.
func (s *Scope) Names() []string {
	seen := map[string]bool{}
	var names []string
	for p := s; p != nil; p = p.parent {
		for name, g := range p.names {
			if !seen[name] && g.absent == "" {
				names = append(names, name)
			}
			seen[name] = true
		}
		if p.more == nil {
			continue
		}
		for _, name := range p.more.All() {
			if !seen[name] {
				names = append(names, name)
			}
			seen[name] = true
		}
	}
	slices.Sort(names)
	return names
}

// object returns all names as one object, without those whose value cannot be made.
func (s *Scope) object() cty.Value {
	fields := map[string]cty.Value{}
	for _, name := range s.Names() {
		if v, _, err := s.lookup(name); err == nil {
			fields[name] = v
		}
	}
	return cty.ObjectVal(fields)
}
