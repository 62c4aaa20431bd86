package compile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"escape.build/escape/lang/release"
)

// LocalVersions returns the versions of a package in the local Inventory at base, in no order. A package
// or an Inventory that does not exist has none. Nothing is written. (40-cli, 8.3.)
func LocalVersions(base, namespace, name string) ([]release.Version, error) {
	index := filepath.Join(base, namespace, name, "index.json")
	f, err := os.Open(index)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read local version index: %w", err)
	}
	defer f.Close()
	var doc struct {
		API      int         `json:"core_api_version"`
		Versions versionKeys `json:"versions"`
	}
	dec := json.NewDecoder(f)
	if err := dec.Decode(&doc); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("Could not read local version index at '%s': %w", index, err)
	}
	if doc.API > release.APIVersion {
		return nil, fmt.Errorf("Could not load application version index, because the index was created by a version of Escape that supports a different (newer) API v%d, instead of v%d, which this version of Escape supports.", doc.API, release.APIVersion)
	}
	return doc.Versions, nil
}

// versionKeys reads the keys of an object and skips its values, which are whole documents.
type versionKeys []release.Version

func (k *versionKeys) UnmarshalJSON(data []byte) error {
	var m map[string]skipped
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	for v := range m {
		*k = append(*k, release.Version(v))
	}
	return nil
}

type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// nextVersion completes a pattern: by the Resolver, else from the local Inventory, else as the first release.
func (c *compiler) nextVersion(p release.Pattern) (release.Version, error) {
	if r := c.opts.Resolver; r != nil {
		return r.NextVersion(c.ctx, c.meta.Project, c.meta.Name, p)
	}
	if c.opts.Inventory == "" {
		return p.Next(nil), nil
	}
	known, err := LocalVersions(c.opts.Inventory, c.meta.Project, c.meta.Name)
	if err != nil {
		return "", err
	}
	return p.Next(known), nil
}
