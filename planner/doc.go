// Package planner decides what to do, and in which order, to bring a deployment to what its plan asks for.
//
// Build is the entry point; it is a pure function. It does not run anything (see planner/run), does not store anything
// (see planner/state) and does not evaluate expressions: values come in with the request, known or not. Read actions.go
// (what can be done and which steps it has), request.go, build.go, change.go (why something has to run), then graph.go
// (order and walking) and json.go, text.go, dot.go (what people and programs see).
package planner
