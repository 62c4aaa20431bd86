package redact

import "io"

// A Writer masks secrets in a stream, also where they lie across the borders of writes. It passes text on as soon as it
// cannot be the beginning of a secret any more, and holds back at most the length of the longest form of one.
type Writer struct {
	r    *Redactor
	w    io.Writer
	held []byte
	scan scan
	err  error
}

// Writer returns a Writer that passes masked text on to w. It must be closed, or flushed, at the end of the text.
func (r *Redactor) Writer(w io.Writer) *Writer { return &Writer{r: r, w: w} }

// Write takes p. It reports all of p as written unless the underlying writer failed.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if !w.r.Active() {
		return w.w.Write(p)
	}
	w.held = append(w.held, p...)
	if w.drain(false); w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// Flush passes everything on that is held back, as if the text ended here.
func (w *Writer) Flush() error {
	if w.err == nil && len(w.held) > 0 {
		w.drain(true)
	}
	return w.err
}

// Close flushes. It does not close the underlying writer.
func (w *Writer) Close() error { return w.Flush() }

func (w *Writer) drain(final bool) {
	w.scan.m, w.scan.text = w.r.m, string(w.held)
	var out []byte
	done := w.scan.run(final, func(piece string) { out = append(out, piece...) })
	w.held = append(w.held[:0], w.held[done:]...)
	w.scan.text = ""
	if len(out) > 0 {
		_, w.err = w.w.Write(out)
	}
}
