package script

import (
	"sort"
	"strings"

	"escape.build/escape/lang/source"
)

// A lexis says how a language writes comments and strings, as far as one must know it to tell them apart.
type lexis struct {
	line   []string    // starts of comments that end with the line
	block  [][2]string // other comments
	quotes string      // characters that begin a string and end it
	long   []string    // quotes that may hold line breaks
}

var lexes = map[Lang]lexis{
	Shell:      {line: []string{"#"}, quotes: "'\"", long: []string{"'", `"`}},
	Python:     {line: []string{"#"}, quotes: "'\"", long: []string{`"""`, "'''"}},
	Ruby:       {line: []string{"#"}, block: [][2]string{{"\n=begin", "\n=end"}}, quotes: "'\"", long: []string{"'", `"`}},
	JavaScript: {line: []string{"//"}, block: [][2]string{{"/*", "*/"}}, quotes: "'\"", long: []string{"`"}},
	Perl:       {line: []string{"#"}, block: [][2]string{{"\n=pod", "\n=cut"}, {"\n=head", "\n=cut"}}, quotes: "'\"", long: []string{"'", `"`}},
	PowerShell: {line: []string{"#"}, block: [][2]string{{"<#", "#>"}}, quotes: "'\"", long: []string{"'", `"`}},
	Go:         {line: []string{"//"}, block: [][2]string{{"/*", "*/"}}, quotes: "'\"", long: []string{"`"}},
	Make:       {line: []string{"#"}},
	Data:       {},
	Unknown:    {line: []string{"#"}},
}

// commentsOf finds the comments of a text by its lexis.
func commentsOf(text string, x lexis) (spans []source.Span) {
	skip := func(from int, end string) int {
		if n := strings.Index(text[from:], end); n >= 0 {
			return from + n + len(end)
		}
		return len(text)
	}
	comment := func(from, to int) {
		spans = append(spans, source.Span{Start: int32(from), End: int32(to)})
	}
next:
	for i := 0; i < len(text); {
		for _, q := range x.long {
			if strings.HasPrefix(text[i:], q) {
				i = stringEnd(text, i+len(q), q, true)
				continue next
			}
		}
		for _, b := range x.block {
			if strings.HasPrefix(text[i:], b[0]) {
				end := skip(i+len(b[0]), b[1])
				comment(i, end)
				i = end
				continue next
			}
		}
		for _, l := range x.line {
			if !strings.HasPrefix(text[i:], l) {
				continue
			}
			if l == "#" && i > 0 && strings.IndexByte(" \t\n;({)}", text[i-1]) < 0 || l == "//" && i > 0 && text[i-1] == ':' {
				continue // "$#", "${x#y}", "http://"
			}
			end := lineEnd(text, i)
			comment(i, end)
			i = end
			continue next
		}
		if strings.IndexByte(x.quotes, text[i]) >= 0 {
			i = stringEnd(text, i+1, text[i:i+1], false)
			continue
		}
		i++
	}
	return spans
}

// stringEnd returns where the string that goes on at i ends. A short one ends with its line at the latest.
func stringEnd(text string, i int, quote string, long bool) int {
	for i < len(text) {
		switch {
		case text[i] == '\\':
			i += 2
		case text[i] == '\n' && !long:
			return i
		case strings.HasPrefix(text[i:], quote):
			return i + len(quote)
		default:
			i++
		}
	}
	return len(text)
}

func lineEnd(text string, i int) int {
	if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(text)
}

// within reports whether an offset lies in one of the sorted spans.
func within(spans []source.Span, off int) bool {
	i := sort.Search(len(spans), func(i int) bool { return int(spans[i].End) > off })
	return i < len(spans) && int(spans[i].Start) <= off
}

