// Package inventory is the place of the artefact server's domain: packages, releases, tags and the rules for them.
//
// It holds nothing yet. Its types stand on lang/release only; databases, stores of files and HTTP will be packages below
// it that do not know each other. Until then eval/compile reads the next version of a package from a local inventory
// folder, and refuses dependencies that it cannot resolve.
package inventory
