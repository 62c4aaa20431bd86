package inventory

import (
	"context"
	"io"

	"escape.build/escape/lang/release"
)

// An Inventory stores, versions and serves releases. Its methods may be called by several goroutines at once. Errors have
// the texts of the original Escape; an *Error says by its code what kind of failure it is.
type Inventory interface {
	// Location says where the Inventory is, for messages: an absolute folder or a URL. Caches keep the packages of
	// different locations apart.
	Location() string
	// Metadata returns the metadata of the release that id means, which may need resolving. Codes: NotFound.
	Metadata(ctx context.Context, id release.ID) (*release.Metadata, error)
	// NextVersion returns the version that the next release of a package would get. It reserves and writes nothing.
	NextVersion(ctx context.Context, namespace, name string, p release.Pattern) (release.Version, error)
	// Download writes the archive of a release, whose id must be resolved, to w. Codes: NotFound.
	Download(ctx context.Context, id release.ID, w io.Writer) error
	// Publish stores a release: its metadata, and its archive from a file. It is there as a whole or not at all.
	// Codes: Conflict if the version exists, which nothing replaces.
	Publish(ctx context.Context, m *release.Metadata, archive string) error
	// Tag puts a tag on the release that id means, and takes it off any other. Codes: NotFound, Invalid.
	Tag(ctx context.Context, id release.ID, tag string) error
	// Namespaces returns the namespaces in order.
	Namespaces(ctx context.Context) ([]string, error)
	// Packages returns the names of the packages of a namespace in order. Codes: NotFound.
	Packages(ctx context.Context, namespace string) ([]string, error)
	// Versions returns the versions of a package, newest first. Codes: NotFound.
	Versions(ctx context.Context, namespace, name string) ([]release.Version, error)
}

// A Reserver is an Inventory which can promise a version: as long as the reservation lasts nobody else gets it.
type Reserver interface {
	Inventory
	// Reserve finds the next version of a package and keeps it for the caller until Publish used it, or release is
	// called. A reservation whose process has died does not count. release may be called more than once.
	Reserve(ctx context.Context, namespace, name string, p release.Pattern) (v release.Version, release func(), err error)
}

// A Tagged is an Inventory which can tell the tags that there are.
type Tagged interface {
	Inventory
	// Tags returns the tags of a package in order; none if the Inventory does not tell them. Codes: NotFound.
	Tags(ctx context.Context, namespace, name string) ([]string, error)
}

// An ErrorCode says what kind of failure an Error is.
type ErrorCode string

// The codes.
const (
	NotFound     ErrorCode = "not_found"
	Conflict     ErrorCode = "conflict" // it exists already
	Invalid      ErrorCode = "invalid"  // the request cannot be served whoever asks
	Unauthorized ErrorCode = "unauthorized"
	Forbidden    ErrorCode = "forbidden"
	Unavailable  ErrorCode = "unavailable" // the Inventory cannot be reached, or is broken
)

// An Error is a failure of an Inventory. Its text is that of the original Escape and stands alone; Hint, which may be
// empty, says what can be done.
type Error struct {
	Code    ErrorCode
	Message string
	Hint    string
	Err     error // what the world said, or nil; it is part of Message already
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error that has this code and nothing else: see ErrNotFound.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Message == "" && t.Code == e.Code
}

// Errors to compare with by errors.Is.
var (
	ErrNotFound = &Error{Code: NotFound}
	ErrConflict = &Error{Code: Conflict}
)