// foreign looks through a part of the text that is no shell script, or none that can be parsed.
func (r *reader) foreign(from, to int, lang Lang) {
	part := r.text[from:to]
	if lang == GoTemplate {
		r.goTemplate(from, to)
		return
	}
	r.s.Computed = r.s.Computed || lang != Data && lang != Unknown && computed(part)
	if strings.Contains(part, "PUT_") {
		comments := commentsOf(part, lexes[lang])
		names(part, func(start, end int) {
			if !within(comments, start) {
				r.name(part, from, start, end, lang)
			}
		})
	}
	for _, word := range wholesale[lang] {
		for i := 0; ; {
			n := strings.Index(part[i:], word)
			if n < 0 {
				break
			}
			i += n + len(word)
			if isWhole(part, i) && !asked(part[:i-len(word)]) {
				r.dynamic(from+i-len(word), from+i)
			}
		}
	}
}

// wholesale are texts behind which a language may do anything with the whole environment.
var wholesale = map[Lang][]string{
	Python:     {"environ"},
	Ruby:       {"ENV", "Process.env"},
	JavaScript: {"process.env", "Deno.env", "Bun.env", "import.meta.env"},
	Perl:       {"%ENV", "%$ENV"},
	PowerShell: {"Env:", "env:", "GetEnvironmentVariables"},
	Go:         {"os.Environ", "syscall.Environ"},
	Make:       {".VARIABLES"},
}

// asked reports whether a text ends in '"NAME" in os.': a question about one name.
func asked(before string) bool {
	before, ok := strings.CutSuffix(strings.TrimRight(strings.TrimSuffix(before, "os."), " "), "in")
	before = strings.TrimSuffix(strings.TrimRight(before, " "), "not")
	before = strings.TrimRight(before, " ")
	return ok && before != "" && strings.IndexByte("\"'", before[len(before)-1]) >= 0
}

// isWhole reports whether the environment, which was named before i, is used otherwise than by one name.
func isWhole(text string, i int) bool {
	rest := strings.TrimLeft(text[i:], " \t")
	switch {
	case rest == "":
		return true
	case rest[0] == '[':
		rest = strings.TrimLeft(rest[1:], " \t")
		return rest == "" || strings.IndexByte("\"'`", rest[0]) < 0
	case rest[0] == '.' || rest[0] == '?' || rest[0] == '&':
		rest = strings.TrimLeft(rest, "?.&")
		for _, method := range []string{"get(", "fetch(", "setdefault(", "pop(", "key?(", "has_key?(", "delete(", "include?(", "dig(", "has(", "set("} {
			if after, ok := strings.CutPrefix(rest, method); ok {
				after = strings.TrimLeft(after, " \t\n")
				return after == "" || strings.IndexByte("\"'`", after[0]) < 0
			}
		}
		return !isWord(rest, 0) || strings.HasPrefix(rest, "copy") || strings.HasPrefix(rest, "items") || strings.HasPrefix(rest, "keys") ||
			strings.HasPrefix(rest, "values") || strings.HasPrefix(rest, "each") || strings.HasPrefix(rest, "to_h") ||
			strings.HasPrefix(rest, "select") || strings.HasPrefix(rest, "toObject") || strings.HasPrefix(rest, "map") || strings.HasPrefix(rest, "filter")
	}
	return !isWord(rest, 0)
}

