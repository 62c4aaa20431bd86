package client_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"escape.build/escape/inventory"
	"escape.build/escape/inventory/client"
	"escape.build/escape/inventory/servertest"
)

// short are timeouts that a hanging server is tested with. What does not hang gets all the time it needs.
const short = 2 * time.Second

// hang answers nothing until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // or the end of the connection is not noticed
	<-r.Context().Done()
}

// TestHanging: a server that does not go on is given up, wherever it stops, and is not asked again.
func TestHanging(t *testing.T) {
	ctx := context.Background()
	pkg := archive(t, strings.Repeat("0123456789", 1<<20))
	publish := func(c *client.Client) error { return c.Publish(ctx, metadata("wire", "lib", "1"), pkg) }
	for _, test := range []struct {
		name     string
		handler  http.HandlerFunc
		timeouts client.Timeouts
		do       func(c *client.Client) error
		want     string
	}{
		{"before the answer", hang, client.Timeouts{Answer: short}, func(c *client.Client) error {
			_, err := c.Namespaces(ctx)
			return err
		}, `could not be reached: Get "http://S/api/v1/inventory/": no answer for 2s`},
		{"in a list", func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte(`{"wire":`))
			w.(http.Flusher).Flush()
			hang(w, r)
		}, client.Timeouts{Silence: short}, func(c *client.Client) error {
			_, err := c.Namespaces(ctx)
			return err
		}, "did not send the whole answer: no answer for 2s"},
		{"in a package", func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("half"))
			w.(http.Flusher).Flush()
			hang(w, r)
		}, client.Timeouts{Silence: short}, func(c *client.Client) error {
			return c.Download(ctx, id(t, "wire/lib-v1"), &bytes.Buffer{})
		}, "did not send the whole answer: no answer for 2s"},
		{"while it gets a package", func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/upload") {
				conn, _, err := w.(http.Hijacker).Hijack() // or the server goes on reading
				if err != nil {
					t.Error(err)
				}
				t.Cleanup(func() { conn.Close() })
			}
		}, client.Timeouts{Silence: short}, publish, `Post "http://S/api/v1/inventory/wire/units/lib/versions/v1/upload": no answer for 2s`},
		{"while it stores a package", func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/upload") {
				hang(w, r)
			}
		}, client.Timeouts{Store: short}, publish, `Post "http://S/api/v1/inventory/wire/units/lib/versions/v1/upload": no answer for 2s`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var hung atomic.Int32
			server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/register") {
					hung.Add(1)
				}
				test.handler(w, r)
			}))
			err := test.do(client.New(client.Options{URL: server.URL, Timeouts: test.timeouts, Pause: noPause}))
			e := code(t, err, inventory.Unavailable)
			want := strings.ReplaceAll(test.want, "http://S", server.URL)
			if !strings.HasSuffix(e.Message, want) {
				t.Errorf("got %s\nwant it to end with %s", e.Message, want)
			}
			if n := hung.Load(); n != 1 {
				t.Errorf("%d tries, want 1", n)
			}
		})
	}
}

// TestNoConnection: so is one with which there is no connection.
func TestNoConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, but says nothing in TLS
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := client.New(client.Options{URL: "https://" + l.Addr().String(), Timeouts: client.Timeouts{Connect: short}, Pause: noPause})
	_, err = c.Namespaces(context.Background())
	if e := code(t, err, inventory.Unavailable); !strings.HasSuffix(e.Message, "TLS handshake timeout") {
		t.Error(e)
	}
}

// TestCancel: the end of the context ends a call, whatever it waits for.
func TestCancel(t *testing.T) {
	stop := errors.New("enough")
	for name, h := range map[string]func(end func(), w http.ResponseWriter, r *http.Request){
		"answer": func(end func(), w http.ResponseWriter, r *http.Request) {
			end()
			hang(w, r)
		},
		"body": func(end func(), w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("half"))
			w.(http.Flusher).Flush()
			end()
			hang(w, r)
		},
		"pause": func(end func(), w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(503)
			end()
		},
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		var tries atomic.Int32
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tries.Add(1)
			h(func() { cancel(stop) }, w, r)
		}))
		err := client.New(client.Options{URL: server.URL}).Download(ctx, id(t, "wire/lib-v1"), io.Discard)
		if n := tries.Load(); !errors.Is(err, stop) || n != 1 {
			t.Errorf("%s: after %d tries %v", name, n, err)
		}
	}
}

