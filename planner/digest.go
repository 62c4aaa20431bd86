package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path"

	"escape.build/escape/lang/release"
)

// Digest names the content of a release: SHA-256 over its metadata, which holds the digests of its files. What does not
// change what a release does is left out: the facts of the last commit, so that a commit elsewhere in the repository is
// no reason to deploy again, the versions of the tools that made it, and files that running it writes.
func Digest(m *release.Metadata) string {
	c := *m
	c.APIVersion, c.BuiltWithCoreVersion, c.BuiltWithEscapeVersion = 0, "", ""
	c.Branch, c.Repository, c.Revision, c.RevisionMessage, c.RevisionAuthor = "", "", "", "", ""
	c.Files = maps.Clone(m.Files)
	for _, t := range m.Templates {
		drop(c.Files, t.Target)
	}
	for _, d := range m.Downloads {
		drop(c.Files, d.Dest)
	}
	sum := sha256.Sum256(c.EncodeCompact())
	return hex.EncodeToString(sum[:])
}

func drop(files map[string]string, name string) {
	name = path.Clean(name)
	maps.DeleteFunc(files, func(k, _ string) bool { return path.Clean(k) == name })
}
