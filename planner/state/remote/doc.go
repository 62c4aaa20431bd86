// Package remote keeps the state of a project on a server, with the calls of the original Escape: one to read an
// environment, one to put a deployment, one to remove it. It is a state.Store; see planner/state for what a state is.
//
// # What is sent
//
// A Store is about one environment of one project. View and Lock read it as a whole:
//
//	GET {server}/api/v1/state/{project}/environments/{environment}/?full=true
//
// A commit sends, in the order of its changes, each deployment or sub-deployment that changed with everything below it, in
// the words of state.Deployment.JSON; what is changed several times in a row is sent once. If the parents of a
// sub-deployment are new too, the topmost new one is sent instead, so that no server has to make them up.
//
//	PUT {server}/api/v1/state/{project}/environments/{environment}/deployments/?deployment={root deployment}
//	{"path": "shop:db", "root_stage": "deploy", "state": {…}}
//
// A root deployment that is gone is removed with DELETE on the same address; one that is gone from a parent is left out
// when the parent is sent.
//
// # What is not protected
//
// The protocol knows no lock and no transaction, so some promises of a state.Session are weaker here:
//
//   - There is no lease: Lock succeeds always, Unlock never, and Lost is closed only by a conflict. Two commands on
//     different deployments do not disturb each other, but of two that work on the same one the last save wins.
//   - A server may send a revision of the environment in the header ETag. It is sent back in If-Match with the next save,
//     and a server that answers 412 ends the session with state.ErrConflict. A server without that header cannot tell.
//   - A commit is not all or nothing. Everything about it is checked before anything is sent, but if a call fails, what was
//     sent before stays, on the server and in State. If a save gets no answer, the server may have recorded it all the same.
//   - What runs is recorded nowhere: events are dropped, and no session finds Runs or anything Recovered. A stage whose
//     status says that it is running is reported as interrupted, though somebody may be at work on it elsewhere.
//   - Serial and Lineage are not kept; inputs of the environment and other environments cannot be changed.
//
// Read store.go, then session.go (what a commit sends), then call.go (requests, answers, errors).
package remote