// recorder is a Pause that notes what it was asked for.
type recorder struct{ pauses []time.Duration }

func (p *recorder) pause(ctx context.Context, d time.Duration) error {
	p.pauses = append(p.pauses, d)
	return ctx.Err()
}

// TestRetries: what may be asked again is, for a while, and nothing else.
func TestRetries(t *testing.T) {
	ctx := context.Background()
	list := func(c *client.Client) error { _, err := c.Namespaces(ctx); return err }
	cut := func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	half := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.Write([]byte("{"))
	}
	for _, test := range []struct {
		name    string
		do      func(c *client.Client) error
		answers []http.HandlerFunc // then there are good ones
		tries   int
		fails   bool
		pause   time.Duration // the first one if the server said it
	}{
		{"cut off", list, []http.HandlerFunc{cut, cut}, 3, false, 0},
		{"cut off for good", list, []http.HandlerFunc{cut, cut, cut, cut}, 3, true, 0},
		{"half an answer", list, []http.HandlerFunc{half}, 2, false, 0},
		{"bad gateway", list, []http.HandlerFunc{status(502), status(504)}, 3, false, 0},
		{"always unavailable", list, []http.HandlerFunc{status(503), status(503), status(503), status(503)}, 3, true, 0},
		{"the server says when", list, []http.HandlerFunc{status(503, "Retry-After", "3")}, 2, false, 3 * time.Second},
		{"the server says much later", list, []http.HandlerFunc{status(503, "Retry-After", "60")}, 1, true, 0},
		{"server error", list, []http.HandlerFunc{status(500)}, 1, true, 0},
		{"tag", func(c *client.Client) error { return c.Tag(ctx, id(t, "wire/lib-v1"), "ci") }, []http.HandlerFunc{status(503)}, 1, true, 0},
		{"tag, cut off", func(c *client.Client) error { return c.Tag(ctx, id(t, "wire/lib-v1"), "ci") }, []http.HandlerFunc{cut}, 1, true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tries atomic.Int32
			server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if n := int(tries.Add(1)); n <= len(test.answers) {
					test.answers[n-1](w, r)
					return
				}
				w.Write([]byte("{}"))
			}))
			p := &recorder{}
			err := test.do(client.New(client.Options{URL: server.URL, Pause: p.pause}))
			if n := int(tries.Load()); n != test.tries || (err != nil) != test.fails {
				t.Errorf("%d tries and %v; want %d tries", n, err, test.tries)
			}
			if len(p.pauses) != test.tries-1 {
				t.Errorf("%d pauses for %d tries", len(p.pauses), test.tries)
			}
			for i, d := range p.pauses {
				least := []time.Duration{200 * time.Millisecond, 800 * time.Millisecond}[i]
				if test.pause != 0 {
					if d != test.pause {
						t.Errorf("pause of %s, want %s", d, test.pause)
					}
				} else if d < least || d >= least*5/4 {
					t.Errorf("pause %d is %s, want it between %s and %s", i, d, least, least*5/4)
				}
			}
		})
	}
}

// TestUnsentPost: what cannot have arrived may be sent again, whatever it is.
func TestUnsentPost(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	p := &recorder{}
	c := client.New(client.Options{URL: server.URL, Pause: p.pause})
	if err := c.Tag(context.Background(), id(t, "wire/lib-v1"), "ci"); err == nil || len(p.pauses) != 2 {
		t.Errorf("%d pauses, %v", len(p.pauses), err)
	}
}

// lossy is a handler which loses the answer of a fake to the n-th request for a path that ends in suffix.
func lossy(fake http.Handler, suffix string) http.HandlerFunc {
	var lost atomic.Bool
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, suffix) && !lost.Swap(true) {
			fake.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		fake.ServeHTTP(w, r)
	}
}

// TestLostAnswers: publishing survives the loss of any answer.
func TestLostAnswers(t *testing.T) {
	for _, suffix := range []string{"/register", "/upload"} {
		fake := &servertest.Server{}
		c := open(serve(t, lossy(fake, suffix)).URL)
		if err := c.Publish(context.Background(), metadata("wire", "lib", "1"), archive(t, "bytes")); err != nil {
			t.Errorf("%s: %v", suffix, err)
		}
		if got := fake.Archive(id(t, "wire/lib-v1")); string(got) != "bytes" {
			t.Errorf("%s: package %q", suffix, got)
		}
	}
}

