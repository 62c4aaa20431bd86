package config

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Places says where a user's files are. Getenv and OS decide.
type Places struct {
	Getenv func(string) string
	OS     string // runtime.GOOS
	Dir    string // working directory, absolute
}

// Home returns the user's home directory: $HOME (%USERPROFILE% on Windows), else what the user database says, else "".
func (p Places) Home() string {
	name := "HOME"
	if p.OS == "windows" {
		name = "USERPROFILE"
	}
	if home := p.Getenv(name); home != "" {
		return home
	}
	return homeOf(os.Getuid())
}

// homeOf looks a user up in /etc/passwd. Package os/user would do so too, but it links the C library, which makes every
// start slower. A user without entry, as is common in containers, has no home.
func homeOf(uid int) string {
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) >= 6 && f[2] == strconv.Itoa(uid) {
			return f[5]
		}
	}
	return ""
}

// AppDir returns the folder for caches, the local Inventory and the state of profiles.
func (p Places) AppDir() string {
	switch p.OS {
	case "windows":
		if dir := p.Getenv("APPDATA"); dir != "" {
			return filepath.Join(dir, "escape")
		}
		return filepath.Join(p.Home(), "escape")
	case "darwin":
		return filepath.Join(p.Home(), "Library", "Application Support", "escape")
	}
	if dir := p.Getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "escape")
	}
	return filepath.Join(p.Home(), ".config", "escape")
}

// CacheDir returns the folder for what can be made again; "" if there is none.
func (p Places) CacheDir() string {
	dir, home := p.Getenv("XDG_CACHE_HOME"), p.Home()
	switch {
	case p.OS == "windows":
		dir = p.Getenv("LOCALAPPDATA")
	case filepath.IsAbs(dir) || home == "":
	case p.OS == "darwin":
		dir = filepath.Join(home, "Library", "Caches")
	default:
		dir = filepath.Join(home, ".cache")
	}
	if !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "escape")
}

// File returns the absolute path of the configuration file that a user calls path. A leading "~/" is the home
// directory; an empty path is the working directory, as in the original.
func (p Places) File(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(p.Home(), rest)
	}
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(p.Dir, path)
}
