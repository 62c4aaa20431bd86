package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Timeouts say how long to wait for a server. There is no limit for a whole call: a package may be as large as it likes
// while it keeps coming. A zero stands for the default.
type Timeouts struct {
	Connect time.Duration // until there is a connection, 10 seconds
	Answer  time.Duration // until the server begins to answer, a minute
	Silence time.Duration // between two pieces of what is sent or received, a minute
	Store   time.Duration // until the server has stored a package which it got, ten minutes
}

func (t Timeouts) orDefaults() Timeouts {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&t.Connect, 10 * time.Second}, {&t.Answer, time.Minute}, {&t.Silence, time.Minute}, {&t.Store, 10 * time.Minute}} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	return t
}

// What a call may take.
const (
	maxTries     = 3
	maxRedirects = 10
	maxAnswer    = 64 << 20        // bytes of an answer that is not a package; logos make metadata large
	maxWait      = 5 * time.Second // that a server may ask for before the next try
	firstPause   = 200 * time.Millisecond
)

// newHTTP returns what makes the requests. Its connections are not shared with other clients.
func newHTTP(o Options, t Timeouts) *http.Client {
	proxy := o.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	dialer := &net.Dialer{Timeout: t.Connect, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               proxy,
			DialContext:         dialer.DialContext,
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: o.Insecure},
			TLSHandshakeTimeout: t.Connect,
			IdleConnTimeout:     90 * time.Second,
		},
		CheckRedirect: checkRedirect,
	}
}

// checkRedirect decides whether and with what a redirect is followed. A token or password does not leave the server that
// it is for, and what was to be written is not turned into something to be read, as http.Client would do.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if req.Method != via[0].Method {
		return http.ErrUseLastResponse
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("stopped after %d redirects", maxRedirects)
	}
	if stays(req, via) {
		return nil
	}
	if req.Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	req.Header.Del("X-Escape-Token")
	req.Header.Del("Authorization")
	return nil
}

// stays reports whether no redirect up to now left the server.
func stays(req *http.Request, via []*http.Request) bool {
	for _, r := range via[1:] {
		if !sameServer(via[0].URL, r.URL) {
			return false
		}
	}
	return sameServer(via[0].URL, req.URL)
}

// sameServer reports whether what is meant for one URL may be sent to another: to the same host and port, and not in
// clear if it was not before. A server that moved to TLS is the same.
func sameServer(from, to *url.URL) bool {
	if from.Hostname() != to.Hostname() {
		return false
	}
	if from.Scheme == to.Scheme {
		return port(from) == port(to)
	}
	return from.Scheme == "http" && port(from) == "80" && to.Scheme == "https" && port(to) == "443"
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// A request is what is sent.
type request struct {
	method, url string
	header      http.Header
	body        func() (io.ReadCloser, error) // opens it; nil for none
	size        int64                         // of the body
	again       bool                          // it may arrive twice
	stores      bool                          // the server has to store a package before it answers
	tries       int                           // how often it was sent
}

// post returns a request with a short body.
func post(url string, header http.Header, body []byte) *request {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return &request{method: http.MethodPost, url: url, header: header, body: open, size: int64(len(body))}
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) ok() bool { return a.status/100 == 2 }

// fetch sends a request and reads the answer, whatever its status. An error is a transport failure.
func (c *Client) fetch(ctx context.Context, r *request) (*answer, error) {
	var a *answer
	err := c.send(ctx, r, func(resp *http.Response) (err error) {
		a, err = read(resp)
		return err
	})
	return a, err
}

func read(resp *http.Response) (*answer, error) {
	a := &answer{status: resp.StatusCode, header: resp.Header}
	limit := int64(maxAnswer)
	if !a.ok() {
		limit = 4 * maxExcerpt
	}
	var err error
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case !a.ok(): // what came of the explanation is enough
		return a, nil
	case err != nil:
		return nil, &broken{err}
	case int64(len(a.body)) > limit:
		return nil, errTooLong
	}
	return a, nil
}

// errTooLong says that an answer was given up.
var errTooLong = errors.New("the answer is too long")

// A broken error says that an answer began but did not end well.
type broken struct{ err error }

func (e *broken) Error() string { return e.err.Error() }
func (e *broken) Unwrap() error { return e.err }