// TestHalfRelease: what was registered without a package is completed by publishing it again; anything else that is
// there stays as it is.
func TestHalfRelease(t *testing.T) {
	ctx := context.Background()
	fake := &servertest.Server{Hook: func(w http.ResponseWriter, r *http.Request) bool {
		if full := r.Header.Get("X-Escape-Token") == "full" && strings.HasSuffix(r.URL.Path, "/upload"); full {
			http.Error(w, "disk full", http.StatusInsufficientStorage)
			return true
		}
		return false
	}}
	url := serve(t, fake).URL
	m := metadata("wire", "lib", "1")
	err := client.New(client.Options{URL: url, Token: "full", Pause: noPause}).Publish(ctx, m, archive(t, "bytes"))
	if e := code(t, err, inventory.Unavailable); !strings.Contains(e.Hint, "publish it again") {
		t.Errorf("hint %q", e.Hint)
	}
	other := metadata("wire", "lib", "1")
	other.Description = "another one"
	code(t, open(url).Publish(ctx, other, archive(t, "bytes")), inventory.Conflict)
	if err := open(url).Publish(ctx, m, archive(t, "bytes")); err != nil {
		t.Errorf("publishing again: %v", err)
	}
	code(t, open(url).Publish(ctx, m, archive(t, "bytes")), inventory.Conflict)
	if got := fake.Archive(id(t, "wire/lib-v1")); string(got) != "bytes" {
		t.Errorf("package %q", got)
	}
}

// TestBrokenDownload: a connection that breaks is made again; what is written in the end is what the server has.
func TestBrokenDownload(t *testing.T) {
	content := strings.Repeat("0123456789", 1<<16)
	piece := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			io.WriteString(w, s)
		}
	}
	whole := func(s string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Add(header[i], header[i+1])
			}
			io.WriteString(w, s)
		}
	}
	sum := sha256.Sum256([]byte(content))
	hexSum, base := hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(sum[:])
	bad := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, test := range []struct {
		name    string
		answers []http.HandlerFunc
		want    string // the error without its beginning
	}{
		{"whole", []http.HandlerFunc{whole(content)}, ""},
		{"cut twice", []http.HandlerFunc{piece(content[:1000]), piece(content[:5000]), piece(content)}, ""},
		{"cut earlier the second time", []http.HandlerFunc{piece(content[:5000]), piece(content[:1000]), piece(content)}, ""},
		{"cut always", []http.HandlerFunc{piece(content[:10]), piece(content[:20]), piece(content[:30])}, " did not send the whole answer: unexpected EOF"},
		{"not the same again", []http.HandlerFunc{piece(content[:1000]), whole(strings.Repeat("x", len(content)))}, " sent something else when it was asked again"},
		{"less than before", []http.HandlerFunc{piece(content[:1000]), whole(content[:500])}, " sent something else when it was asked again"},
		{"gone again", []http.HandlerFunc{piece(content[:1000]), func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }}, ""},
		{"digests", []http.HandlerFunc{whole(content, "X-Checksum-Sha256", strings.ToUpper(hexSum), "Repr-Digest", "sha-512=:AAAA:, sha-256=:"+base+":;x=1",
			"Digest", "md5=AAAA", "Digest", "SHA-256="+base)}, ""},
		{"no digests", []http.HandlerFunc{whole(content, "X-Checksum-Sha256", "?", "Repr-Digest", "sha-256=:!:", "Digest", "sha-256")}, ""},
		{"wrong checksum", []http.HandlerFunc{whole(content, "X-Checksum-Sha256", strings.Repeat("00", 32))},
			" sent a package whose SHA-256 is " + hexSum + ", and not " + strings.Repeat("00", 32) + " as it says itself."},
		{"wrong representation", []http.HandlerFunc{whole(content, "Repr-Digest", "sha-256=:"+bad+":")}, ", and not " + strings.Repeat("00", 32) + " as it says itself."},
		{"one wrong of two", []http.HandlerFunc{whole(content, "X-Checksum-Sha256", hexSum, "Digest", "sha-256="+bad)}, ", and not " + strings.Repeat("00", 32) + " as it says itself."},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tries atomic.Int32
			server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { test.answers[tries.Add(1)-1](w, r) }))
			var got bytes.Buffer
			err := open(server.URL).Download(context.Background(), id(t, "wire/lib-v1"), &got)
			if n := int(tries.Load()); n != len(test.answers) {
				t.Errorf("%d tries, want %d", n, len(test.answers))
			}
			switch {
			case test.name == "gone again":
				code(t, err, inventory.NotFound)
			case test.want != "":
				if e := code(t, err, inventory.Unavailable); !strings.HasSuffix(e.Message, test.want) {
					t.Errorf("got %s\nwant it to end with %s", e.Message, test.want)
				}
			case err != nil:
				t.Error(err)
			case got.String() != content:
				t.Errorf("%d bytes came, and not what the server has", got.Len())
			}
		})
	}
}

