package yamlfile

import (
	"strings"

	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
)

// Parse reads the first document of f. The tree is never nil, and usable whatever the findings; if the text could not
// be read at all (a limit was passed, or it is no text) its Root is nil. Findings are errors with codes 1xxx, in the order
// in which they were met.
func Parse(f *source.File) (*syntax.File, diag.List) {
	p := &parser{file: f}
	text := f.Text()
	out := &syntax.File{Source: f, End: int32(len(text))}
	if !p.sane() {
		return out, p.findings
	}
	start, end, marked := document(text)
	p.src = text[:end]
	p.hasCR = strings.IndexByte(p.src, '\r') >= 0
	p.pos, p.lineStart = start, start
	p.keyStart = -1
	if n := strings.Count(p.src, "#"); n > 0 {
		p.comments = make([]syntax.Comment, 0, min(n, 1024))
	}
	if marked {
		p.directives(start)
	}
	root := p.document(marked)
	if p.stopped {
		return out, p.findings
	}
	p.expansion(root)
	if p.stopped {
		return out, p.findings
	}
	out.Root, out.Comments, out.End, out.Conflicted = root, p.comments, int32(end), p.conflicted
	if end == len(text) && p.simple() {
		out.Memory = p.remember(root)
	}
	return out, p.findings
}

// A parser reads one document.
type parser struct {
	file *source.File
	src  string // the text up to the end of the first document

	// Where reading is; see saved.
	pos       int // where it goes on
	lineStart int // start of the line that holds pos
	col       int // indentation that counts for the content at pos; see skip
	comments  []syntax.Comment
	attached  int             // comments before this index hang on a node already, or lead nothing
	tail      *syntax.Comment // the comment behind the leaf that was read last; see takeTail
	depth     int
	nodes     int
	findings  diag.List
	open      []level // the block collections around pos
	entries   []syntax.Entry
	items     []syntax.Item

	// What is known of the text.
	hasCR      bool                   // it holds a carriage return somewhere
	aliases    bool                   // it holds an alias
	conflicted bool                   // it holds a conflict marker
	stopped    bool                   // a limit was passed
	handles    map[string]bool        // "!name!" as tags may begin, by directives
	anchors    map[string]syntax.Node // nil for one whose value is being read
	promised   int                    // anchors that were met
	reports    int                    // findings met, also those that were dropped
	keyStart   int                    // the place plainKey was asked for last
	keyColon   int                    // and what it found; -1 for nothing

	// Flow collections; see flow.
	trying   bool   // one is tried out: nothing is reported
	oneLine  bool   // it must not go on in the next line
	failed   bool   // it is wrong
	tolerant bool   // one that is wrong is read as far as it makes sense
	quiet    bool   // it gave a finding; more are dropped
	cut      bool   // it ended before its closing bracket
	flowing  int    // how many are around pos
	brackets []byte // what closes them, from the outermost on

	// What went wrong; see recover.go.
	tabs       bool    // the line before was indented with a tab
	tabFits    bool    // an open collection has just that indentation
	tabFinding int     // index of the finding about these lines; -1 if there is none
	lastList   cutList // the block list that was read last below a key

	goal *goal // where reading stops; nil for the end of the text

	// Memory of the tree.
	build     builder // of the scalar that is being read
	scalars   slab[syntax.Scalar]
	mappings  slab[syntax.Mapping]
	sequences slab[syntax.Sequence]
	entrySlab slab[syntax.Entry]
	itemSlab  slab[syntax.Item]
	segments  slab[syntax.Segment]
}

// A level is an open block collection: where its entries stand, and whether it is a sequence.
type level struct {
	col      int
	sequence bool
	tabs     int // bytes of indentation of its first line, if there is a tab among them
}

