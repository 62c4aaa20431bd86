package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// Download writes the archive of a release, whose id must be resolved, to w. It is checked against the length and the
// digest that the server announces; after an error, what w got is worth nothing. A connection that breaks is made again,
// and what w has already is not written twice. Codes: NotFound, and those of all calls.
func (c *Client) Download(ctx context.Context, id release.ID, w io.Writer) error {
	op := c.operation("Couldn't download release '%s'", shown(id))
	op.endings[http.StatusNotFound] = fmt.Sprintf(", because the package could not be found in the Inventory at '%s'", c.name)
	r, err := c.downloadRequest(op, id)
	if err != nil {
		return err
	}
	var a *answer
	t := &transfer{to: w, sum: sha256.New()}
	err = c.send(ctx, r, func(resp *http.Response) (err error) {
		if a = (&answer{status: resp.StatusCode, header: resp.Header}); !a.ok() {
			a, err = read(resp)
			return err
		}
		return t.take(resp.Body)
	})
	switch {
	case t.failed != nil:
		return fmt.Errorf("%s: %w", op.what, t.failed)
	case t.changed:
		return op.misunderstood("sent something else when it was asked again", err)
	case err != nil:
		return op.unreachable(ctx, err)
	case !a.ok():
		return op.check(a)
	}
	return op.verify(t.sum.Sum(nil), a.header)
}

func (c *Client) downloadRequest(op operation, id release.ID) (*request, error) {
	v, ok := id.Version()
	if !ok {
		return nil, &inventory.Error{Code: inventory.Invalid, Message: fmt.Sprintf("%s, because its version is not resolved.", op.what)}
	}
	if err := op.checkNames(id.Namespace, id.Name); err != nil {
		return nil, err
	}
	h := c.header()
	// Packages are compressed already. A server that nevertheless says so would have them unpacked on the way.
	h.Set("Accept-Encoding", "identity")
	address := c.path(id.Namespace, "units", id.Name, "versions", "v"+string(v), "download")
	return &request{method: http.MethodGet, url: address, header: h, again: true}, nil
}

// A transfer copies a package, in several pieces if connections break.
type transfer struct {
	to      io.Writer
	sum     hash.Hash // of what was written
	done    int64     // bytes written
	failed  error     // of writing
	changed bool      // a later answer was not the same
}

// take copies what is not yet there. The error is that of reading.
func (t *transfer) take(body io.Reader) error {
	if t.done > 0 {
		again := sha256.New()
		_, err := io.CopyN(again, body, t.done)
		if err != nil && err != io.EOF {
			return &broken{err}
		}
		if t.changed = !bytes.Equal(again.Sum(nil), t.sum.Sum(nil)); t.changed {
			return nil
		}
	}
	if _, err := io.Copy(t, body); err != nil && t.failed == nil {
		return &broken{err}
	}
	return nil
}

// Write implements io.Writer for take.
func (t *transfer) Write(p []byte) (int, error) {
	n, err := t.to.Write(p)
	t.sum.Write(p[:n])
	t.done += int64(n)
	t.failed = err
	return n, err
}

// verify compares the digest of what came with all that the server announced.
func (op operation) verify(got []byte, h http.Header) error {
	for _, want := range digests(h) {
		if !bytes.Equal(got, want) {
			return op.misunderstood(fmt.Sprintf("sent a package whose SHA-256 is %x, and not %x as it says itself.", got, want), nil)
		}
	}
	return nil
}

// digests returns the SHA-256 digests in a header. What cannot be read is left out.
func digests(h http.Header) (list [][]byte) {
	add := func(sum []byte, err error) {
		if err == nil && len(sum) == sha256.Size {
			list = append(list, sum)
		}
	}
	add(hex.DecodeString(strings.TrimSpace(h.Get("X-Checksum-Sha256"))))
	for _, name := range []string{"Repr-Digest", "Digest"} {
		for _, item := range strings.Split(strings.Join(h.Values(name), ","), ",") {
			algorithm, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			if strings.EqualFold(algorithm, "sha-256") {
				value, _, _ = strings.Cut(value, ";")
				add(base64.StdEncoding.DecodeString(strings.Trim(value, ": ")))
			}
		}
	}
	return list
}
