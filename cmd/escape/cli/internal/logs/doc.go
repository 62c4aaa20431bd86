// Package logs writes what a running command reports: lines for people, or one JSON object per line.
//
// It is not for results (they go straight to standard output) and knows nothing about commands. An Entry names a row
// of the catalogue by its key and carries the values for its template. Read entry.go, then catalog.go (the table),
// then human.go and json.go (the two formats).
package logs
