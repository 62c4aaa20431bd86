package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"escape.build/escape/inventory"
)

// Types of methods that this client knows.
const (
	BasicAuth   = "basic-auth"
	SecretToken = "secret-token"
	OAuth       = "oauth"
)

// A Method is a way to become known to a server.
type Method struct {
	Name        string `json:"-"`
	Type        string `json:"type"`
	URL         string `json:"url"`
	RedeemToken string `json:"redeem-token"` // of OAuth
	RedeemURL   string `json:"redeem-url"`   // of OAuth
}

// login returns a Client that knows no secrets and stays with the server that it is told: what is sent with it was typed
// for that server.
func login(o Options) *Client {
	o.Token, o.Username, o.Password = "", "", ""
	c := New(o)
	c.http.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if !stays(req, via) {
			return http.ErrUseLastResponse
		}
		return checkRedirect(req, via)
	}
	return c
}

// LoginMethods asks a server how to log in, and returns the methods sorted by name; none if it needs no login. Token and
// credentials of the options are not used: a server that gets them would not say what it asks of strangers.
func LoginMethods(ctx context.Context, o Options) ([]Method, error) {
	c := login(o)
	op := operation{what: "Couldn't get authentication methods from server", server: withoutPassword(o.URL)}
	a, err := c.fetch(ctx, &request{method: http.MethodGet, url: c.base + "api/v1/auth/login-methods", again: true})
	switch {
	case err != nil:
		return nil, op.unreachable(ctx, err)
	case a.status == http.StatusNotFound:
		return nil, nil
	case a.status == http.StatusUnauthorized && asksForPassword(a.header):
		return []Method{{Name: "Basic Authentication", Type: BasicAuth, URL: o.URL}}, nil
	case !a.ok():
		return nil, op.check(a)
	}
	var found map[string]Method
	if err := json.Unmarshal(a.body, &found); err != nil {
		return nil, c.noJSON(err, "authentication methods")
	}
	if found == nil { // null
		return nil, nil
	}
	if len(found) == 0 {
		return nil, op.misunderstood("asks for authentication, but offers no method.", nil)
	}
	var methods []Method
	for _, name := range slices.Sorted(maps.Keys(found)) {
		m := found[name]
		m.Name = name
		m.URL, m.RedeemURL = c.absolute(m.URL), c.absolute(m.RedeemURL)
		if m.URL == "" && m.Type == BasicAuth {
			m.URL = o.URL
		}
		methods = append(methods, m)
	}
	return methods, nil
}

func asksForPassword(h http.Header) bool {
	return slices.ContainsFunc(h.Values("WWW-Authenticate"), func(v string) bool {
		scheme, _, _ := strings.Cut(strings.TrimSpace(v), " ")
		return strings.EqualFold(scheme, "Basic")
	})
}

// absolute returns an address which the server gave, seen from the server. An empty one stays.
func (c *Client) absolute(address string) string {
	base, err := url.Parse(c.base)
	if err != nil || address == "" {
		return address
	}
	u, err := base.Parse(address)
	if err != nil {
		return address
	}
	return u.String()
}

// operation returns the step of logging in with credentials as messages speak of it.
func (m Method) operation() operation {
	return operation{
		what:    "Couldn't login to the Inventory",
		server:  withoutPassword(m.URL),
		endings: map[int]string{http.StatusUnauthorized: ", because the username or password was incorrect."},
	}
}

// inClear returns an error if what belongs to a server that is spoken to by TLS would go over a connection without.
func (o Options) inClear(what, address string) error {
	if scheme(o.URL) != "https" || scheme(address) != "http" {
		return nil
	}
	return &inventory.Error{
		Code:    inventory.Invalid,
		Message: fmt.Sprintf("%s, because '%s' would send secrets of '%s' in clear.", what, withoutPassword(address), withoutPassword(o.URL)),
	}
}

func scheme(address string) string {
	scheme, _, _ := strings.Cut(address, ":")
	return strings.ToLower(scheme)
}

