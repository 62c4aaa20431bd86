package client

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// Options say which server is meant and how to talk to it. Only the URL is needed.
type Options struct {
	URL      string // of the server, with or without "/" at the end
	Token    string // sent with every call, also if it is empty
	Username string // with Password, for basic authentication
	Password string // an empty one means that there is no basic authentication
	Insecure bool   // do not verify TLS certificates

	UserAgent string // "" means "escape"
	Timeouts  Timeouts
	// Proxy finds the proxy of a request. nil means what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say.
	Proxy func(*http.Request) (*url.URL, error)
	// Pause waits between two tries, or until ctx ends. nil means a real clock.
	Pause func(ctx context.Context, d time.Duration) error
}

// A Client is the Inventory of a server. It may be used by several goroutines at once.
type Client struct {
	base  string // ends in "/"
	name  string // base as messages show it
	agent string
	token string
	user  string
	pass  string
	pause func(ctx context.Context, d time.Duration) error
	times Timeouts
	http  *http.Client
}

var _ inventory.Tagged = (*Client)(nil)

// New returns the Inventory of a server. It is not contacted yet, so a wrong URL is noticed by the first call.
func New(o Options) *Client {
	c := &Client{
		base:  o.URL,
		agent: o.UserAgent,
		token: strings.TrimSpace(o.Token), // the original stored tokens with the line break of the server's answer
		user:  o.Username,
		pass:  o.Password,
		pause: o.Pause,
		times: o.Timeouts.orDefaults(),
	}
	if !strings.HasSuffix(c.base, "/") {
		c.base += "/"
	}
	c.name = withoutPassword(c.base)
	if c.agent == "" {
		c.agent = "escape"
	}
	if c.pause == nil {
		c.pause = pause
	}
	c.http = newHTTP(o, c.times)
	return c
}

// withoutPassword hides a password that stands in a URL.
func withoutPassword(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

// Location returns the URL of the server, which ends in "/".
func (c *Client) Location() string { return c.name }

// ReleaseURL returns the address at which the server tells of a release, without a password; "" if its name cannot be asked for.
// Nobody is asked.
func (c *Client) ReleaseURL(id release.ID) string {
	version := id.Constraint.String()
	if (operation{}).checkNames(id.Namespace, id.Name, version) != nil {
		return ""
	}
	return withoutUser(c.path(id.Namespace, "units", id.Name, "versions", version, ""))
}

// withoutUser takes the user and the password out of a URL.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// path returns the address of a route below the base. Parts stand for themselves, whatever characters they have.
func (c *Client) path(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = url.PathEscape(p)
	}
	return c.base + "api/v1/inventory/" + strings.Join(escaped, "/")
}

// checkNames refuses what no server can be asked for: a part of a path that is empty or that servers would resolve.
func (op operation) checkNames(names ...string) error {
	for _, name := range names {
		if name == "" || name == "." || name == ".." {
			return &inventory.Error{Code: inventory.Invalid, Message: fmt.Sprintf("%s, because '%s' is not a name.", op.what, name)}
		}
	}
	return nil
}

// shown returns a release id as messages about reading it show it: without the namespace "_".
func shown(id release.ID) string {
	if id.Namespace == "_" {
		return id.ReleaseID()
	}
	return id.String()
}

