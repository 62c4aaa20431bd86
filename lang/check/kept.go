package check

import (
	"strings"

	"escape.build/escape/lang/kept"
	"escape.build/escape/lang/script"
	"escape.build/escape/lang/source"
)

// Kept is what helps to check a plan again after an edit.
type Kept struct {
	scripts *kept.Map[scriptKey, *script.Script]
}

// A scriptKey is all that is known of a script depends on.
type scriptKey struct {
	name, text string
	lang       script.Lang
}

// After returns what helps to check a plan that was checked with k before it was edited; k may be nil.
func (k *Kept) After() *Kept {
	if k == nil {
		k = &Kept{}
	}
	return &Kept{scripts: k.scripts.After()}
}

// Done says that the plan is checked.
func (k *Kept) Done() { k.scripts.Done() }

// parse reads a script. Equal ones are read once; each is a Script of its own.
func (e *Env) parse(name, text string, lang script.Lang) *script.Script {
	if e.Kept == nil {
		return script.ParseAs(source.NewFile(name, text), lang)
	}
	key := scriptKey{name, text, lang}
	s, ok := e.Kept.scripts.Get(key)
	if !ok {
		key.text = strings.Clone(text)
		s = script.ParseAs(source.NewFile(name, key.text), lang)
		e.Kept.scripts.Put(key, s)
	}
	own := *s
	return &own
}
