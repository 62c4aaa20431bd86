package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Types of Inventories.
const (
	Local  = "local"
	Remote = "remote"
)

const (
	defaultProfile   = "default"
	defaultAPIServer = "https://escape.ankyra.io"
)

// An EscapeConfig is the document in the configuration file. The name shows in messages of the JSON decoder, which
// are the original's.
type EscapeConfig struct {
	Current  string                          `json:"current_profile"`
	Profiles map[string]*EscapeConfigProfile `json:"profiles"`
}

// An EscapeConfigProfile is one set of settings as stored.
type EscapeConfigProfile struct {
	InventoryType      string   `json:"inventory_type"` // "local" or "remote"
	APIServer          string   `json:"api_server"`
	AuthToken          string   `json:"escape_auth_token"`
	BasicAuthUsername  string   `json:"basic_auth_username"`
	BasicAuthPassword  string   `json:"basic_auth_password"`
	InsecureSkipVerify bool     `json:"insecure_skip_verify"`
	StatePath          string   `json:"state_path"`
	LocalInventory     string   `json:"local_inventory_base_dir"`
	ProxyNamespaces    []string `json:"proxy_namespaces"`
}

// A Field is one key of a profile with its value: a string, a bool or a list of strings.
type Field struct {
	Key    string
	Value  any
	Secret bool
}

// Fields returns the keys and values in the order of the file.
func (c *EscapeConfigProfile) Fields() []Field {
	return []Field{
		{"inventory_type", c.InventoryType, false},
		{"api_server", c.APIServer, false},
		{"escape_auth_token", c.AuthToken, true},
		{"basic_auth_username", c.BasicAuthUsername, false},
		{"basic_auth_password", c.BasicAuthPassword, true},
		{"insecure_skip_verify", c.InsecureSkipVerify, false},
		{"state_path", c.StatePath, false},
		{"local_inventory_base_dir", c.LocalInventory, false},
		{"proxy_namespaces", c.ProxyNamespaces, false},
	}
}

// SetField gives the field with a key the value that a text stands for: true or false for a switch, names separated by
// commas for a list. The error says what the field takes; false means that there is no such field.
func (c *EscapeConfigProfile) SetField(key, text string) (bool, error) {
	fields := map[string]*string{
		"inventory_type":           &c.InventoryType,
		"api_server":               &c.APIServer,
		"escape_auth_token":        &c.AuthToken,
		"basic_auth_username":      &c.BasicAuthUsername,
		"basic_auth_password":      &c.BasicAuthPassword,
		"state_path":               &c.StatePath,
		"local_inventory_base_dir": &c.LocalInventory,
	}
	switch field, ok := fields[key]; {
	case key == "inventory_type" && text != Local && text != Remote:
		return true, fmt.Errorf("%s is 'local' or 'remote', not '%s'", key, text)
	case ok:
		*field = text
	case key == "insecure_skip_verify":
		value, err := strconv.ParseBool(text)
		if err != nil {
			return true, fmt.Errorf("%s is true or false, not '%s'", key, text)
		}
		c.InsecureSkipVerify = value
	case key == "proxy_namespaces":
		c.ProxyNamespaces = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	default:
		return false, nil
	}
	return true, nil
}

// newProfile returns a profile seeded from the environment. Seeds are stored with the profile.
func newProfile(p Places) *EscapeConfigProfile {
	profile := &EscapeConfigProfile{
		APIServer:         p.Getenv("ESCAPE_API_SERVER"),
		AuthToken:         p.Getenv("ESCAPE_AUTH_TOKEN"),
		BasicAuthUsername: p.Getenv("BASIC_AUTH_USERNAME"),
		BasicAuthPassword: p.Getenv("BASIC_AUTH_PASSWORD"),
		ProxyNamespaces:   []string{},
	}
	profile.fill(p)
	return profile
}

// fill sets what is missing.
func (c *EscapeConfigProfile) fill(p Places) {
	if c.InventoryType == "" {
		c.InventoryType = Local
		if c.APIServer != "" {
			c.InventoryType = Remote
		}
	}
	if c.APIServer == "" {
		c.APIServer = defaultAPIServer
		c.ProxyNamespaces = []string{"examples", "extensions", "providers"}
	}
	// A remote profile needs the folder only for namespaces which it leaves to the local Inventory.
	if c.LocalInventory == "" && (c.InventoryType == Local || len(c.ProxyNamespaces) > 0) {
		c.LocalInventory = filepath.Join(p.AppDir(), ".inventory")
	}
	if c.StatePath == "" {
		c.StatePath = filepath.Join(p.AppDir(), "escape_state.json")
	}
}

// Names returns the names of the profiles in order.
func (c *EscapeConfig) Names() []string { return slices.Sorted(maps.Keys(c.Profiles)) }

// find returns a profile, or a *NotFound.
func (c *EscapeConfig) find(name string) (*EscapeConfigProfile, error) {
	if profile, ok := c.Profiles[name]; ok {
		return profile, nil
	}
	return nil, &NotFound{Name: name, Known: c.Names()}
}

// encode returns the text of the file.
func (c *EscapeConfig) encode() ([]byte, error) {
	text, err := json.MarshalIndent(c, "", "    ")
	if err != nil {
		return nil, fmt.Errorf("encode configuration: %w", err)
	}
	return text, nil
}
