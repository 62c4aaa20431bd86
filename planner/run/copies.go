package run

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"escape.build/escape/planner"
)

// workDir is where the working copies of packages lie, relative to the folder of the root deployment. What is there
// belongs to no package, since scratch folders are never packed.
const workDir = ".escape/work"

// copies are the folders of those deployments which do not work in the one their package is unpacked in, by deployment.
//
// Deployments of one package below one release share the folder it is unpacked in, because that has the name of the package.
// The original runs them one after the other. In a graph they may run at the same time, and would read each other's outputs
// and files. So the first one keeps the folder, and every other one gets a copy. All copies are made before anything runs:
// later, the folder may be full of what the first one makes. They are made anew for every run, since the package may have
// changed, and removed at its end, as the original promises nothing about files between runs.
type copies map[string]string

// makeCopies copies what nodes of the graph would share.
func (r *runner) makeCopies() error {
	if r.graph.Nested {
		return nil
	}
	owners := map[string]*planner.Node{} // by folder
	for _, n := range r.order {
		if n.Change == planner.NoOp || n.Parent == "" || n.Tree == nil || n.Tree.Dir == "" {
			continue
		}
		owner := owners[n.Tree.Dir]
		if owner == nil {
			owners[n.Tree.Dir] = n
			continue
		}
		// The build and the deployment of one root have nothing that runs at the same time.
		if owner.Deployment == n.Deployment || r.copies[n.Deployment] != "" {
			continue
		}
		dir := r.workDir(n.Deployment)
		if err := copyPackage(dir, n.Tree.Dir); err != nil {
			return errors.Join(fmt.Errorf("make a working copy of %s for %s: %w; nothing ran", n.Release, n.Deployment, err), r.removeCopies())
		}
		if r.copies == nil {
			r.copies = copies{}
		}
		r.copies[n.Deployment] = dir
	}
	return nil
}

// removeCopies removes the working copies.
func (r *runner) removeCopies() error {
	var errs []error
	for _, dir := range r.copies {
		errs = append(errs, os.RemoveAll(dir))
	}
	r.copies = nil
	return errors.Join(errs...)
}

// providerBase returns the folder below which the package of a provider is unpacked: that of the root deployment, unless
// another deployment works there with a package of the same name, which may be of another version.
func (r *runner) providerBase(name, deployment string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.homes == nil {
		r.homes = map[string]string{}
		for _, n := range r.order {
			if n.Parent != "" && n.Change != planner.NoOp && r.homes[n.Tree.Release.VersionlessID()] == "" {
				r.homes[n.Tree.Release.VersionlessID()] = n.Deployment
			}
		}
	}
	switch r.homes[name] {
	case deployment:
	case "":
		r.homes[name] = deployment
	default:
		return r.workDir(deployment)
	}
	return r.Dir
}

// workDir returns the folder for the working copy of a deployment: always the same, so that one which a crash left is
// replaced.
func (r *runner) workDir(deployment string) string {
	sum := sha256.Sum256([]byte(r.graph.Environment + "/" + deployment))
	return filepath.Join(r.Dir, filepath.FromSlash(workDir), hex.EncodeToString(sum[:8]))
}

// copyPackage copies the folder of a package in place of what is at dir, without scratch folders.
func copyPackage(dir, from string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == from {
			return err
		}
		local, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		to := filepath.Join(dir, local)
		switch {
		case d.IsDir() && d.Name() == ".escape":
			return filepath.SkipDir
		case d.IsDir():
			return os.Mkdir(to, info.Mode().Perm()|0o700)
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			if err != nil {
				return err
			}
			return os.Symlink(target, to)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			return err
		}
		return os.Chmod(to, info.Mode().Perm())
	})
}