// full fails behind some bytes, as a disk does.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return f.left, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

// TestDiskFull: a failure of this side is not blamed on the server, and not repeated.
func TestDiskFull(t *testing.T) {
	fake := &servertest.Server{}
	fake.Add(metadata("wire", "lib", "1"), make([]byte, 1<<20))
	err := open(serve(t, fake).URL).Download(context.Background(), id(t, "wire/lib-v1"), &full{1000})
	if e := (*inventory.Error)(nil); !errors.Is(err, errFull) || errors.As(err, &e) || len(fake.Requests()) != 1 {
		t.Errorf("after %d requests: %v", len(fake.Requests()), err)
	}
}

// TestGzip: answers may be compressed, except packages, which are as they are.
func TestGzip(t *testing.T) {
	packed := func(s string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		io.WriteString(w, s)
		w.Close()
		return b.Bytes()
	}
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/download") {
			w.Header().Set("Content-Encoding", "gzip") // some servers say so of every .tgz
			w.Write(packed("package"))
			return
		}
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("%s accepts %q", r.URL, r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(packed(`{"wire":{}}`))
	}))
	c := open(server.URL)
	if got, err := c.Namespaces(context.Background()); err != nil || !slices.Equal(got, []string{"wire"}) {
		t.Errorf("%q, %v", got, err)
	}
	var got bytes.Buffer
	if err := c.Download(context.Background(), id(t, "wire/lib-v1"), &got); err != nil || !bytes.Equal(got.Bytes(), packed("package")) {
		t.Errorf("%q, %v", &got, err)
	}
}

// TestEndless: an answer without end is given up.
func TestEndless(t *testing.T) {
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		blank := bytes.Repeat([]byte(" "), 1<<20)
		for {
			if _, err := w.Write(blank); err != nil {
				return
			}
		}
	}))
	_, err := open(server.URL).Namespaces(context.Background())
	if e := code(t, err, inventory.Unavailable); e.Message != "Couldn't list projects, because the Inventory at '"+server.URL+"/' sent an answer that is too long." {
		t.Error(e)
	}
}

