package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"escape.build/escape/lang/release"
)

// Digest names the content of a release: SHA-256 over its metadata, which holds the digests of its files. What does not
// change what a release does is left out: the facts of the last commit and the versions of the tools that made it. So a
// commit elsewhere in the repository is no reason to deploy again.
func Digest(m *release.Metadata) string {
	c := *m
	c.APIVersion, c.BuiltWithCoreVersion, c.BuiltWithEscapeVersion = 0, "", ""
	c.Branch, c.Repository, c.Revision, c.RevisionMessage, c.RevisionAuthor = "", "", "", "", ""
	data, err := json.Marshal(&c)
	if err != nil { // values in metadata come from JSON or YAML and always fit
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
