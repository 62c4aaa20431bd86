// Package servertest is a server of the original's Inventory, in memory and for tests: the same routes, statuses, bodies
// and oddities, as far as a client sees them. It also has what hosted servers had in front of it: tokens and
// logins. (Servers of remote state are in planner/state/statetest.) It is not a server for users, and nothing but tests
// imports it.
//
// Read server.go (settings and what all routes share), inventory.go and login.go.
package servertest
