// Package servertest is a server of the original's Inventory, in memory and for tests: the same routes, statuses, bodies
// and oddities, as far as a client sees them. It also has what hosted servers had in front of and beside it: tokens,
// logins and the state of projects. It is not a server for users, and nothing but tests imports it.
//
// Read server.go (settings and what all routes share), inventory.go, login.go and state.go.
package servertest
