// Package inventory is the domain of the artefact store: what an Inventory can be asked for, and what may go wrong.
//
// An Inventory holds immutable releases of packages, by namespace and name, and tags that point at them. It does not
// unpack packages (see planner/fetch) and does not compile plans (see eval/compile). Read inventory.go (the interface and
// its errors), then proxy.go. Implementations are packages below this one that do not know each other: local keeps
// releases in a folder, client asks a server.
package inventory
