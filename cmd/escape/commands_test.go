package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"escape.build/escape/inventory/local"
	"escape.build/escape/inventory/servertest"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/archive"
	"escape.build/escape/planner/state/statetest"
)

type script = *testscript.TestScript

// commands are the script commands beside the built-in ones.
func commands() map[string]func(ts script, neg bool, args []string) {
	return map[string]func(ts script, neg bool, args []string){
		"status":      status,
		"statecmp":    statecmp,
		"same":        same,
		"bytes":       write,
		"bytecmp":     bytecmp,
		"fill":        fill,
		"release":     publish,
		"server":      server,
		"requests":    requests,
		"stateserver": stateServer,
		"loglines":    loglines,
	}
}

// status CODE COMMAND... runs a command and checks its exit status. "stdout" and "stderr" then see its output.
func status(ts script, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// same FILE COPY checks that two files have the same bytes, whatever they are.
func same(ts script, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same FILE COPY")
	}
	a, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if bytes.Equal(a, b) == neg {
		ts.Fatalf("%s and %s: equal is %t", args[0], args[1], !neg)
	}
}

// bytes FILE TEXT writes a Go string literal without its quotes to a file.
func write(ts script, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bytes FILE TEXT")
	}
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// bytecmp STREAM TEXT checks that stdout or stderr is exactly the Go string literal given without its quotes.
func bytecmp(ts script, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bytecmp STREAM TEXT")
	}
	want, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	if got := ts.ReadFile(args[0]); (got == want) == neg {
		ts.Fatalf("%s is %q, want %q", args[0], got, want)
	}
}

// fill FILE SIZE LINE makes a file of at least SIZE bytes by repeating LINE, in which %d is the number of the line.
func fill(ts script, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: fill FILE SIZE LINE")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(strings.ReplaceAll(args[2], "%d", strconv.Itoa(i)) + "\n")
	}
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
	ts.Check(os.WriteFile(file, []byte(b.String()), 0o666))
}

// release FOLDER [FLAG...] packs the plan in a folder, with flags for "escape run package", and publishes the package in the
// local Inventory of the default profile.
func publish(ts script, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: release FOLDER [FLAG...]")
	}
	back := ts.MkAbs(".")
	ts.Check(ts.Chdir(args[0]))
	ts.Check(ts.Exec("escape", append([]string{"run", "package", "-f"}, args[1:]...)...))
	ts.Check(ts.Exec("escape", "plan", "preview"))
	m, err := release.Decode([]byte(ts.ReadFile("stdout")))
	ts.Check(err)
	file := ts.MkAbs(filepath.Join(archive.Target, m.ReleaseID()+".tgz"))
	c, err := archive.Inspect(file, m.ID(), archive.Reading{})
	ts.Check(err)
	inv := local.Open(filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "escape", ".inventory"), local.Options{})
	ts.Check(inv.Publish(context.Background(), c.Metadata, file))
	ts.Check(ts.Chdir(back))
}

// servers are those of one script, by name.
type servers map[string]*servertest.Server

// serversKey is where a script has them.
type serversKey struct{}