// LoginBasic checks that a server takes a user and a password for basic authentication. Codes: Unauthorized, and those
// of all calls.
func LoginBasic(ctx context.Context, o Options, m Method, username, password string) error {
	op := m.operation()
	if err := o.inClear(op.what, m.URL); err != nil {
		return err
	}
	c := login(o)
	c.user, c.pass = username, password
	h := c.header()
	if password == "" { // header leaves it out, but this is a question
		(&http.Request{Header: h}).SetBasicAuth(username, password)
	}
	a, err := c.fetch(ctx, &request{method: http.MethodGet, url: m.URL, header: h, again: true})
	if err != nil {
		return op.unreachable(ctx, err)
	}
	return op.check(a)
}

// LoginSecret gives a user and a secret to a server and returns the token it answers with. Codes: Unauthorized, and
// those of all calls.
func LoginSecret(ctx context.Context, o Options, m Method, username, secret string) (token string, err error) {
	op := m.operation()
	if err := o.inClear(op.what, m.URL); err != nil {
		return "", err
	}
	body, err := json.Marshal(struct {
		Secret   string `json:"secret_token"`
		Username string `json:"username"`
	}{secret, username})
	if err != nil {
		return "", err
	}
	c := login(o)
	a, err := c.fetch(ctx, post(m.URL, c.header(), body))
	if err != nil {
		return "", op.unreachable(ctx, err)
	}
	if err := op.check(a); err != nil {
		return "", err
	}
	if token = strings.TrimSpace(a.header.Get("X-Escape-Token")); token == "" {
		return "", op.misunderstood("sent no token.", nil)
	}
	return token, nil
}

// redeemTries is how often a server is asked whether somebody has logged in.
const redeemTries = 25

// redeemPause returns how long to wait behind a try: more and more, more than a minute in all.
func redeemPause(try int) time.Duration {
	switch {
	case try <= 5:
		return time.Second
	case try <= 10:
		return 2 * time.Second
	}
	return 4 * time.Second
}

// RedeemOAuth waits until the user has logged in at m.URL with a browser and returns the token which the server has for
// that. Codes: Unauthorized if nobody did in time, and those of all calls.
func RedeemOAuth(ctx context.Context, o Options, m Method) (token string, err error) {
	const what = "Couldn't retrieve token from server"
	if err := o.inClear(what, m.RedeemURL); err != nil {
		return "", err
	}
	c := login(o)
	address, err := m.redeemAddress()
	if err != nil {
		return "", &inventory.Error{Code: inventory.Unavailable, Message: fmt.Sprintf("%s: %s", what, err), Err: err}
	}
	for try := 1; ; try++ {
		a, err := c.fetch(ctx, &request{method: http.MethodGet, url: address, again: true})
		switch {
		case err != nil:
			err = m.hideToken(err)
			return "", &inventory.Error{Code: inventory.Unavailable, Message: fmt.Sprintf("%s: %s", what, err), Err: err}
		case a.ok():
			if token = strings.TrimSpace(string(a.body)); token == "" || strings.ContainsAny(token, " \r\n") {
				return "", &inventory.Error{Code: inventory.Unavailable, Message: what + ": it answered with something else"}
			}
			return token, nil
		case a.status != http.StatusNotFound:
			return "", &inventory.Error{Code: codeOf(a), Message: fmt.Sprintf("%s. Got status code %d", what, a.status)}
		case try == redeemTries:
			return "", &inventory.Error{Code: inventory.Unauthorized, Message: what + ": nobody logged in with the browser in time"}
		}
		if err := c.pause(ctx, redeemPause(try)); err != nil {
			return "", &inventory.Error{Code: inventory.Unavailable, Message: fmt.Sprintf("%s: %s", what, err), Err: err}
		}
	}
}

// redeemAddress adds the token to the address, which may have a query already.
func (m Method) redeemAddress() (string, error) {
	u, err := url.Parse(m.RedeemURL)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("redeem-token", m.RedeemToken)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// hideToken keeps the query, which is a secret for as long as nobody has redeemed it, out of a message.
func (m Method) hideToken(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return &url.Error{Op: e.Op, URL: m.RedeemURL, Err: e.Err}
	}
	return err
}
