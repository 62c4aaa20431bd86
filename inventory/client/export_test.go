package client

import (
	"context"
	"net"
	"net/http"
)

// DialBy makes a client get its connections from dial.
func DialBy(c *Client, dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.http.Transport.(*http.Transport).DialContext = dial
}

// CloseIdle closes the connections that wait for further calls.
func CloseIdle(c *Client) { c.http.CloseIdleConnections() }

// SameServer is sameServer.
var SameServer = sameServer
