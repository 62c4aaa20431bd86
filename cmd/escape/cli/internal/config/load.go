package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// A Config is the configuration of one run: the file's content and the profile in use.
type Config struct {
	Path    string // absolute
	Profile *EscapeConfigProfile
	Name    string // of the profile in use
	File    *EscapeConfig
}

// Options of Load.
type Options struct {
	Path    string // as the user gave it
	Profile string // profile for this run; empty means the file's current one
	// Create writes the default configuration if there is no file. Without it such a run uses the defaults.
	Create bool
}

// Load reads the configuration. A file that is not there counts as one with a single profile "default" seeded from
// the environment. The environment variables ESCAPE_API_SERVER and ESCAPE_AUTH_TOKEN win over the profile in use, for
// this run only. Errors say what is wrong with the file, in the words of the original.
func Load(p Places, opts Options) (*Config, error) {
	c := &Config{Path: p.File(opts.Path)}
	c.File = &EscapeConfig{
		Current:  defaultProfile,
		Profiles: map[string]*EscapeConfigProfile{defaultProfile: newProfile(p)},
	}
	text, err := os.ReadFile(c.Path)
	if err == nil {
		err = json.Unmarshal(text, c.File)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // HOME=/dev/null is a custom
		err = nil
		if opts.Create {
			if err := c.create(); err != nil {
				return nil, err
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("Couldn't parse Escape configuration file '%s': %w", c.Path, err)
	}
	for name, profile := range c.File.Profiles {
		if profile == nil {
			return nil, fmt.Errorf("Couldn't parse Escape configuration file '%s': profile '%s' is null", c.Path, name)
		}
		profile.fill(p)
	}
	if _, err := c.find(c.File.Current); err != nil {
		return nil, err
	}
	c.Name = c.File.Current
	if opts.Profile != "" {
		c.Name = opts.Profile
	}
	stored, err := c.find(c.Name)
	if err != nil {
		return nil, err
	}
	if t := stored.InventoryType; t != local && t != remote {
		return nil, fmt.Errorf("profile '%s' has the unknown inventory_type '%s'; expecting 'local' or 'remote'", c.Name, t)
	}
	used := *stored // overrides must not be saved
	if v := p.Getenv("ESCAPE_API_SERVER"); v != "" {
		used.APIServer = v
	}
	if v := p.Getenv("ESCAPE_AUTH_TOKEN"); v != "" {
		used.AuthToken = v
	}
	c.Profile = &used
	return c, nil
}

func (c *Config) find(name string) (*EscapeConfigProfile, error) {
	if profile, ok := c.File.Profiles[name]; ok {
		return profile, nil
	}
	return nil, fmt.Errorf("Referenced profile '%s' was not found in the Escape configuration file.", name)
}

// create writes a new file that only its owner can read, since it may come to hold secrets. The file appears at once
// with all its content; if another process made one first, that one stays.
func (c *Config) create() error {
	text, err := c.File.encode()
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(c.Path), ".escape_config-*") // mode 0600
	if err != nil {
		return c.opened(err)
	}
	defer os.Remove(temp.Name())
	if _, err := temp.Write(text); err != nil {
		temp.Close()
		return err
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), c.Path); err != nil && !errors.Is(err, fs.ErrExist) {
		// Not every file system has hard links.
		return os.Rename(temp.Name(), c.Path)
	}
	return nil
}

// opened makes an error of the temporary file one of the file itself.
func (c *Config) opened(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return &fs.PathError{Op: "open", Path: c.Path, Err: e.Err}
	}
	return err
}
