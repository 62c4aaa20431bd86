package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"escape.build/escape/planner/state"
)

// How long a server may take. A whole call has a limit too: an answer may begin and never end.
const (
	connectTimeout = 10 * time.Second
	answerTimeout  = time.Minute
	callTimeout    = 5 * time.Minute
	idleTimeout    = 30 * time.Second // of a connection; scripts may run for long between two calls
)

// How much of an answer is read.
const (
	maxDocument = 512 << 20
	maxMessage  = 64 << 10
)

// transport returns one that gives up in time.
func transport(insecure bool) http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: insecure},
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: answerTimeout,
		IdleConnTimeout:       idleTimeout,
		ForceAttemptHTTP2:     true,
	}
}

// redirect follows only where reading goes, as far as the standard client would, and takes the token only to the server it
// is for. A save that was redirected would become a request to read and seem to have succeeded.
func redirect(r *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	if from := via[0].URL; r.URL.Host != from.Host || r.URL.Scheme != from.Scheme && r.URL.Scheme != "https" {
		r.Header.Del(tokenHeader)
		r.Header.Del("Authorization")
	}
	return nil
}

const tokenHeader = "X-Escape-Token"

// An Error is a call that did not succeed. Its text is that of the original Escape.
type Error struct {
	Text   string
	Status int    // of the answer; 0 if there was none
	Err    error  // what lies behind it, if anything
	Hint   string // what is true now, and what to do
}

// Error returns the text of the original.
func (e *Error) Error() string { return e.Text }

// Unwrap returns what lies behind it.
func (e *Error) Unwrap() error { return e.Err }

// A request is one call.
type request struct {
	method, url string
	body        []byte
	revision    string // which the environment must have; "" means any
	verb        string // of a change, for errors: "update" or "delete"
}

// An answer is what came back.
type answer struct {
	status   string // such as "404 Not Found"
	code     int
	body     []byte
	revision string
	location string // where a redirect leads
}

func (a *answer) ok() bool { return a.code >= 200 && a.code < 300 }

// says returns the message in an answer that is an error, fit for a terminal.
func (a *answer) says() string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, strings.TrimSpace(string(a.body)))
}

// waits are the pauses before the second and third attempt to read.
var waits = []time.Duration{200 * time.Millisecond, time.Second}

// get reads a document. Errors are an *Error or those of the transport; what may pass is tried again.
func (s *Store) get(ctx context.Context, address string) (*answer, error) {
	for attempt := 0; ; attempt++ {
		a, err := s.call(ctx, request{method: http.MethodGet, url: address})
		if attempt < len(waits) && ctx.Err() == nil && passing(a, err) {
			select {
			case <-ctx.Done():
			case <-s.clock.After(waits[attempt]):
				continue
			}
		}
		if err != nil {
			return nil, &Error{Text: err.Error(), Err: err, Hint: "the state of project " + s.project + " was to be read; nothing was changed"}
		}
		if a.code == http.StatusNoContent {
			a.body = []byte("null")
		}
		if a.ok() {
			return a, nil
		}
		return nil, s.refused(a, "Couldn't load environment state: "+a.status)
	}
}

// passing reports whether a call that failed may succeed in a moment. A server that did not answer in time will not do so
// the next time.
func passing(a *answer, err error) bool {
	if err != nil {
		var slow net.Error
		return !errors.As(err, new(*tls.CertificateVerificationError)) && !(errors.As(err, &slow) && slow.Timeout())
	}
	switch a.code {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// change makes a call that changes something. It is never repeated: nobody can tell what happened in between.
func (s *Store) change(ctx context.Context, r request) (*answer, error) {
	a, err := s.call(ctx, r)
	if err != nil {
		hint := "the server did not confirm the change, but may have recorded it all the same; what it confirmed before stays"
		if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
			hint = "the change was not sent; what the server confirmed before stays"
		}
		return nil, &Error{Text: err.Error(), Err: err, Hint: hint}
	}
	if a.ok() {
		return a, nil
	}
	text := fmt.Sprintf("Couldn't %s deployment state (%s)", r.verb, a.status)
	if message := a.says(); message != "" {
		text += ": " + message
	}
	return nil, s.refused(a, text+".")
}

// refused returns the error for an answer which is none of success, with what to do about it.
func (s *Store) refused(a *answer, text string) error {
	e := &Error{Text: text, Status: a.code}
	var hints []string
	say := func(format string, args ...any) { hints = append(hints, fmt.Sprintf(format, args...)) }
	switch a.code {
	case http.StatusUnauthorized:
		e.Text = "Unauthorized"
		say("the server at %s accepts neither token nor password of this profile; `escape login --url %s` gets a new one", s.shown, s.shown)
	case http.StatusForbidden:
		say("this needs a permission on project %s that an administrator of %s can give", s.project, s.shown)
	case http.StatusNotFound:
		say("the server at %s may keep no states, or not know project %s; without -r the state is kept in a file", s.shown, s.project)
	case http.StatusPreconditionFailed:
		e.Err = state.ErrConflict
		say("somebody else changed environment %s on the server since it was read; what was recorded before stays, nothing more is; "+
			"see what is there now, then run the same command again", s.environment)
	}
	if a.code/100 == 3 && a.location != "" {
		say("the server moved to %s; set api_server of this profile to its new address", a.location)
	}
	if message := a.says(); message != "" && a.code != http.StatusUnauthorized && !strings.Contains(e.Text, message) {
		say("the server says: %s", message)
	}
	e.Hint = strings.Join(hints, "; ")
	return e
}

// call sends a request and reads the answer.
func (s *Store) call(ctx context.Context, r request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(tokenHeader, s.options.Token)
	if s.options.Password != "" {
		req.SetBasicAuth(s.options.Username, s.options.Password)
	}
	if s.options.UserAgent != "" {
		req.Header.Set("User-Agent", s.options.UserAgent)
	}
	if r.revision != "" {
		req.Header.Set("If-Match", r.revision)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	a := &answer{status: resp.Status, code: resp.StatusCode, revision: strong(resp.Header.Get("ETag")),
		location: resp.Header.Get("Location")}
	limit := maxMessage
	if r.method == http.MethodGet && a.ok() {
		limit = maxDocument
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	if !a.ok() || r.method != http.MethodGet {
		a.body = a.body[:min(len(a.body), limit)]
		return a, nil // what counts is known
	}
	if err == nil && len(a.body) > limit {
		err = fmt.Errorf("the answer is larger than %d MB", maxDocument>>20)
	}
	if err != nil {
		return nil, &url.Error{Op: "Get", URL: r.url, Err: err}
	}
	return a, nil
}

// strong returns a revision that can be asked for with If-Match: a weak one never matches.
func strong(tag string) string {
	if strings.HasPrefix(tag, "W/") {
		return ""
	}
	return tag
}
