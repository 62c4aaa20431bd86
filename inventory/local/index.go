package local

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// An index is what index.json says about a package. Without the file it is empty.
type index struct {
	document
	text []byte // as read; nil if there is no file
}

// A document is the content of index.json, with its keys in the order of the original. The name shows in messages of the
// JSON decoder.
type document struct {
	Name          string                     `json:"name"`
	EscapeVersion string                     `json:"escape_version"`
	CoreVersion   string                     `json:"escape_core_version"`
	API           int                        `json:"core_api_version"`
	Versions      map[string]json.RawMessage `json:"versions"` // metadata by version without "v"
	Tags          map[string]string          `json:"tags"`     // version by tag
	Digests       map[string]string          `json:"digests,omitempty"`
}

// load reads the index.
func (p *pkg) load() (*index, error) {
	x := &index{}
	text, err := os.ReadFile(p.index())
	if errors.Is(err, fs.ErrNotExist) {
		x.Name = p.name
		return x.filled(), nil
	}
	if err == nil {
		x.text, err = text, json.Unmarshal(text, &x.document)
	}
	if err != nil {
		return nil, fail(inventory.Unavailable, err, "Could not read local version index at '%s': %s", p.index(), bare(err))
	}
	if x.API > release.APIVersion {
		e := fail(inventory.Unavailable, nil, "Could not load application version index, because the index was created by a version of "+
			"Escape that supports a different (newer) API v%d, instead of v%d, which this version of Escape supports.", x.API, release.APIVersion)
		e.Hint = "the index is " + p.index()
		return nil, e
	}
	return x.filled(), nil
}

func (x *index) filled() *index {
	if x.Versions == nil {
		x.Versions = map[string]json.RawMessage{}
	}
	if x.Tags == nil {
		x.Tags = map[string]string{}
	}
	if x.Digests == nil {
		x.Digests = map[string]string{}
	}
	return x
}

// exists reports whether there is an index at all, which is what makes a package.
func (x *index) exists() bool { return x.text != nil }

func (x *index) has(v release.Version) bool { _, ok := x.Versions[string(v)]; return ok }

// versions returns the versions, newest first. Keys that are no versions do not count.
func (x *index) versions() []release.Version {
	list := make([]release.Version, 0, len(x.Versions))
	for key := range x.Versions {
		if v, err := release.ParseVersion(key); err == nil {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(v, w release.Version) int {
		if c := w.Compare(v); c != 0 {
			return c
		}
		return strings.Compare(string(w), string(v)) // "1" and "01"
	})
	return list
}

// encode returns the text of the file, written by a client of a version. Keys of the text read that we do not know stay.
func (x *index) encode(escapeVersion string) ([]byte, error) {
	d := x.document
	d.EscapeVersion, d.CoreVersion, d.API = escapeVersion, release.CoreVersion, release.APIVersion
	text, err := json.Marshal(d)
	if err != nil || x.text == nil {
		return text, err
	}
	others := map[string]json.RawMessage{}
	if err := json.Unmarshal(x.text, &others); err != nil {
		return nil, err
	}
	for key := range others {
		if isKnown(key) {
			delete(others, key)
		}
	}
	if len(others) == 0 {
		return text, nil
	}
	more, err := json.Marshal(others)
	if err != nil {
		return nil, err
	}
	return append(append(text[:len(text)-1], ','), more[1:]...), nil
}

// isKnown reports whether a key is one of document's; the decoder disregards case.
func isKnown(key string) bool {
	for _, known := range []string{"name", "escape_version", "escape_core_version", "core_api_version", "versions", "tags", "digests"} {
		if strings.EqualFold(key, known) {
			return true
		}
	}
	return false
}
