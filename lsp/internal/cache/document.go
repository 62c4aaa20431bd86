package cache

import (
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/source"
)

// A Kind says what a document is to the server.
type Kind uint8

// The kinds of documents.
const (
	Other Kind = iota // a script, a template, or nothing of ours
	Plan
)

// A Document is the text of one file at one moment: an Overlay if the editor has it open, else what the disk holds. It is not
// changed; an edit makes another one.
type Document struct {
	URI string
	// Path is the absolute path of the file; "" for a document that is no file.
	Path string
	// Language is the id that the client gives it; "" if it is not open.
	Language string
	// Version is that of the client; it counts only if Open is set.
	Version int32
	Open    bool
	Kind    Kind
	// Source is the text. Its name is Path, or else the URI, with ".hcl" behind it if the language says that it is HCL.
	Source *source.File

	kept sync.Map   // see Keep
	mu   sync.Mutex // held while the plan is analyzed
	plan *Analyzed  // nil until it is asked for
	// last is plan once that is there, and before what was known of an older text.
	last atomic.Pointer[Analyzed]
}

// PlanLanguages are the language ids of plans by notation: YAML, HCL.
var PlanLanguages = [2]string{"escape-plan", "escape-plan-hcl"}

func newDocument(uri, path, language string, version int32, text string) *Document {
	d := &Document{URI: uri, Path: path, Language: language, Version: version}
	if slices.Contains(PlanLanguages[:], language) || slices.Contains(workspace.Names, filepath.Base(path)) {
		d.Kind = Plan
	}
	d.Source = source.NewFile(d.name(), text)
	return d
}

func (d *Document) name() string {
	if d.Path != "" {
		return d.Path
	}
	if d.Language == PlanLanguages[1] && filepath.Ext(d.URI) != ".hcl" {
		return d.URI + ".hcl"
	}
	return d.URI
}

// with returns the document with another text.
func (d *Document) with(version int32, text string) *Document {
	return d.next(version, source.NewFile(d.Source.Name(), text))
}

// forgotten returns the document without what was found out about it.
func (d *Document) forgotten() *Document { return d.next(d.Version, d.Source) }

func (d *Document) next(version int32, src *source.File) *Document {
	next := &Document{URI: d.URI, Path: d.Path, Language: d.Language, Version: version, Open: d.Open, Kind: d.Kind, Source: src}
	next.last.Store(d.last.Load())
	return next
}

// Keep returns what make makes of the text alone. It is called once for each key, by whoever comes first; others wait.
func (d *Document) Keep(key any, make func() any) any { return keep(&d.kept, key, make) }

func keep(kept *sync.Map, key any, make func() any) any {
	once, ok := kept.Load(key)
	if !ok {
		once, _ = kept.LoadOrStore(key, sync.OnceValue(make))
	}
	return once.(func() any)()
}

// looked reports whether what is known of the document depends on a file. What is being found out may depend on any.
func (d *Document) looked(path string) bool {
	if !d.mu.TryLock() {
		return true
	}
	defer d.mu.Unlock()
	return d.plan != nil && d.plan.notes.looked[path]
}
