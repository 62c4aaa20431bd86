package client_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"escape.build/escape/inventory/client"
)

// pipes is a listener whose connections stay in the process, so that a test can have a clock of its own.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}

// clocked runs a test against a handler, with time that passes only while everybody waits.
func clocked(t *testing.T, h http.HandlerFunc, test func(t *testing.T, c *client.Client)) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: h}
		go server.Serve(p) // ends with Close
		c := client.New(client.Options{URL: "http://inventory.test", Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }})
		client.DialBy(c, p.dial)
		test(t, c)
		client.CloseIdle(c)
		server.Close()
		synctest.Wait()
	})
}

// rest lets a handler do nothing for a while, if its client is still there.
func rest(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

// TestSlowDownload: a package may take hours as long as something comes every minute.
func TestSlowDownload(t *testing.T) {
	wait := 59 * time.Second
	clocked(t, func(w http.ResponseWriter, r *http.Request) {
		for range 200 {
			rest(r, wait)
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
		}
	}, func(t *testing.T, c *client.Client) {
		start := time.Now()
		var got bytes.Buffer
		if err := c.Download(context.Background(), id(t, "wire/lib-v1"), &got); err != nil || got.Len() != 200 {
			t.Errorf("%d bytes, %v", got.Len(), err)
		}
		if d := time.Since(start); d < 3*time.Hour {
			t.Errorf("it took %s only", d)
		}
		wait = 61 * time.Second
		if err := c.Download(context.Background(), id(t, "wire/lib-v1"), io.Discard); err == nil || !strings.Contains(err.Error(), "no answer for 1m0s") {
			t.Errorf("silent for more than a minute: %v", err)
		}
	})
}

// TestSlowUpload: so may a package that is sent, and storing it.
func TestSlowUpload(t *testing.T) {
	pkg := archive(t, strings.Repeat("x", 1<<20))
	clocked(t, func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 1<<18)
		for {
			_, err := io.ReadFull(r.Body, buf)
			if err != nil {
				break
			}
			rest(r, 50*time.Second)
		}
		if strings.HasSuffix(r.URL.Path, "/upload") {
			rest(r, 9*time.Minute)
		}
	}, func(t *testing.T, c *client.Client) {
		if err := c.Publish(context.Background(), metadata("wire", "lib", "1"), pkg); err != nil {
			t.Error(err)
		}
	})
}

// TestBackOff: the pauses between tries take real time, but little.
func TestBackOff(t *testing.T) {
	clocked(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) }, func(t *testing.T, c *client.Client) {
		start := time.Now()
		if _, err := c.Namespaces(context.Background()); err == nil {
			t.Error("no error")
		}
		if d := time.Since(start); d < time.Second || d > 2*time.Second {
			t.Errorf("it took %s", d)
		}
	})
}