// Metadata returns the metadata of the release that id means. Codes: NotFound, and those of all calls: Unauthorized,
// Forbidden, Invalid, Unavailable.
func (c *Client) Metadata(ctx context.Context, id release.ID) (*release.Metadata, error) {
	op := c.operation("Couldn't get release metadata for '%s'", shown(id))
	op.endings[http.StatusForbidden] = c.mayNotView(shown(id))
	op.endings[http.StatusNotFound] = fmt.Sprintf(", because the release metadata could not be found in the Inventory at '%s'. "+
		"You probably need to release the '%s' package first.", c.name, shown(id))
	query := id.Constraint.String()
	if err := op.checkNames(id.Namespace, id.Name, query); err != nil {
		return nil, err
	}
	body, err := c.get(ctx, op, c.path(id.Namespace, "units", id.Name, "versions", query, ""))
	if err != nil {
		return nil, err
	}
	m, err := release.Decode(body)
	if err == nil {
		err = checkAnswer(m, id)
	}
	if err != nil {
		return nil, &inventory.Error{
			Code: inventory.Unavailable,
			Message: fmt.Sprintf("The Inventory returned release metadata for '%s/%s-%s' that could not be understood: %s",
				id.Namespace, id.Name, query, err),
			Err: err,
		}
	}
	return m, nil
}

// checkAnswer checks that metadata is of the release that was asked for. The namespace may differ: servers of the
// original accepted releases which name another one than they were put in.
func checkAnswer(m *release.Metadata, id release.ID) error {
	_, isTag := id.Constraint.Tag()
	if m.Name != id.Name || !isTag && !id.Constraint.Matches(release.Version(m.Version)) {
		return fmt.Errorf("it is that of '%s'", m.ReleaseID())
	}
	return nil
}

// mayNotView is how messages end if a release may not be seen.
func (c *Client) mayNotView(id string) string {
	return fmt.Sprintf(", because you don't have permission to view the '%s' release in the Inventory at '%s'. "+
		"Please ask an administrator for access.", id, c.name)
}

// NextVersion returns the version that the next release of a package would get. Codes: those of all calls.
func (c *Client) NextVersion(ctx context.Context, namespace, name string, p release.Pattern) (release.Version, error) {
	op := c.operation("Couldn't resolve next version for '%s/%s-v%s'", namespace, name, string(p))
	wanted := name + "-v" + p.String()
	if namespace != "_" {
		wanted = namespace + "/" + wanted
	}
	op.endings[http.StatusForbidden] = c.mayNotView(wanted)
	if err := op.checkNames(namespace, name); err != nil {
		return "", err
	}
	body, err := c.get(ctx, op, c.path(namespace, "units", name, "next-version")+"?prefix="+url.QueryEscape(string(p)))
	if err != nil {
		return "", err
	}
	v := release.Version(strings.TrimSpace(string(body)))
	if !p.Matches(v) {
		return "", op.misunderstood(fmt.Sprintf("answered '%s', which is no such version", excerpt(string(v))), nil)
	}
	return v, nil
}

// Tag puts a tag on the release that id means. Codes: NotFound, Invalid, and those of all calls.
func (c *Client) Tag(ctx context.Context, id release.ID, tag string) error {
	op := operation{what: fmt.Sprintf("Couldn't tag '%s' with '%s'", id, tag), server: c.name, bare: true}
	if err := op.checkNames(id.Namespace, id.Name); err != nil {
		return err
	}
	body, err := json.Marshal(struct {
		Release string `json:"release_id"`
		Tag     string `json:"tag"`
	}{id.String(), tag})
	if err != nil {
		return err
	}
	return c.command(ctx, op, post(c.path(id.Namespace, "units", id.Name, "tags", ""), c.header(), body))
}

// Namespaces returns the namespaces in order. Codes: those of all calls.
func (c *Client) Namespaces(ctx context.Context) ([]string, error) {
	op := c.operation("Couldn't list projects")
	return c.keys(ctx, op, c.path(""), "projects")
}

// Packages returns the names of the packages of a namespace in order. Codes: NotFound, and those of all calls.
func (c *Client) Packages(ctx context.Context, namespace string) ([]string, error) {
	op := c.operation("Couldn't list applications for project '%s'", namespace)
	op.endings[http.StatusNotFound] = c.noProject(namespace)
	if err := op.checkNames(namespace); err != nil {
		return nil, err
	}
	return c.keys(ctx, op, c.path(namespace, "units", ""), "applications")
}

