package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"escape.build/escape/eval"
	"escape.build/escape/lang/mustache"
	"escape.build/escape/lang/release"
)

// templates renders the templates of a stage, in the directory of the package.
func (u *unit) templates() error {
	for _, t := range u.m.Templates {
		if !t.InScope(string(u.stage)) {
			continue
		}
		if err := u.template(t); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) template(t *release.Template) error {
	failed := func(err error) error { return fmt.Errorf("Failed to compile template %s: %w", t.File, err) }
	switch {
	case t.Target == "":
		return errors.New("Can't run template. Template target has not been defined (empty 'target' key in Escape plan?)")
	case filepath.Clean(t.Target) == filepath.Clean(t.File):
		return failed(errors.New("its target is the template itself"))
	}
	text, err := eval.ReadFile(u.path(t.File))
	if err != nil {
		return failed(u.relative(err))
	}
	s := u.scope(nil)
	mapping := make(map[string]any, len(t.Mapping))
	for _, key := range sortedKeys(t.Mapping) {
		mapping[key] = t.Mapping[key]
		script, ok := t.Mapping[key].(string)
		if !ok {
			continue
		}
		value, secret, err := s.value(script)
		if err != nil {
			return failed(fmt.Errorf("Error in template '%s' mapping key '%s': Failed to evaluate '%s': %w", t.File, key, script, err))
		}
		if secret {
			u.secrets.add(value)
		}
		mapping[key] = value
	}
	dir := filepath.Dir(u.path(t.File))
	out, err := mustache.Render(string(text), mapping, func(name string) (string, bool) {
		if !filepath.IsLocal(name) {
			return "", false
		}
		for _, file := range mustache.PartialFiles(name) {
			if partial, err := eval.ReadFile(filepath.Join(dir, file)); err == nil {
				return string(partial), true
			}
		}
		return "", false
	})
	if err != nil {
		return failed(err)
	}
	if err := os.WriteFile(u.path(t.Target), []byte(out), 0o644); err != nil {
		failure := fmt.Errorf("Couldn't write output of template %s to %s: %w", t.File, t.Target, u.relative(err))
		if dir := filepath.Dir(t.Target); errors.Is(err, fs.ErrNotExist) {
			return &stepError{error: failure, details: []string{
				fmt.Sprintf("the folder %s does not exist; make it in the script of a pre step, which runs before the templates are written, or add it to the package", filepath.ToSlash(dir))}}
		}
		return failure
	}
	return nil
}

// relative shows the file of an error as the plan names it.
func (u *unit) relative(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		if rel, relErr := filepath.Rel(u.dir, pe.Path); relErr == nil && filepath.IsLocal(rel) {
			return &fs.PathError{Op: pe.Op, Path: rel, Err: pe.Err}
		}
	}
	return err
}
