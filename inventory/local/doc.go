// Package local keeps releases in a folder of this machine, in the layout of the original Escape: what one of the two
// writes, the other reads. Several processes may use a folder at once.
//
//	<base>/<namespace>/<name>/
//	    index.json               all releases of the package with their metadata, and its tags
//	    <name>-v<version>.tgz    the archive of a release
//	    <name>-v<version>.json   its metadata once more
//	    .escape/lock             locked while somebody changes anything of this
//	    .escape/reserved/<version>
//	    .escape/new              a file that is being written
//
// The original knows nothing of .escape and of the key "digests" in the index, which holds the SHA-256 of archives by
// version. It drops that key when it saves; archives without a digest are not checked.
//
// # What a change guarantees
//
// Questions take no lock and write nothing: a file is replaced by renaming a new one over it, so readers see the old or
// the new one. Changes are made under the lock of the package. A release exists from the moment when the index that names
// it is renamed into place, after its archive and its metadata are durable; what a process that was killed before left
// behind does not count, and the next release of that version replaces it.
//
// A version is reserved by a file that its process keeps locked. The system ends the lock with the process, however that
// ends, so a reservation needs no time limit and is never left behind. The file says who it was, for messages. Publish
// reserves the version too: while a file of reserved has its name, <name>-v<version>.json may be unfinished and is not
// taken for a release that only the original knows, which decides by that file whether a release exists.
//
// Read local.go (questions), index.go, publish.go, reserve.go, then lock.go.
package local
