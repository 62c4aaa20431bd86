package cli

import (
	"context"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// A releaseResolver is the resolver of a plan that is being released: the next version is reserved when it is first asked for,
// and stays the same.
type releaseResolver struct {
	*planResolver
	version release.Version
	give    func() // gives the reservation back; nil if there is none
}

// NextVersion returns the version of the release, which nobody else gets as long as that goes on.
func (r *releaseResolver) NextVersion(ctx context.Context, namespace, name string, p release.Pattern) (release.Version, error) {
	if r.version != "" {
		return r.version, nil
	}
	inv, err := r.inventory()
	if err != nil {
		return "", err
	}
	if reserver, ok := inv.(inventory.Reserver); ok {
		r.version, r.give, err = reserver.Reserve(ctx, namespace, name, p)
	} else {
		r.version, err = inv.NextVersion(ctx, namespace, name, p)
	}
	return r.version, err
}

// giveBack ends the reservation. A release that was published no longer needs it.
func (r *releaseResolver) giveBack() {
	if r.give != nil {
		r.give()
	}
}
