package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A Finder finds the configuration that counts for a folder and reads each file once. It may be used by several
// goroutines.
type Finder struct {
	// Show turns an absolute path into the one that errors call a file by; nil leaves it.
	Show func(path string) string
	// All is the absolute path of the file that counts for every folder; "" looks for the nearest one.
	All string
	// ReadFile and Stat read the file system; nil are those of package os.
	ReadFile func(path string) ([]byte, error)
	Stat     func(path string) (fs.FileInfo, error)

	mu   sync.Mutex
	done map[string]found // by folder
}

type found struct {
	config *Config
	err    error
}

// For returns the configuration of the absolute folder dir: that of the nearest file above it, up to the root of the
// repository. It is never nil if err is. Errors are those of Parse and of the file system.
func (f *Finder) For(dir string) (*Config, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil {
		f.done = map[string]found{}
	}
	if f.All != "" {
		dir = filepath.Dir(f.All)
	}
	return f.find(dir)
}

func (f *Finder) find(dir string) (*Config, error) {
	if x, ok := f.done[dir]; ok {
		return x.config, x.err
	}
	c, err := f.look(dir)
	f.done[dir] = found{c, err}
	return c, err
}

func (f *Finder) look(dir string) (*Config, error) {
	file := filepath.Join(dir, Name)
	if f.All != "" {
		file = f.All
	}
	text, err := f.read(file)
	switch {
	case err == nil:
		show := file
		if f.Show != nil {
			show = f.Show(file)
		}
		c, err := Parse(show, string(text))
		if err == nil {
			c.Path, c.Folder = file, filepath.ToSlash(dir)
		}
		return c, err
	case f.All != "" || !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if parent := filepath.Dir(dir); parent != dir && !f.exists(filepath.Join(dir, ".git")) {
		return f.find(parent)
	}
	return &Config{Folder: filepath.ToSlash(dir)}, nil
}

func (f *Finder) read(file string) ([]byte, error) {
	if f.ReadFile != nil {
		return f.ReadFile(file)
	}
	return os.ReadFile(file)
}

func (f *Finder) exists(path string) bool {
	stat := f.Stat
	if stat == nil {
		stat = os.Lstat
	}
	_, err := stat(path)
	return err == nil
}

// Rel returns a file's path relative to the folder of the configuration, as its patterns want it.
func (c *Config) Rel(file string) string {
	rel, err := filepath.Rel(filepath.FromSlash(c.Folder), file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}
