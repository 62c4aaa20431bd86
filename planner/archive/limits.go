package archive

import (
	"fmt"
	"strings"
)

// Limits bound what an archive may hold, so that a small file cannot fill a disk. A field that is zero means the default of
// the same name.
type Limits struct {
	Size    int64 // bytes of all files together
	Entries int   // files, folders and links
	Ratio   int64 // unpacked bytes for each packed one
	Free    int64 // what anything may unpack to, however well it was compressed
	Path    int   // bytes of a name
	Depth   int   // folders inside each other
}

// The limits of the zero Limits. Pack keeps them too, so that what it makes can be unpacked.
const (
	DefaultSize    = 64 << 30
	DefaultEntries = 1_000_000
	DefaultRatio   = 200
	DefaultFree    = 256 << 20
	DefaultPath    = 2048
	DefaultDepth   = 128
	// maxPart is the longest name of a file or folder that file systems take.
	maxPart = 255
)

func (l Limits) orDefault() Limits {
	if l.Size == 0 {
		l.Size = DefaultSize
	}
	if l.Entries == 0 {
		l.Entries = DefaultEntries
	}
	if l.Ratio == 0 {
		l.Ratio = DefaultRatio
	}
	if l.Free == 0 {
		l.Free = DefaultFree
	}
	if l.Path == 0 {
		l.Path = DefaultPath
	}
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	return l
}

// A meter counts what an archive holds and says when that is too much.
type meter struct {
	Limits  // none is zero
	entries int
	size    int64
}

// entry counts an entry of a clean name.
func (m *meter) entry(name string) error {
	if m.entries++; m.entries > m.Entries {
		return fmt.Errorf("more than %d files", m.Entries)
	}
	if len(name) > m.Path {
		return fmt.Errorf("entry %s: a name of more than %d bytes", shown(name), m.Path)
	}
	depth := 0
	for part := range strings.SplitSeq(name, "/") {
		if depth++; depth > m.Depth {
			return fmt.Errorf("entry %s: more than %d folders inside each other", shown(name), m.Depth)
		}
		if len(part) > maxPart {
			return fmt.Errorf("entry %s: a part of its name has more than %d bytes", shown(name), maxPart)
		}
	}
	return nil
}

// left is how many bytes may still come.
func (m *meter) left() int64 { return m.Size - m.size }

func (m *meter) tooLarge() error { return fmt.Errorf("more than %d bytes", m.Size) }

// ratio compares what came out of the compressor with what went in.
func (m *meter) ratio(out, in int64) error {
	if out > m.Free && out/m.Ratio > in {
		return fmt.Errorf("it unpacks to more than %d times its size", m.Ratio)
	}
	return nil
}
