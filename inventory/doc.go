// Package inventory is the domain of the artefact store: what an Inventory can be asked for, and what may go wrong.
//
// An Inventory holds immutable releases of packages, by namespace and name, and tags that point at them. It does not bring
// packages into a folder (see planner/fetch), pack or unpack them (see planner/archive), nor compile plans (see
// eval/compile). Read inventory.go (the interface and its errors), then proxy.go, which leaves some namespaces to another
// Inventory. Implementations are packages below this one that do not know each other: local keeps releases in a folder,
// client asks a server. The server that servertest holds is for tests.
package inventory
