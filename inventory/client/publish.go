package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// Publish registers a release and uploads its archive. Codes: Conflict if the version exists, and those of all calls.
//
// Old servers take the two as separate calls, so a failure can leave a release without package. Publishing the same
// release again completes it; therefore both calls may also be repeated when their answer was lost.
func (c *Client) Publish(ctx context.Context, m *release.Metadata, archive string) error {
	u, err := c.newUpload(m, archive)
	if err != nil {
		return err
	}
	if err := c.register(ctx, m); err != nil {
		if !errors.Is(err, inventory.ErrConflict) || !c.unfinished(ctx, m) {
			return err
		}
	}
	return u.send(ctx)
}

func (c *Client) register(ctx context.Context, m *release.Metadata) error {
	op := c.operation("Couldn't register release '%s'", m.QualifiedID())
	id := m.ID()
	op.endings[http.StatusNotFound] = c.noProject(id.Namespace)
	if err := op.checkNames(id.Namespace, id.Name); err != nil {
		return err
	}
	r := post(c.path(id.Namespace, "register"), c.header(), m.EncodeCompact())
	r.again = true
	return c.command(ctx, op, r)
}

// unfinished reports whether the server has this very release, but no package of it.
func (c *Client) unfinished(ctx context.Context, m *release.Metadata) bool {
	there, err := c.Metadata(ctx, m.ID())
	if err != nil {
		return false
	}
	mine, err := release.Decode(m.EncodeCompact())
	if err != nil || mine.Digest() != there.Digest() {
		return false
	}
	r, err := c.downloadRequest(operation{}, m.ID())
	if err != nil {
		return false
	}
	status := 0
	err = c.send(ctx, r, func(resp *http.Response) error { status = resp.StatusCode; return nil })
	return err == nil && status == http.StatusNotFound
}

// An upload is a package on its way.
type upload struct {
	client  *Client
	op      operation
	id      release.ID
	archive string
	size    int64
	kind    string // content type of the body
	before  []byte // what the body has before the archive
	after   []byte
}

// newUpload looks whether the archive is there and prepares the form around it, so that it need not be held in memory.
func (c *Client) newUpload(m *release.Metadata, archive string) (*upload, error) {
	u := &upload{client: c, op: c.operation("Couldn't upload release '%s'", m.QualifiedID()), id: m.ID(), archive: archive}
	u.op.endings[http.StatusNotFound] = c.noProject(u.id.Namespace)
	info, err := os.Stat(archive)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", archive)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.op.what, err)
	}
	u.size = info.Size()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if _, err := w.CreateFormFile("file", filepath.Base(archive)); err != nil {
		return nil, err
	}
	u.kind = w.FormDataContentType()
	u.before = bytes.Clone(form.Bytes())
	form.Reset()
	if err := w.Close(); err != nil {
		return nil, err
	}
	u.after = form.Bytes()
	return u, nil
}

func (u *upload) send(ctx context.Context) error {
	h := u.client.header()
	h.Set("Content-Type", u.kind)
	version, _ := u.id.Version()
	r := &request{
		method: http.MethodPost,
		url:    u.client.path(u.id.Namespace, "units", u.id.Name, "versions", "v"+string(version), "upload"),
		header: h,
		body:   u.open,
		size:   int64(len(u.before)) + u.size + int64(len(u.after)),
		again:  true,
		stores: true,
	}
	const unfinished = "the release is registered, but has no package; publish it again to complete it"
	a, err := u.client.fetch(ctx, r)
	if err != nil {
		return &inventory.Error{Code: inventory.Unavailable, Message: err.Error(), Hint: unfinished, Err: err}
	}
	if a.status == http.StatusConflict && r.tries > 1 && u.arrived(ctx) {
		return nil // with the try whose answer was lost
	}
	if err := (*inventory.Error)(nil); errors.As(u.op.check(a), &err) {
		if err.Code != inventory.Conflict && err.Hint == "" {
			err.Hint = unfinished
		}
		return err
	}
	return nil
}

// open returns the body: the form with the archive in it.
func (u *upload) open() (io.ReadCloser, error) {
	f, err := os.Open(u.archive)
	if err != nil {
		return nil, err
	}
	body := io.MultiReader(bytes.NewReader(u.before), io.LimitReader(f, u.size), bytes.NewReader(u.after))
	return &fileBody{body, f}, nil
}

type fileBody struct {
	io.Reader
	io.Closer
}

// arrived reports whether the package that the server has is this one.
func (u *upload) arrived(ctx context.Context) bool {
	f, err := os.Open(u.archive)
	if err != nil {
		return false
	}
	defer f.Close()
	mine, theirs := sha256.New(), sha256.New()
	if _, err := io.Copy(mine, f); err != nil {
		return false
	}
	return u.client.Download(ctx, u.id, theirs) == nil && bytes.Equal(mine.Sum(nil), theirs.Sum(nil))
}
