// Package cli holds the commands of the escape client: what they are called, which flags they take, what they print and
// which status they end with. The work itself is done by the packages below; a command gathers their inputs, calls them
// and shows the result.
//
// Read main.go (one run from arguments to exit status), route.go (which command is meant), commands.go (the tree),
// report.go (how errors are shown), work.go (what commands about a plan or a release gather first), resolver.go and
// packages.go (releases and their packages), then any command: each has a file named <group>_<name>.go.
//
// # Streams
//
// Results go to standard output, everything else to standard error. One exception is kept because programs rely on it:
// the lines of "--logger json" stand on standard output for all of "run", which print no results, and on standard error
// for every other command, "apply" too. So no stream ever holds both.
//
// A stream whose reader went away (EPIPE) is not written any more, and that is no error: what was begun is finished. A
// result that cannot be written for another reason (a full disk) is one.
//
// # Configuration
//
// The file ~/.escape_config is read by commands that use the profile: all of "run", "state", "errands", "config" and
// "inventory", "apply", "plan", "plan preview", "plan diff", "pull", "deps fetch", "tag" and "login". Those that change
// something (run, apply, state create, pull, deps fetch, tag, login, config set and the like) create it if it is not there, as
// the original does for every command; the others go on with the defaults. "version", "help", "explain", "validate", "lint",
// "schema", "completion" and the commands that only edit or read a plan need no configuration and work with a broken one; "validate" and
// "lint" use it, if they can, to know which packages are those of the profile, and a shell that asks for completions gets what can be
// found out, and never an error. A default file that cannot be created (a home folder that is read-only) is no reason to stop,
// except for commands whose work it is to change it; one named with --config is.
//
// # Exit status
//
//	0    done, or nothing to do
//	1    an error, before anything ran or, for run, of whatever ran
//	2    wrong usage; with plan --detailed-exitcode or plan diff --exit-code: there are changes
//	3    apply, run promote: the state was changed between showing and running; nothing ran. lint: it could not do its work
//	4    another process holds the state
//	5    apply: some actions ran and others did not
//	70   a defect of Escape itself
//	128+n  interrupted by signal n
package cli