// server NAME OPTION=VALUE... starts an Inventory server of the original, empty and open to all, and sets the environment
// variable NAME to its address. It ends with the script. Options:
//
//	basic=USER:PASSWORD     every route asks for basic authentication
//	token=TOKEN             the Inventory asks for this token
//	methods=FILE            JSON object of login methods, in which $URL is the address of the server
//	secret=USER:PASSWORD    who gets the token at /auth/secret
//	redeem=WORD             what gets the token at /auth/redeem
//	release=JSON[,ARCHIVE]  files of a release which is there already
//	status=CODE             the answer to everything
//	tls=true                TLS with a certificate that nobody knows
func server(ts script, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: server NAME OPTION=VALUE...")
	}
	fake := &servertest.Server{}
	h := httptest.NewUnstartedServer(fake)
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	start := h.Start
	for _, option := range args[1:] {
		name, value, _ := strings.Cut(option, "=")
		first, second, _ := strings.Cut(value, ":")
		switch name {
		case "basic":
			fake.Username, fake.Password = first, second
		case "token":
			fake.Token = value
		case "methods":
			ts.Check(json.Unmarshal([]byte(ts.ReadFile(value)), &fake.Methods))
		case "secret":
			fake.Secrets = map[string]string{first: second}
		case "redeem":
			fake.Redeem = value
		case "release":
			file, archive, hasArchive := strings.Cut(value, ",")
			m, err := release.ReadFile(ts.MkAbs(file))
			ts.Check(err)
			var content []byte
			if hasArchive {
				content = []byte(ts.ReadFile(archive))
			}
			fake.Add(m, content)
		case "status":
			code, err := strconv.Atoi(value)
			ts.Check(err)
			fake.Hook = func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(code)
				return true
			}
		case "tls":
			start = h.StartTLS
		default:
			ts.Fatalf("unknown option %s", name)
		}
	}
	start()
	ts.Defer(h.Close)
	ts.Setenv(args[0], h.URL)
	ts.Value(serversKey{}).(servers)[args[0]] = fake
}

// requests NAME FILE writes what a server was asked for, a line each: method, address, and the secrets that came along.
func requests(ts script, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: requests NAME FILE")
	}
	var b strings.Builder
	for _, r := range ts.Value(serversKey{}).(servers)[args[0]].Requests() {
		fmt.Fprintf(&b, "%s %s", r.Method, r.URI)
		if token := r.Header.Get("X-Escape-Token"); token != "" {
			fmt.Fprintf(&b, " token=%s", token)
		}
		if user, password, ok := (&http.Request{Header: r.Header}).BasicAuth(); ok {
			fmt.Fprintf(&b, " basic=%s:%s", user, password)
		}
		b.WriteByte('\n')
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o666))
}

// stateServers is the key of the *fakeServer in the values of a script.
type stateServers struct{}

// A fakeServer keeps remote states for one script.
type fakeServer struct {
	statetest.Server
	mu     sync.Mutex
	method string // requests with it are answered with code and body
	code   int
	body   string
}

// stateServer runs a server for remote state:
//
//	stateserver start [revisions]         start it and make it the server of the profile; with revisions it knows conflicts
//	stateserver log FILE                  write what it was asked since the last time, one line each
//	stateserver fail METHOD CODE [BODY]   answer such requests so from now on
//	stateserver mend                      answer all requests again
//	stateserver put PROJECT ENV FILE      replace an environment
func stateServer(ts script, neg bool, args []string) {
	s := ts.Value(stateServers{}).(*fakeServer)
	command := strings.Join(args[:min(len(args), 1)], "")
	switch {
	case neg:
		ts.Fatalf("stateserver cannot be negated")
	case command == "start":
		s.Token, s.Revisions, s.Fail = "s3cret", len(args) > 1, s.fail
		h := httptest.NewServer(s)
		ts.Defer(h.Close)
		ts.Setenv("ESCAPE_API_SERVER", h.URL)
		ts.Setenv("ESCAPE_AUTH_TOKEN", s.Token)
	case command == "log" && len(args) == 2:
		var b strings.Builder
		for _, r := range s.Requests() {
			fmt.Fprintln(&b, strings.TrimSpace(r.Method+" "+r.URL+" "+r.Body))
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o666))
	case command == "fail" && len(args) > 2:
		code, err := strconv.Atoi(args[2])
		ts.Check(err)
		s.failing(args[1], code, strings.Join(args[3:], " "))
	case command == "mend":
		s.failing("", 0, "")
	case command == "put" && len(args) == 4:
		ts.Check(s.Put(args[1], args[2], ts.ReadFile(args[3])))
	default:
		ts.Fatalf("usage: stateserver start [revisions] | log FILE | fail METHOD CODE [BODY] | mend | put PROJECT ENV FILE")
	}
}

func (s *fakeServer) failing(method string, code int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.method, s.code, s.body = method, code, body
}

func (s *fakeServer) fail(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == s.method {
		w.WriteHeader(s.code)
		fmt.Fprint(w, s.body)
	}
}
