package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// A Config is the configuration of one run: the file's content and the profile in use.
type Config struct {
	Path    string // absolute
	Profile *EscapeConfigProfile
	Name    string // of the profile in use
	File    *EscapeConfig
	// Overridden says which keys of Profile come from which environment variables.
	Overridden map[string]string
}

// Options of Load.
type Options struct {
	Path    string // as the user gave it
	Profile string // profile for this run; empty means the file's current one
	// Create writes the default configuration if there is no file. Without it such a run uses the defaults.
	Create bool
}

// A NotFound says that no profile has the name.
type NotFound struct {
	Name  string
	Known []string // the names there are, sorted
}

func (e *NotFound) Error() string {
	return fmt.Sprintf("Referenced profile '%s' was not found in the Escape configuration file.", e.Name)
}

// Load reads the configuration. A file that is not there counts as one with a single profile "default" seeded from
// the environment. The environment variables ESCAPE_API_SERVER and ESCAPE_AUTH_TOKEN win over the profile in use, for
// this run only. Errors say what is wrong with the file, in the words of the original.
func Load(p Places, opts Options) (*Config, error) {
	c := &Config{Path: p.File(opts.Path)}
	text, err := c.read(p)
	if err != nil {
		return nil, err
	}
	if text == nil && opts.Create {
		if err := c.create(); err != nil {
			return nil, err
		}
	}
	if _, err := c.File.find(c.File.Current); err != nil {
		return nil, err
	}
	c.Name = c.File.Current
	if opts.Profile != "" {
		c.Name = opts.Profile
	}
	stored, err := c.File.find(c.Name)
	if err != nil {
		return nil, err
	}
	if t := stored.InventoryType; t != Local && t != Remote {
		return nil, fmt.Errorf("profile '%s' has the unknown inventory_type '%s'; expecting 'local' or 'remote'", c.Name, t)
	}
	used := *stored // overrides must not be saved
	c.Overridden = map[string]string{}
	for _, o := range []struct {
		variable, key string
		value         *string
	}{{"ESCAPE_API_SERVER", "api_server", &used.APIServer}, {"ESCAPE_AUTH_TOKEN", "escape_auth_token", &used.AuthToken}} {
		if v := p.Getenv(o.variable); v != "" && v != *o.value {
			*o.value = v
			c.Overridden[o.key] = o.variable
		}
	}
	c.Profile = &used
	return c, nil
}

// read sets File from the file and returns the text, nil if there is no file.
func (c *Config) read(p Places) (text []byte, err error) {
	c.File = &EscapeConfig{
		Current:  defaultProfile,
		Profiles: map[string]*EscapeConfigProfile{defaultProfile: newProfile(p)},
	}
	text, err = os.ReadFile(c.Path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // HOME=/dev/null is a custom
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, c.File)
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
	return text, nil
}

// create writes a new file that only its owner can read, since it may come to hold secrets. The file appears at once
// with all its content; if another process made one first, that one stays.
func (c *Config) create() error {
	text, err := c.File.encode()
	if err != nil {
		return err
	}
	temp, err := writeTemp(c.Path, text, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, c.Path); err != nil && !errors.Is(err, fs.ErrExist) {
		// Not every file system has hard links.
		return os.Rename(temp, c.Path)
	}
	return nil
}
