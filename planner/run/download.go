package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"escape.build/escape/lang/release"
)

// downloads makes the downloads of a stage, one after the other. A file is complete or not there: it is fetched to a
// temporary name first, and only a good answer of the server counts.
func (u *unit) downloads(ctx context.Context) error {
	for _, d := range u.m.Downloads {
		if !d.InScope(string(u.stage)) {
			continue
		}
		if u.interrupted() {
			return ErrInterrupted
		}
		if err := u.download(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) download(ctx context.Context, d *release.Download) error {
	dest := d.Dest
	if !filepath.IsAbs(dest) {
		dest = filepath.Join(u.dir, dest)
	}
	skip, err := u.skipDownload(d, dest)
	if skip || err != nil {
		return err
	}
	u.log("download.start", map[string]string{"URL": d.URL, "dest": d.Dest})
	if err := u.fetch(ctx, d, dest); err != nil {
		return err
	}
	u.log("download.finished", map[string]string{"URL": d.URL})
	if !d.Unpack {
		return nil
	}
	u.log("download.unpack", map[string]string{"dest": d.Dest})
	if err := unpack(dest); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			// Or the next run would find the file and leave it as it is.
			_ = os.Remove(dest)
		}
		return errors.New(strings.ReplaceAll(err.Error(), dest, d.Dest))
	}
	u.log("download.unpack_finished", map[string]string{"file": d.Dest})
	return nil
}

// skipDownload applies the rules in their order and reports why nothing has to be fetched.
func (u *unit) skipDownload(d *release.Download, dest string) (bool, error) {
	if _, err := os.Lstat(dest); err == nil && !d.Overwrite {
		u.log("download.skip_overwrite", map[string]string{"URL": d.URL, "dest": d.Dest})
		return true, nil
	}
	for _, pattern := range d.IfNotExists {
		full := pattern
		if !filepath.IsAbs(full) {
			full = filepath.Join(escapeGlob(u.dir), full)
		}
		found, err := filepath.Glob(full)
		if err != nil {
			u.warn(fmt.Sprintf("ignoring pattern error: %v", err))
			continue
		}
		if len(found) > 0 {
			name := found[0]
			if rel, err := filepath.Rel(u.dir, name); err == nil && !filepath.IsAbs(pattern) {
				name = rel
			}
			u.log("download.skip_overwrite", map[string]string{"URL": d.URL, "dest": name})
			return true, nil
		}
	}
	if d.Platform != "" && d.Platform != runtime.GOOS {
		u.log("download.skip_platform", map[string]string{"URL": d.URL, "platform": d.Platform, "actual": runtime.GOOS})
		return true, nil
	}
	if d.Arch != "" && d.Arch != runtime.GOARCH {
		u.log("download.skip_arch", map[string]string{"URL": d.URL, "arch": d.Arch, "actual": runtime.GOARCH})
		return true, nil
	}
	return false, nil
}

// escapeGlob keeps the special characters of a directory from being part of a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// fetch gets a URL into a file.
func (u *unit) fetch(ctx context.Context, d *release.Download, dest string) error {
	ctx, cancel := u.run.interruptible(ctx)
	defer cancel()
	failed := func(err error) error {
		if u.interrupted() {
			return ErrInterrupted
		}
		return fmt.Errorf("Couldn't download '%s': %w", d.URL, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL, nil)
	if err != nil {
		return failed(err)
	}
	client := u.run.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return failed(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return failed(fmt.Errorf("the server answered %s", resp.Status))
	}
	if err := os.MkdirAll(filepath.Dir(dest), 0o755); err != nil {
		return fmt.Errorf("Couldn't open download destination '%s': %w", d.Dest, err)
	}
	temp, err := os.CreateTemp(filepath.Dir(dest), ".escape-download")
	if err != nil {
		return fmt.Errorf("Couldn't open download destination '%s': %w", d.Dest, err)
	}
	defer os.Remove(temp.Name()) // fails after the rename, as it should
	n, err := io.Copy(temp, resp.Body)
	if err == nil && resp.ContentLength >= 0 && n != resp.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = temp.Chmod(0o644)
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return failed(err)
	}
	if err := os.Rename(temp.Name(), dest); err != nil {
		return fmt.Errorf("Couldn't open download destination '%s': %w", d.Dest, err)
	}
	return nil
}
