package cli

import (
	"context"
	"io"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/inventory"
	"escape.build/escape/inventory/local"
	"escape.build/escape/lang/release"
)

// inventory returns the Inventory that a profile means. Nothing is read, and no server asked, before it is used.
func (a *app) inventory(p *config.EscapeConfigProfile) (inventory.Inventory, error) {
	folder := p.LocalInventory
	if folder != "" {
		folder = a.env.abs(folder)
	}
	primary := inventory.Inventory(local.Open(folder, local.Options{EscapeVersion: Version}))
	secondary := remoteInventory(p)
	if p.InventoryType != "local" {
		primary, secondary = secondary, primary
	}
	if len(p.ProxyNamespaces) == 0 {
		return primary, nil
	}
	return inventory.NewProxy(primary, secondary, p.ProxyNamespaces), nil
}

// remoteInventory returns the Inventory on the server of a profile.
func remoteInventory(p *config.EscapeConfigProfile) inventory.Inventory {
	return &noServer{p.APIServer}
}

// noServer stands for a server that cannot be asked yet.
type noServer struct{ url string }

func (s *noServer) err() error {
	return &inventory.Error{
		Code:    inventory.Unavailable,
		Message: "The Inventory at '" + s.url + "' cannot be asked: this version of Escape has only local inventories.",
		Hint:    "a profile with inventory_type 'local' and the folder in local_inventory_base_dir can be used, see proxy_namespaces too",
	}
}

func (s *noServer) Location() string { return s.url }

func (s *noServer) Metadata(context.Context, release.ID) (*release.Metadata, error) {
	return nil, s.err()
}

func (s *noServer) NextVersion(context.Context, string, string, release.Pattern) (release.Version, error) {
	return "", s.err()
}

func (s *noServer) Download(context.Context, release.ID, io.Writer) error { return s.err() }

func (s *noServer) Publish(context.Context, *release.Metadata, string) error { return s.err() }

func (s *noServer) Tag(context.Context, release.ID, string) error { return s.err() }

func (s *noServer) Namespaces(context.Context) ([]string, error) { return nil, s.err() }

func (s *noServer) Packages(context.Context, string) ([]string, error) { return nil, s.err() }

func (s *noServer) Versions(context.Context, string, string) ([]release.Version, error) {
	return nil, s.err()
}
