// Package state keeps what is recorded about one project: which releases are deployed where, with which inputs,
// outputs and providers, and how far the last run got. It does not decide what should happen (see planner) and runs
// nothing (see planner/run).
//
// # The document
//
// A state is one JSON document: project, environments, root deployments, their stages "build" and "deploy", and below
// a stage the sub-deployments of its dependencies. Schema and layout are those of the original Escape; what we add
// (serial, lineage, revisions) are additional keys, and keys which a newer writer added are kept. Only what nobody reads
// line by line is laid out in another way, because more than half of it would be white space: lines nested deeper than
// seven dependencies are not indented any further, and a document that has grown large has a line for each root deployment.
//
// A State decodes a deployment only when it is asked for, and writes back the bytes of those it was never asked to change.
// A large document says at its end where its root deployments are, so one of ten thousand is found without a look at the
// others, and costs as much as reading and writing the file.
//
// # The file store
//
// Beside the document escape_state.json there are, while a run is active,
//
//	escape_state.json.lock      the lease: who holds it, until when, and the fencing number every write checks
//	escape_state.json.journal   what was committed since the document was last written
//
// A commit appends one line to the journal, whatever the size of the document. Closing the session folds the journal
// into the document: a temporary file is written and synced, renamed over the document, and the journal removed. So
// a program that reads only the document always finds a valid one. After a crash the journal stays behind; every
// reader replays it in memory, and the next session folds it. Journal, lock and new documents have mode 0600; an
// existing document keeps its mode.
//
// Read state.go, deployment.go and status.go (the values), decode.go and encode.go (the document), change.go (what
// may change), store.go (the interface of every store), then file.go, lease.go, journal.go and session.go (the file
// store); index.go and sum.go when it is about speed.
package state