func isWord(text string, i int) bool {
	if i < 0 || i >= len(text) {
		return false
	}
	c := text[i]
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// names calls fn with each name in text that begins with INPUT_ or OUTPUT_; it may end there, too.
func names(text string, fn func(start, end int)) {
	for i := 0; ; {
		n := strings.Index(text[i:], "PUT_")
		if n < 0 {
			return
		}
		at := i + n
		end := at + len("PUT_")
		i = end
		start := at
		switch {
		case strings.HasSuffix(text[:at], "IN"):
			start -= 2
		case strings.HasSuffix(text[:at], "OUT"):
			start -= 3
		default:
			continue
		}
		if isWord(text, start-1) {
			continue
		}
		for isWord(text, end) {
			end++
		}
		i = end
		fn(start, end)
	}
}

// name records what the name at start of part, which begins at an offset of the file, is in a language.
func (r *reader) name(part string, from, start, end int, lang Lang) {
	name, before, rest := part[start:end], part[:start], part[end:]
	id := name[strings.IndexByte(name, '_')+1:]
	if id == "" || strings.HasSuffix(id, "_") || !isLetter(id[0]) || goesOn(before, rest) {
		r.dynamic(from+start, from+end) // put together, or a pattern
		return
	}
	how, guarded := Mentioned, false
	switch lang {
	case Shell, Data, Make, Unknown:
		how, guarded = expanded(before, rest, lang)
	default:
		how, guarded = accessed(part, start, end, lang)
	}
	r.use(name, from+start, how, guarded)
}

// expanded returns what the name between two texts is where variables are written like those of a shell.
func expanded(before, rest string, lang Lang) (how How, guarded bool) {
	switch {
	case strings.HasSuffix(before, "${") || strings.HasSuffix(before, "$(") && lang == Make:
		return Read, rest != "" && strings.IndexByte(":-+?=", rest[0]) >= 0
	case strings.HasSuffix(before, "$"), strings.HasSuffix(before, "%") && strings.HasPrefix(rest, "%"):
		return Read, false
	case lang != Data && isAssignment(before, strings.TrimLeft(rest, " \t"), lang):
		return Assigned, false
	}
	return Mentioned, false
}

// How far accessed looks: in front of a name and behind it.
const (
	maxBefore = 64
	maxBehind = 300
)

var (
	// getter finds, in front of a name in quotes, what reads the environment or changes it.
	getter = matcher(`(?:environ|\bENV|\benv|\bEnv)\s*(?:[?&]?\.\s*(?:\w+[?!]?\s*)?)?[\[({]\s*$|\bENV\.(?:fetch|key\?)\s+$|` +
		`(?i:getenv|lookupenv|setenv|putenv|environmentvariable|delenv)\s*\(\s*$|\bENVIRON\[$|Test-Path\s+$`)
	// bareGetter does so for names without quotes.
	bareGetter = matcher(`\$ENV\{\s*$|\benv[?!]?\.$|[eE]nv:$`)
	// setter finds what gives a variable a value, or takes it away.
	setter = matcher(`(?i:setenv|putenv|setenvironmentvariable|delenv|setdefault|\.set|\.delete)\s*\(\s*["'` + "`" + `]?$`)
	// asker finds what asks whether there is a value.
	asker = matcher(`(?i:lookupenv|key\?|include\?|\.has)\s*\(\s*["'` + "`" + `]?$|(?:exists|defined)[\s(]+\$ENV\{\s*["']?$|Test-Path\s.*$`)
	// condition finds what takes the whole value for a condition.
	condition = matcher(`(?:\b(?:if|elif|elsif|unless|not|bool)\b|!|&&)[\s(!]*(?:\w+\s*:=\s*)?[\w.$?]*[\[({]?\s*["'` + "`" + `]?$`)
	// otherwise finds, behind a use, what says what happens without a value.
	otherwise = matcher(`^(?:\|\||\?|&\.|//|\{|or\s|do\s|\.(?:nil|blank|present|empty)\?|\.(?:presence|to_s|to_i)\b|is\s+(?:not\s+)?None\b|` +
		`[!=]==?\s*(?:None|nil|null|["']?undefined|""|'')|-eq\s+\$null|-ne\s+\$null)`)
	// membership finds the question whether a variable is one of the environment.
	membership = matcher(`^(?:not\s+)?in\s+(?:os\.)?(?:environ|process\.env|env)\b`)
	// destructured finds the end of a pattern of JavaScript that takes the environment apart.
	destructured = matcher(`^[^{};]*\}\s*=\s*(?:process|Bun|import\.meta)\.env\s*(?:[;,\n]|$)`)
)

// accessed returns what the name at start of text is in a language that reads the environment by functions or as a map.
func accessed(text string, start, end int, lang Lang) (how How, guarded bool) {
	before, rest := text[max(0, start-maxBefore):start], text[end:min(len(text), end+maxBehind)]
	quoted := before != "" && rest != "" && before[len(before)-1] == rest[0] && strings.IndexByte("\"'`", rest[0]) >= 0
	if quoted {
		before, rest = before[:len(before)-1], rest[1:]
	}
	next := strings.TrimLeft(rest, " \t")
	switch {
	case lang == JavaScript && !quoted && destructured(rest):
		value, _, _ := strings.Cut(next, "}")
		value, _, _ = strings.Cut(value, ",")
		return Read, strings.Contains(value, "=")
	case isKey(before, next, quoted, lang), strings.HasSuffix(before, "delete process.env."):
		return Assigned, false // mostly of an environment for others
	case quoted && membership(next):
		return Read, true
	case quoted && getter(before), bareGetter(before), !quoted && lang == PowerShell && strings.HasSuffix(before, "env:"):
	default:
		return Mentioned, false
	}
	inCall := strings.HasSuffix(strings.TrimRight(before, " \t\n"), "(") && strings.HasPrefix(next, ",")
	next = strings.TrimLeft(strings.TrimLeft(next, ")]}"), " \t")
	isSet := strings.HasPrefix(next, "=") && !strings.HasPrefix(next, "==") && !strings.HasPrefix(next, "=~") && !strings.HasPrefix(next, "=>")
	switch {
	case isSet, setter(before):
		return Assigned, false
	case inCall, asker(before), otherwise(next):
		return Read, true
	case condition(before) && (next == "" || strings.IndexByte(":\r\n{)&|;#", next[0]) >= 0 || strings.HasPrefix(next, "and ") || strings.HasPrefix(next, "then") || strings.HasPrefix(next, "else ")):
		return Read, true
	}
	return Read, (lang == Python || lang == Ruby) && strings.Contains(rest, "KeyError")
}

// isKey reports whether a name is a key of a map that is written there, or the name of an argument.
func isKey(before, next string, quoted bool, lang Lang) bool {
	before = strings.TrimRight(before, " \t\r\n")
	if before == "" || before[len(before)-1] != '{' && before[len(before)-1] != ',' && before[len(before)-1] != '(' {
		return false
	}
	switch lang {
	case Python:
		return quoted && strings.HasPrefix(next, ":") || !quoted && strings.HasPrefix(next, "=") && !strings.HasPrefix(next, "==")
	case JavaScript:
		return strings.HasPrefix(next, ":")
	case Ruby:
		return strings.HasPrefix(next, ":") || strings.HasPrefix(next, "=>")
	case Perl:
		return strings.HasPrefix(next, "=>")
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// goesOn reports whether a name goes on behind its letters in a way that only the script knows.
func goesOn(before, rest string) bool {
	switch {
	case rest == "":
		return false
	case rest[0] == '*' || rest[0] == '{' || rest[0] == '$' && !strings.HasSuffix(before, "$"):
		return true
	}
	return strings.HasPrefix(rest, "%s") || strings.HasPrefix(rest, "#{") || strings.HasPrefix(rest, ".*")
}

// maxBack is how far isAssignment looks back for the start of a line.
const maxBack = 100

// isAssignment reports whether a bare name at the start of a command is assigned.
func isAssignment(before, next string, lang Lang) bool {
	line := before[max(0, len(before)-maxBack):]
	line = strings.TrimLeft(line[strings.LastIndexAny(line, "\n;")+1:], " \t")
	for _, word := range []string{"export ", "local ", "readonly ", "declare ", "override "} {
		line = strings.TrimPrefix(line, word)
	}
	if line != "" {
		return false
	}
	if lang == Make {
		next = strings.TrimLeft(next, ":?+!")
	}
	return strings.HasPrefix(next, "=") || strings.HasPrefix(next, "+=")
}
