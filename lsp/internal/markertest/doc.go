// Package markertest runs tests of the language server that are written as plans with markers in their comments. Each archive
// of testdata/marker is one test: its first lines say what holds, its files are written to a folder, and a real server, at the
// other end of a pipe, is asked what the markers say.
//
// A marker is a comment that begins with "#@" (or "//@"), and holds calls separated by commas. An argument that is a text or
// a pattern (re"…", whose first group counts if it has one) is the place of its first match on the line before the marker;
// where a function wants a text, it is that text. A word is a name: of a place that loc gave it, or of a golden section
// "-- @name --" of the archive, which ESCAPE_UPDATE=1 writes. A place may be followed by ":end" or ":start" to mean the empty
// range there.
//
// All files with markers are opened; others lie on the disk only. Each archive runs twice: opened as it is, and typed a few
// characters at a time while other requests are made, none of which may fail. A file settings.json is the settings of the client
// (section "escape"), capabilities.json what it can do besides what all tests take for granted.
//
// Findings that no diag marker names fail the test.
//
// Read archive.go (reading a test), client.go (the editor's side), run.go (the test), then the file of a function; funcs.go
// lists them all, each with three lines that say what it wants.
package markertest
