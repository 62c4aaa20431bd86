// Package config reads and writes the client's configuration file: a JSON document of named profiles, each of which
// says how to reach one Inventory and where state is kept.
//
// It shares the file with the original Escape, so keys, order and layout are fixed. A file ".lock" beside it keeps two
// commands from changing it at once. Read places.go (where things are), then config.go (the document), load.go, save.go and
// document.go (the document while it is being changed).
package config