// send makes a request and hands the answer to take; again, if that is safe and may help. It returns the last error of
// transport or of take. take does not close the body.
func (c *Client) send(ctx context.Context, r *request, take func(*http.Response) error) error {
	for {
		r.tries++
		resp, err := c.once(ctx, r)
		wait, again := time.Duration(0), false
		if err == nil {
			if wait, again = c.busy(r, resp); !again {
				err = take(resp)
			}
			resp.Body.Close()
		}
		if err == nil && !again {
			return nil
		}
		if err != nil {
			wait, again = backOff(r.tries), ctx.Err() == nil && r.mayRepeat(err)
		}
		if !again {
			return err
		}
		if err := c.pause(ctx, wait); err != nil {
			return err
		}
	}
}

// busy reports whether an answer says that the server, or what stands before it, may do better soon.
func (c *Client) busy(r *request, resp *http.Response) (time.Duration, bool) {
	switch resp.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return 0, false
	}
	if !r.again || r.tries >= maxTries {
		return 0, false
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		wait := time.Duration(s) * time.Second
		return wait, wait <= maxWait
	}
	return backOff(r.tries), true
}

// backOff returns the pause behind a try: each four times as long as the one before, and never quite the same, so that
// clients which failed together do not come back together.
func backOff(tries int) time.Duration {
	d := firstPause << (2 * (tries - 1))
	return d + rand.N(d/4)
}

// mayRepeat reports whether a request may and should be sent again after a failure. One that cannot have arrived may
// always. Timeouts were long enough, and what is wrong with names, certificates or the protocol stays wrong.
func (r *request) mayRepeat(err error) bool {
	if r.tries >= maxTries {
		return false
	}
	var op *net.OpError
	isOp := errors.As(err, &op)
	if !r.again && !(isOp && (op.Op == "dial" || op.Op == "proxyconnect")) {
		return false
	}
	if t := (interface{ Timeout() bool })(nil); errors.As(err, &t) && t.Timeout() {
		return false
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	if isOp {
		return !strings.HasSuffix(op.Op, " error") // alerts of TLS
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// once makes a request one time. Closing the body of the answer ends it.
func (c *Client) once(ctx context.Context, r *request) (*http.Response, error) {
	ctx, end := context.WithCancelCause(ctx)
	w := newWatch(c.times.Answer, end)
	resp, err := c.do(ctx, r, w)
	if err != nil {
		w.stop()
		return nil, err
	}
	w.allow(c.times.Silence)
	resp.Body = &watched{ReadCloser: resp.Body, w: w, silence: c.times.Silence, last: c.times.Silence, close: w.stop}
	return resp, nil
}

func (c *Client) do(ctx context.Context, r *request, w *watch) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, nil)
	if err != nil {
		return nil, err
	}
	if r.header != nil {
		req.Header = r.header.Clone()
	}
	req.Header.Set("User-Agent", c.agent)
	if r.body != nil {
		last := c.times.Answer
		if r.stores {
			last = c.times.Store
		}
		req.ContentLength = r.size
		req.GetBody = func() (io.ReadCloser, error) {
			body, err := r.body()
			if err != nil {
				return nil, err
			}
			return &watched{ReadCloser: body, w: w, silence: c.times.Silence, last: last}, nil
		}
		if req.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	return c.http.Do(req)
}

// A watch ends a request when nothing moves any more.
type watch struct {
	timer *time.Timer
	limit atomic.Int64 // for the message
	end   context.CancelCauseFunc
}

func newWatch(d time.Duration, end context.CancelCauseFunc) *watch {
	w := &watch{end: end}
	w.limit.Store(int64(d))
	w.timer = time.AfterFunc(d, func() { end(silence(w.limit.Load())) })
	return w
}

// allow says that something moved, and how long it may take until something moves again.
func (w *watch) allow(d time.Duration) {
	w.limit.Store(int64(d))
	w.timer.Reset(d)
}

// stop ends watching and frees what the request holds.
func (w *watch) stop() {
	w.timer.Stop()
	w.end(nil)
}

// A silence is the error of a server that does not go on.
type silence time.Duration

func (s silence) Error() string { return fmt.Sprintf("no answer for %s", time.Duration(s)) }
func (s silence) Timeout() bool { return true }

// A watched body tells the watch whenever a piece of it went through.
type watched struct {
	io.ReadCloser
	w       *watch
	silence time.Duration // allowed until the next piece
	last    time.Duration // allowed behind the last piece
	close   func()        // nil if nothing is to be done
}

func (b *watched) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == io.EOF:
		b.w.allow(b.last)
	case n > 0:
		b.w.allow(b.silence)
	}
	return n, err
}

func (b *watched) Close() error {
	err := b.ReadCloser.Close()
	if b.close != nil {
		b.close()
	}
	return err
}
