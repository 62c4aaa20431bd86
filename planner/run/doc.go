// Package run executes graphs: it evaluates inputs, starts scripts, reads what they put out and records what happened in
// the state. It decides nothing about what should happen (see planner) and prints nothing: what it has to say leaves as
// events, which a Sink takes.
//
// Read run.go (one execution of a graph), then unit.go and step.go (one action and its script steps), inputs.go (where
// values come from), command.go and process_unix.go (how a program is started, listened to and stopped), event.go (what is
// told), history.go and leftover.go (what the journal remembers, and what is done about it after a crash).
//
// # Scripts and their processes
//
// A script runs in the directory of its package, with the null device as standard input and in a session of its own, so
// that one signal reaches everything it started and nothing in it can wait for an answer from a terminal that several
// scripts may share: a program that asks a question there fails at once instead of waiting for ever.
//
// Its standard output and error are one pipe, so that their lines keep their order, and it is read to its end before the
// exit status counts. A program that a script leaves running (a deployment may well be a service) is left alone; if it
// still holds the script's output, run listens for OutputGrace longer, says so and goes on. A service that is to go on
// should send its output elsewhere.
//
// An interrupt goes to the whole group of the script. When the script has ended, when the grace time is over, or at the
// second interrupt, whatever is left of the group is killed, on Linux together with descendants that left the group: after
// an interrupted run no process of its scripts is alive, except one that was made an orphan on purpose before.
//
// The journal knows the process group of every script that runs. If Escape itself is killed its scripts go on; the next
// Run on the same state ends them before it starts anything, so that no two runs work on a deployment at the same time.
// It never ends a group whose identity (boot, start, session) is not certain. A kill in the moment between the start of a
// script and its record leaves the script unknown; the next run says which step that was.
//
// Lines of output may be of any length; one longer than MaxLine is reported in pieces.
package run