// directives reads the lines that begin with "%" in front of the document, and reports those that are no directives (YAML
// 1.2, section 6.8).
func (p *parser) directives(start int) {
	seen := map[string]bool{}
	for i := len(p.src) - len(strings.TrimPrefix(p.src, source.BOM)); i < start; i = next(p.src, i) {
		if p.src[i] != '%' {
			continue
		}
		line, _, _ := strings.Cut(p.src[i:p.eol(i)], " #")
		words := strings.Fields(line)
		wrong, key := "", words[0]
		switch {
		case words[0] == "%":
			wrong = "could not find expected directive name"
		case words[0] == "%YAML" && len(words) != 2, words[0] == "%YAML" && strings.Trim(words[1], "0123456789.") != "":
			wrong = "did not find expected version number"
		case words[0] == "%YAML" && words[1] != "1.1" && words[1] != "1.2":
			wrong = "found incompatible YAML document"
		case words[0] == "%YAML":
		case words[0] != "%TAG":
			wrong = "found unknown directive name"
		case len(words) != 3:
			wrong = "did not find expected whitespace"
		case words[1][0] != '!' || words[1][len(words[1])-1] != '!':
			wrong = "did not find expected '!'"
		default:
			key += words[1]
			if p.handles == nil {
				p.handles = map[string]bool{}
			}
			p.handles[words[1]] = true
		}
		if wrong == "" && seen[key] {
			wrong = "found duplicate " + words[0] + " directive"
		}
		seen[key] = true
		if wrong != "" {
			p.report(diag.SyntaxError, p.lineSpan(i), "this is no directive of YAML").Original = wrong
		}
	}
}

// document returns where the content of the first document starts and where it ends: at the next document marker, or at
// the end of the text. marked says that it starts behind "---". Directives before that are skipped; without the marker
// they are none.
func document(text string) (start, end int, marked bool) {
	if strings.HasPrefix(text, source.BOM) {
		start = len(source.BOM)
	}
	for i := start; i < len(text); i = next(text, i) {
		line := text[i:]
		if marker(line, "---") {
			i += len("---")
			return i, docEnd(text, i), true
		}
		if line[0] != '%' && line[0] != '#' && !blankLine(line) {
			break
		}
	}
	return start, docEnd(text, start), false
}

// docEnd returns the offset of the first document marker at a line start behind from, else the length of text.
func docEnd(text string, from int) int {
	end := len(text)
	for _, mark := range []string{"---", "..."} {
		for i := from; ; {
			n := strings.Index(text[i:end], mark)
			if n < 0 {
				break
			}
			i += n
			if (i == 0 || text[i-1] == '\n' || text[i-1] == '\r' || i == len(source.BOM) && from == i) && marker(text[i:], mark) {
				end = i
				break
			}
			i++
		}
	}
	return end
}

func marker(line, mark string) bool {
	return strings.HasPrefix(line, mark) && (len(line) == len(mark) || blankOrBreak(line[len(mark)]))
}

func blankLine(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ', '\t':
		case '\n', '\r', '#':
			return true
		default:
			return false
		}
	}
	return true
}

func next(text string, i int) int {
	n := strings.IndexAny(text[i:], "\r\n")
	if n < 0 {
		return len(text)
	}
	i += n
	if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
		i++
	}
	return i + 1
}

// document reads the root value. What is left behind it is reported once.
func (p *parser) document(marked bool) syntax.Node {
	if marked {
		p.inlineStart()
	} else {
		p.skip()
	}
	if p.pos >= len(p.src) {
		return nil
	}
	root := p.node(-1, false, nil)
	tail := p.takeTail()
	p.skip()
	if p.pos < len(p.src) && !p.stopped {
		p.report(diag.UnexpectedText, p.lineSpan(p.pos), "this stands behind the end of the value").
			Hint = "a plan is one mapping of fields"
	}
	p.foot(root, tail)
	return root
}

// foot hangs tail and the comments behind the last entry on the root.
func (p *parser) foot(root syntax.Node, tail *syntax.Comment) {
	var left []syntax.Comment
	if tail != nil {
		left = append(left, *tail)
	}
	left = append(left, p.comments[p.attached:]...)
	switch n := root.(type) {
	case *syntax.Mapping:
		n.Foot = append(n.Foot, left...)
	case *syntax.Sequence:
		n.Foot = append(n.Foot, left...)
	}
	p.attached = len(p.comments)
}