// noProject is how messages end if there is no such namespace.
func (c *Client) noProject(namespace string) string {
	return fmt.Sprintf(", because the project '%s' could not be found in the Inventory at '%s'.", namespace, c.name)
}

// keys returns the names of an object in order. what says what they are.
func (c *Client) keys(ctx context.Context, op operation, address, what string) ([]string, error) {
	body, err := c.get(ctx, op, address)
	if err != nil {
		return nil, err
	}
	return c.keysOf(body, what)
}

// keysOf returns the names of the object that an answer is, in order.
func (c *Client) keysOf(body []byte, what string) ([]string, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, c.noJSON(err, what)
	}
	return slices.Sorted(maps.Keys(object)), nil
}

// noJSON is the error of an answer that should be JSON. Its text is the original's, which says nothing about the cause.
func (c *Client) noJSON(err error, what string) error {
	return &inventory.Error{
		Code:    inventory.Unavailable,
		Message: err.Error(),
		Hint:    fmt.Sprintf("%s did not answer with a list of %s; is this the address of an Inventory?", c.name, what),
		Err:     err,
	}
}

// Versions returns the versions of a package, newest first. Codes: NotFound, and those of all calls.
func (c *Client) Versions(ctx context.Context, namespace, name string) ([]release.Version, error) {
	op := c.operation("Couldn't list versions for application '%s' in project '%s'", name, namespace)
	op.endings[http.StatusNotFound] = fmt.Sprintf(", because the project '%s' or application '%s' could not be found in the Inventory at '%s'.",
		namespace, name, c.name)
	if err := op.checkNames(namespace, name); err != nil {
		return nil, err
	}
	body, err := c.get(ctx, op, c.path(namespace, "units", name, ""))
	if err != nil {
		return nil, err
	}
	var object struct {
		Versions []release.Version `json:"versions"`
	}
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, c.noJSON(err, "versions")
	}
	if object.Versions == nil {
		return nil, op.misunderstood("answered without a list of versions.", nil)
	}
	slices.SortFunc(object.Versions, func(a, b release.Version) int {
		if c := b.Compare(a); c != 0 {
			return c
		}
		return strings.Compare(string(b), string(a))
	})
	return object.Versions, nil
}

// Tags returns the tags of a package in order. Servers of the original take tags and do not tell them; then there are none.
// Codes: those of all calls.
func (c *Client) Tags(ctx context.Context, namespace, name string) ([]string, error) {
	op := c.operation("Couldn't list tags for application '%s' in project '%s'", name, namespace)
	if err := op.checkNames(namespace, name); err != nil {
		return nil, err
	}
	a, err := c.fetch(ctx, &request{method: http.MethodGet, url: c.path(namespace, "units", name, "tags", ""), header: c.header(), again: true})
	switch {
	case err != nil:
		return nil, op.unreachable(ctx, err)
	case a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed:
		return nil, nil
	}
	if err := op.check(a); err != nil {
		return nil, err
	}
	return c.keysOf(a.body, "tags")
}

// get returns the body of a good answer.
func (c *Client) get(ctx context.Context, op operation, address string) ([]byte, error) {
	a, err := c.fetch(ctx, &request{method: http.MethodGet, url: address, header: c.header(), again: true})
	if err != nil {
		return nil, op.unreachable(ctx, err)
	}
	return a.body, op.check(a)
}

// command makes a call whose answer has nothing to read.
func (c *Client) command(ctx context.Context, op operation, r *request) error {
	a, err := c.fetch(ctx, r)
	if err != nil {
		return op.unreachable(ctx, err)
	}
	return op.check(a)
}

// header returns what every call sends. The content type stands there also if there is no content, as in the original.
func (c *Client) header() http.Header {
	h := http.Header{}
	h.Set("X-Escape-Token", c.token)
	h.Set("Content-Type", "application/json")
	if c.pass != "" {
		r := http.Request{Header: h}
		r.SetBasicAuth(c.user, c.pass)
	}
	return h
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
