// Package filelock takes the exclusive lock which the system keeps for an open file, and makes the names in a folder
// durable. A lock ends with the open file, so with its process at the latest: nothing of a process that died is left. It
// keeps out every other open file of the same name, also one of the same process, but only where the lock is asked for.
package filelock