// TestRedirects: they are followed within bounds, and nothing secret leaves the server it is for.
func TestRedirects(t *testing.T) {
	ctx := context.Background()
	elsewhere := &servertest.Server{}
	elsewhere.Add(metadata("wire", "lib", "1"), []byte("bytes"))
	other := serve(t, elsewhere)
	var to string
	status := http.StatusFound
	posts := 0
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/new/") {
			if r.Method == http.MethodPost {
				posts++
				io.Copy(io.Discard, r.Body)
			}
			if r.Header.Get("X-Escape-Token") != "tok" || r.Header.Get("Authorization") == "" {
				t.Errorf("%s came without token and password", r.URL)
			}
			w.Write([]byte("bytes"))
			return
		}
		if strings.HasPrefix(r.URL.Path, "/back/") { // where another server wants the client to be
			if r.Header.Get("X-Escape-Token") != "" || r.Header.Get("Authorization") != "" {
				t.Errorf("%s came with %v", r.URL, r.Header)
			}
			return
		}
		w.Header().Set("Location", to+r.URL.Path)
		w.WriteHeader(status)
	}))
	c := client.New(client.Options{URL: server.URL, Token: "tok", Username: "me", Password: "pw", Pause: noPause})

	var got bytes.Buffer
	to = other.URL
	if err := c.Download(ctx, id(t, "wire/lib-v1"), &got); err != nil || got.String() != "bytes" {
		t.Errorf("to another server: %q, %v", &got, err)
	}
	for _, r := range elsewhere.Requests() {
		if r.Header.Get("X-Escape-Token") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("another server got %v", r.Header)
		}
	}
	got.Reset()
	to = server.URL + "/new"
	if err := c.Download(ctx, id(t, "wire/lib-v1"), &got); err != nil || got.String() != "bytes" {
		t.Errorf("to the same server: %q, %v", &got, err)
	}
	to = server.URL // for ever
	if err := c.Download(ctx, id(t, "wire/lib-v1"), io.Discard); err == nil || !strings.Contains(err.Error(), "stopped after 10 redirects") {
		t.Errorf("in a circle: %v", err)
	}

	back := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, server.URL+"/back"+r.URL.Path, http.StatusFound)
	}))
	to = back.URL
	if err := c.Download(ctx, id(t, "wire/lib-v1"), io.Discard); err != nil {
		t.Errorf("there and back: %v", err)
	}

	to = server.URL + "/new"
	err := c.Tag(ctx, id(t, "wire/lib-v1"), "ci")
	if e := (*inventory.Error)(nil); !errors.As(err, &e) || posts != 0 ||
		!strings.HasPrefix(e.Message, "Couldn't tag 'wire/lib-v1' with 'ci', because the Inventory at '"+server.URL+"/' responded with status code 302: ") ||
		!strings.Contains(e.Hint, server.URL+"/new/api/v1/inventory/wire/units/lib/tags/") {
		t.Errorf("writing, sent elsewhere to read: %v (hint %q)", err, e.Hint)
	}
	status = http.StatusPermanentRedirect
	if err := c.Publish(ctx, metadata("wire", "lib", "1"), archive(t, "bytes")); err != nil || posts != 2 {
		t.Errorf("writing elsewhere on the same server: %v, %d requests", err, posts)
	}
	to = other.URL
	before := len(elsewhere.Requests())
	code(t, c.Tag(ctx, id(t, "wire/lib-v1"), "ci"), inventory.Unavailable)
	if n := len(elsewhere.Requests()); n != before {
		t.Error("another server got what was to be written")
	}
}

// TestSameServer: what counts as the server that a secret is for.
func TestSameServer(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"http://a/x", "http://a/y", true},
		{"http://a", "http://a:80", true},
		{"https://a", "https://a:443", true},
		{"http://a", "https://a", true},
		{"http://a:80", "https://a:443", true},
		{"https://a", "http://a", false},
		{"http://a", "https://a:8443", false},
		{"http://a:8080", "https://a:8443", false},
		{"http://a:8080", "http://a", false},
		{"http://a", "http://b.a", false},
		{"http://a", "http://b", false},
	} {
		from, _ := url.Parse(c.from)
		to, _ := url.Parse(c.to)
		if got := client.SameServer(from, to); got != c.want {
			t.Errorf("from %s to %s: %t", c.from, c.to, got)
		}
	}
}

// TestTLS: certificates are verified unless the user says that they are not.
func TestTLS(t *testing.T) {
	fake := &servertest.Server{}
	server := httptest.NewUnstartedServer(fake)
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	ctx := context.Background()
	p := &recorder{}
	_, err := client.New(client.Options{URL: server.URL, Pause: p.pause}).Namespaces(ctx)
	e := code(t, err, inventory.Unavailable)
	if !strings.Contains(e.Message, "tls: failed to verify certificate: x509: ") || !strings.Contains(e.Hint, "--insecure-skip-verify") || len(p.pauses) > 0 {
		t.Errorf("%v (hint %q, %d pauses)", e, e.Hint, len(p.pauses))
	}
	if _, err := client.New(client.Options{URL: server.URL, Insecure: true}).Namespaces(ctx); err != nil {
		t.Error(err)
	}
}

// TestProxy: requests go where the proxy function says.
func TestProxy(t *testing.T) {
	var asked string
	proxy := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		w.Write([]byte("{}"))
	}))
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := client.New(client.Options{URL: "http://inventory.test", Proxy: http.ProxyURL(at)})
	if _, err := c.Namespaces(context.Background()); err != nil || asked != "http://inventory.test/api/v1/inventory/" {
		t.Errorf("the proxy was asked for %q, %v", asked, err)
	}
}
