package cli

import (
	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/inventory"
	"escape.build/escape/inventory/client"
	"escape.build/escape/inventory/local"
)

// inventory returns the Inventory that a profile means. Nothing is read, and no server asked, before it is used.
func (a *app) inventory(p *config.EscapeConfigProfile) (inventory.Inventory, error) {
	folder := p.LocalInventory
	if folder != "" {
		folder = a.env.abs(folder)
	}
	primary := inventory.Inventory(local.Open(folder, local.Options{EscapeVersion: Version}))
	secondary := inventory.Inventory(a.remoteInventory(p))
	if p.InventoryType != "local" {
		primary, secondary = secondary, primary
	}
	if len(p.ProxyNamespaces) == 0 {
		return primary, nil
	}
	return inventory.NewProxy(primary, secondary, p.ProxyNamespaces), nil
}

// userAgent is what servers know this client by.
const userAgent = "escape/" + Version

// remoteInventory returns the Inventory on the server of a profile.
func (a *app) remoteInventory(p *config.EscapeConfigProfile) inventory.Inventory {
	return client.New(client.Options{
		URL: p.APIServer, Token: p.AuthToken, Username: p.BasicAuthUsername, Password: p.BasicAuthPassword,
		Insecure: p.InsecureSkipVerify, UserAgent: userAgent, Pause: a.env.Pause,
	})
}
