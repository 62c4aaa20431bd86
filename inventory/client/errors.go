package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"escape.build/escape/inventory"
)

// An operation is a call as messages speak of it. The original's texts begin with what could not be done and end with
// why, by the status of the answer.
type operation struct {
	what    string         // the beginning
	server  string         // the address of the Inventory
	endings map[int]string // for statuses with an ending of their own
	whole   map[int]string // for statuses whose message has no beginning
	bare    bool           // transport failures are told as they are, and no status but 400 has an ending
}

// operation returns a call with the endings that most calls share.
func (c *Client) operation(format string, args ...any) operation {
	return operation{
		what:   fmt.Sprintf(format, args...),
		server: c.name,
		endings: map[int]string{
			http.StatusForbidden: fmt.Sprintf(", because you don't have permissions to view this project in the Inventory at '%s'. "+
				"Please ask an administrator for access.", c.name),
		},
		whole: map[int]string{
			http.StatusUnauthorized: fmt.Sprintf("You don't have a valid authentication token for the Inventory at %s. Use `escape login --url %s` to login.",
				c.name, c.name),
		},
	}
}

// check returns the error of an answer, or nil for a good one.
func (op operation) check(a *answer) error {
	if a.ok() {
		return nil
	}
	e := &inventory.Error{Code: codeOf(a)}
	if text, ok := op.whole[a.status]; ok {
		e.Message = text
		return e
	}
	ending, ok := op.endings[a.status]
	switch {
	case ok:
	case a.status == http.StatusBadRequest:
		ending = fmt.Sprintf(", because the Inventory at '%s' says there's a problem with the request: %s", op.server, excerpt(string(a.body)))
	case a.status == http.StatusInternalServerError && !op.bare:
		ending = fmt.Sprintf(", because the Inventory at '%s' responded with a server-side error code. "+
			"Please try again or contact an administrator if the problem persists.", op.server)
	default:
		ending = fmt.Sprintf(", because the Inventory at '%s' responded with status code %d: %s", op.server, a.status, excerpt(string(a.body)))
	}
	e.Message = op.what + ending
	switch to := a.header.Get("Location"); {
	case a.status/100 == 3 && to != "":
		e.Hint = fmt.Sprintf("it refers to %s; use the new address of the Inventory", excerpt(to))
	case a.status == http.StatusUnauthorized && op.bare:
		e.Hint = fmt.Sprintf("`escape login --url %s` gets a new token", op.server)
	}
	return e
}

// codeOf says what kind of failure an answer is.
func codeOf(a *answer) inventory.ErrorCode {
	switch s := a.status; {
	case s == http.StatusBadRequest && strings.Contains(string(a.body), "already exists"), s == http.StatusConflict:
		return inventory.Conflict
	case s == http.StatusUnauthorized:
		return inventory.Unauthorized
	case s == http.StatusForbidden:
		return inventory.Forbidden
	case s == http.StatusNotFound:
		return inventory.NotFound
	case s >= 500, s < 400, s == http.StatusRequestTimeout, s == http.StatusTooManyRequests:
		return inventory.Unavailable
	}
	return inventory.Invalid
}

// unreachable is the error of a call that got no answer, or not all of it.
func (op operation) unreachable(ctx context.Context, err error) error {
	switch half := (*broken)(nil); {
	case errors.Is(err, errTooLong):
		return op.misunderstood("sent an answer that is too long.", err)
	case errors.As(err, &half):
		return op.misunderstood(fmt.Sprintf("did not send the whole answer: %s", err), err)
	}
	e := &inventory.Error{Code: inventory.Unavailable, Err: err}
	if op.bare {
		e.Message = err.Error()
	} else {
		e.Message = fmt.Sprintf("%s, because the Inventory at '%s' could not be reached: %s", op.what, op.server, err)
	}
	if ctx.Err() == nil {
		e.Hint = hint(err, op.server)
	}
	return e
}

// hint says what may help against a transport failure.
func hint(err error, server string) string {
	if certificate := (*tls.CertificateVerificationError)(nil); errors.As(err, &certificate) {
		return "if you trust this server all the same, `escape login` can switch the verification off with --insecure-skip-verify"
	}
	if u, err := url.Parse(server); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		if strings.Contains(server, "://") {
			return "the address of an Inventory begins with https:// or http://"
		}
		return fmt.Sprintf("the address needs a scheme, as in https://%s", server)
	}
	return ""
}

// misunderstood is the error of an answer that is good by its status only.
func (op operation) misunderstood(why string, err error) error {
	return &inventory.Error{
		Code:    inventory.Unavailable,
		Message: fmt.Sprintf("%s, because the Inventory at '%s' %s", op.what, op.server, why),
		Err:     err,
	}
}

// maxExcerpt is how much of an answer messages quote: some servers answer with web pages.
const maxExcerpt = 2000

// excerpt returns text of a server as a message may quote it: not too long, without what moves a terminal's cursor.
func excerpt(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD"))
	if len(s) > maxExcerpt {
		s = strings.ToValidUTF8(s[:maxExcerpt], "") + "…"
	}
	return s
}
