package cache

import (
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"escape.build/escape/eval/workspace"
	"escape.build/escape/lang/lint/config"
	"escape.build/escape/lang/source"
)

// A Kind says what a document is to the server.
type Kind uint8

// The kinds of documents.
const (
	Other Kind = iota // a script, a template, or nothing of ours
	Plan
	Config // of the linter
)

// A Document is the text of one file at one moment: an Overlay if the editor has it open, else what the disk holds. It is not
// changed; an edit makes another one.
type Document struct {
	// URI is that of the file in one form, whatever the client writes.
	URI string
	// Written is the URI as the client writes it, which may be another form of the same; it is what the client is told.
	Written string
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

	stamp stamp // of the file, if it was read from the disk

	turn chan struct{} // holds a token while somebody finds out what follows
	plan *Analyzed     // nil until it is asked for

	kept sync.Map // see Keep
	// last is plan once that is there, and before what was known of an older text.
	last atomic.Pointer[Analyzed]
}

// PlanLanguages are the language ids of plans by notation: YAML, HCL.
var PlanLanguages = [2]string{"escape-plan", "escape-plan-hcl"}

func newDocument(uri, path, language string, version int32, text string) *Document {
	d := &Document{URI: uri, Written: uri, Path: path, Language: language, Version: version, turn: make(chan struct{}, 1)}
	if filepath.Base(path) == config.Name {
		d.Kind = Config
	}
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
func (d *Document) with(version int32, text *source.File) *Document {
	next := &Document{
		URI: d.URI, Written: d.Written, Path: d.Path, Language: d.Language, Version: version, Open: d.Open, Kind: d.Kind,
		Source: text, turn: make(chan struct{}, 1),
	}
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

// Known returns what Analyze has found out before, which may not hold any more; nil if it has not been asked or is at work.
func (d *Document) Known() *Analyzed {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
		return d.plan
	default:
		return nil
	}
}
