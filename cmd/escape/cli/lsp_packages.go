package cli

import (
	"context"

	"escape.build/escape/inventory"
	"escape.build/escape/inventory/client"
	"escape.build/escape/lang/release"
)

// An editorPackages tells the language server what is in the Inventory of the profile.
type editorPackages struct {
	open func() (inventory.Inventory, error)
}

// editorPackages opens the Inventory of the profile when it is asked first.
func (a *app) editorPackages() editorPackages {
	return editorPackages{func() (inventory.Inventory, error) {
		profile, err := a.profile(false)
		if err != nil {
			return nil, err
		}
		return a.inventory(profile)
	}}
}

// maxNamespaces is in how many namespaces packages are looked for.
const maxNamespaces = 100

// Names implements lsp.Packages.
func (p editorPackages) Names(ctx context.Context) ([]string, error) {
	inv, err := p.open()
	if err != nil {
		return nil, err
	}
	namespaces, err := inv.Namespaces(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, namespace := range namespaces[:min(len(namespaces), maxNamespaces)] {
		packages, err := inv.Packages(ctx, namespace)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue // one that the user may not see
		}
		for _, name := range packages {
			names = append(names, namespace+"/"+name)
		}
	}
	return names, nil
}

// Versions implements lsp.Packages. An Inventory that does not tell its tags still tells its versions.
func (p editorPackages) Versions(ctx context.Context, pkg string) ([]string, error) {
	inv, err := p.open()
	if err != nil {
		return nil, err
	}
	namespace, name := release.SplitName(pkg)
	versions, err := inv.Versions(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(versions))
	for i, v := range versions {
		list[i] = string(v)
	}
	if tagged, ok := inv.(inventory.Tagged); ok {
		tags, err := tagged.Tags(ctx, namespace, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			list = append(list, tags...)
		}
	}
	return list, nil
}

// url returns the address at which a server tells of a release; "" if no server has it.
func (p editorPackages) url(id string) string {
	parsed, err := release.ParseID(id)
	if err != nil {
		return ""
	}
	inv, err := p.open()
	if err != nil {
		return ""
	}
	if c, ok := inventory.Serving(inv, parsed.Namespace).(*client.Client); ok {
		return c.ReleaseURL(parsed)
	}
	return ""
}
