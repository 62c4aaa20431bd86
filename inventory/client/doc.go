// Package client is an Inventory that a server keeps. It speaks the HTTP protocol of the original's servers: the same
// routes, headers, bodies and messages, so either side may be old.
//
// What the original got wrong is mended here: parts of paths are escaped, a server that hangs is given up, calls that
// may be repeated are repeated, and what is downloaded is checked. Nothing secret goes to another server than the one it
// is meant for, redirects included.
//
// Read client.go (the calls), publish.go and download.go (the two that move packages), errors.go (what failures are
// called), transport.go (one request), then login.go, which needs no Client: it finds out how to become known to a
// server.
package client
