package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"escape.build/escape/lang"
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/lint"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// How much of a file is read at most: a device that never ends must not fill the memory, and a plan is no place for data.
const (
	maxRead = 256 << 20
	maxPlan = 32 << 20
)

// readPlan reads the text of a plan. Errors are the original's, and call the file as the user did.
func (a *app) readPlan(path string) (*source.File, error) {
	path, err := a.planPath(path)
	if err != nil {
		return nil, err
	}
	return a.readNamed(path)
}

// readNamed reads the text of a plan in a file of exactly this name.
func (a *app) readNamed(path string) (*source.File, error) {
	text, err := readLimited(a.env.abs(path), maxPlan)
	switch {
	case path == "" || errors.Is(err, fs.ErrNotExist):
		return nil, &noPlanError{path}
	case err != nil:
		return nil, fmt.Errorf("Couldn't read Escape plan '%s': %w", path, bare(err))
	}
	return source.NewFile(path, string(text)), nil
}

// errNoPlan is what the error for a plan that is not there is.
var errNoPlan = errors.New("no plan")

type noPlanError struct{ path string }

func (e *noPlanError) Error() string {
	return fmt.Sprintf("Escape plan '%s' was not found. Use 'escape plan init' to create it.", e.path)
}
func (e *noPlanError) Is(target error) bool { return target == errNoPlan }

// orRelease adds to the error that there is no plan which command works on a release instead.
func orRelease(err error, command string) error {
	if !errors.Is(err, errNoPlan) {
		return err
	}
	return &reported{err: err, detail: fmt.Sprintf("  '%s' needs no plan\n", command)}
}

// readLimited reads a file; it fails if that has more than limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() <= limit {
		text := make([]byte, info.Size()+1) // as a rule all of it in one go
		n, err := io.ReadFull(f, text)
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return text[:n], nil
		case err != nil:
			return nil, err
		}
		r = io.MultiReader(bytes.NewReader(text), f) // it grows
	}
	return readAll(r, limit)
}

// pipePatience is how long to wait until somebody writes to a named pipe.
const pipePatience = time.Second

// open opens a file for reading. A named pipe cannot be opened before somebody writes to it, which may never happen.
func open(path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return os.Open(path)
	}
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() { // ends when the pipe is opened; if it never is, with the process
		f, err := os.Open(path)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-time.After(pipePatience):
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("nobody writes to this pipe")}
	}
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	var text bytes.Buffer
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() <= limit {
			text.Grow(int(info.Size()) + bytes.MinRead) // read at once
		}
	}
	_, err := text.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(text.Len()) > limit {
		err = fmt.Errorf("it is larger than %d MB", limit>>20)
	}
	return text.Bytes(), err
}

// loadPlan reads and analyzes a plan in the working directory. Text that is no YAML, and values of another form than
// their fields have, are errors: such a plan cannot be worked with at all. Other findings are left to the caller; nothing is
// known of other packages yet.
func (a *app) loadPlan(path string) (*lang.Analysis, error) {
	src, err := a.readPlan(path)
	if err != nil {
		return nil, err
	}
	an := lang.Analyze(src, lang.Options{Env: lang.Folder(a.env.Dir)})
	var unreadable diag.List
	for _, d := range an.Findings {
		if d.Code.IsText() || strings.HasPrefix(d.Original, "yaml: ") {
			unreadable = append(unreadable, d)
		}
	}
	if err := parseError(src.Name(), unreadable); err != nil {
		return nil, err
	}
	if err := shapeError(src.Name(), an.Findings); err != nil {
		return nil, err
	}
	return an, nil
}

// analyze finds what is wrong with a plan whose folder is dir. Packages that are at hand are known.
func analyze(src *source.File, dir string, packages *atHand) *lang.Analysis {
	opts := packages.options(src, dir)
	opts.Lint = lint.FromChecker
	return lang.Analyze(src, opts)
}

// parseError returns the error for a text that is no YAML, or nil if there is none among the findings.
func parseError(path string, list diag.List) error {
	list = errorsOf(list)
	if len(list) == 0 {
		return nil
	}
	d := list[0]
	text := d.Original
	switch {
	case syntax.NotationOf(path) == syntax.HCL:
		text = fmt.Sprintf("hcl: line %d: %s", d.File.LineOf(int(d.Span.Start)), d.Message)
	case text == "":
		text = d.Message
	case !strings.HasPrefix(text, "yaml: "):
		text = fmt.Sprintf("yaml: line %d: %s", d.File.LineOf(int(d.Span.Start)), text)
	}
	e := finding(d)
	e.err = fmt.Errorf("Couldn't parse Escape plan '%s': %s", path, text)
	e.detail += diag.Sprint(list[1:])
	return e
}

// shapeError returns the error for values that do not have the form of their field, all of them in one message, or nil.
func shapeError(path string, list diag.List) error {
	var first *reported
	text := ""
	for _, d := range errorsOf(list) {
		if !strings.HasPrefix(d.Original, "line ") {
			continue
		}
		text += "\n  " + d.Original
		if first == nil {
			first = finding(d)
		} else {
			first.detail += diag.Sprint(diag.List{d})
		}
	}
	if first == nil {
		return nil
	}
	first.err = fmt.Errorf("Couldn't parse Escape plan '%s': %s: unmarshal errors:%s", path, strings.ToLower(syntax.NotationOf(path).String()), text)
	return first
}

// errorsOf returns the errors of a list in order.
func errorsOf(list diag.List) diag.List {
	var errs diag.List
	for _, d := range list.Sort() {
		if d.Severity == diag.Error {
			errs = append(errs, d)
		}
	}
	return errs
}

// finding makes an error of a finding: its message, in the words of the original where they differ, and below it the
// place, the snippet, and what else is known.
func finding(d diag.Diagnostic) *reported {
	text, note := d.Message, ""
	if d.Original != "" {
		text, note = d.Original, d.Message
		if added, ok := strings.CutPrefix(note, strings.TrimSuffix(text, ".")); ok { // the message only adds to it
			note = strings.TrimLeft(added, ".; ")
		}
	}
	values := map[string]string{"code": string(d.Code.Code)}
	place := ""
	if d.File != nil {
		pos := d.File.Position(int(d.Span.Start))
		place = fmt.Sprintf("%s:%d:%d", d.File.Name(), pos.Line, pos.Column)
		values["place"] = place
	}
	// Of the printed form everything stays but the message, which is the error itself.
	printed := diag.Sprint(diag.List{d})
	for range 1 + strings.Count(d.Message, "\n") {
		_, printed, _ = strings.Cut(printed, "\n")
	}
	detail := fmt.Sprintf("  see: escape explain %s\n", d.Code.Code)
	if place != "" {
		detail = fmt.Sprintf("  %s [%s]\n", place, d.Code.Code)
	}
	if note != "" {
		detail += fmt.Sprintf("    = %s\n", strings.ReplaceAll(note, "\n", "\n      "))
	}
	return &reported{err: errors.New(text), detail: detail + printed, values: values}
}

// findingErrors makes errors of the errors in a list, in order and not more than anybody reads; nil if there are none.
func findingErrors(list diag.List) error {
	var all []error
	for _, d := range lang.Limit(errorsOf(list)) {
		all = append(all, finding(d))
	}
	return errors.Join(all...)
}
