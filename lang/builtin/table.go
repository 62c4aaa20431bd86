package builtin

import (
	"slices"
	"strings"
	"sync"

	"escape.build/escape/lang/types"
)

var (
	str, integer, boolean = types.String, types.Int, types.Bool
	anyList, stringList   = types.List(types.Any), types.List(types.String)
)

func sameAsFirst(args []types.Type) types.Type { return args[0] }
func elemOfFirst(args []types.Type) types.Type { return args[0].Elem() }
func listLikeFirst(args []types.Type) types.Type {
	if args[0].Kind() == types.KindList {
		return args[0]
	}
	return anyList
}

// coreScript and coreUtil are where the original has the functions whose names show in its messages.
const (
	coreScript = "github.com/ankyra/escape-core/script."
	coreUtil   = "github.com/ankyra/escape-core/util."
)

// A tables is the rows in the order of their names, and what finds them.
type tables struct {
	rows  []*Builtin
	names []string
	index map[string]*Builtin
}

// all are the rows. Spec: language core, 1.7. They are made by the first use: most commands never evaluate anything.
var all = sync.OnceValue(func() tables {
	table := []*Builtin{
		{
			Name: "id", Recv: types.Any, ResultOf: sameAsFirst, Shape: true,
			Params:   []Param{{Name: "value", Type: types.Any, Doc: "Any value."}},
			Doc:      "Returns its argument. It is the way to start an expression from a literal, and to write a text that begins with a dollar sign.",
			Examples: []Example{{`$__id("$HOME")`, `"$HOME"`}, {`$__id(12.add(1))`, `13`}},
			impl:     identity,
		},
		{
			Name: "equals", Recv: types.Any, Result: boolean,
			Params:   []Param{{Name: "a", Type: types.Any, Doc: "Any value."}, {Name: "b", Type: types.Any, Doc: "Any value."}},
			Doc:      "Tells whether two values have the same type and content. Lists are compared element by element, maps key by key. Functions equal nothing.",
			Examples: []Example{{`$__equals("a", "a")`, `true`}, {`$__equals("1", 1)`, `false`}},
			impl:     equals,
		},
		{
			Name: "env_lookup", Recv: str, Result: types.Any,
			Params:    []Param{{Name: "name", Type: str, Doc: `Only "$" exists.`}},
			Doc:       `Looks up a name in the environment of the evaluator, which holds only "$": the map of all names.`,
			Examples:  []Example{{`$__env_lookup("$").this.name`, `"demo"`}},
			impl:      envLookup,
			typeError: typeIn("environment lookup"),
		},
		{
			Name: "concat", Recv: str, Result: str, Variadic: true,
			Params:    []Param{{Name: "parts", Type: str, Or: &integer, Doc: "Texts and integers."}},
			Doc:       "Joins texts. Integers are written in decimal.",
			Examples:  []Example{{`$__concat("v", $this.version)`, `"v1.2.3"`}, {`$__concat("a", 1, "b")`, `"a1b"`}, {`$__concat()`, `""`}},
			impl:      concat,
			typeError: typeConcat,
		},
		{
			Name: "lower", Shown: "strings.ToLower", Recv: str, Result: str,
			Params:   []Param{{Name: "text", Type: str, Doc: "Any text."}},
			Doc:      "Returns the text in lower case.",
			Examples: []Example{{`$__lower("ÅB")`, `"åb"`}},
			impl:     mapText(strings.ToLower),
		},
		{
			Name: "upper", Shown: "strings.ToUpper", Recv: str, Result: str,
			Params:   []Param{{Name: "text", Type: str, Doc: "Any text."}},
			Doc:      "Returns the text in upper case, letter by letter.",
			Examples: []Example{{`$__upper("straße")`, `"STRAßE"`}},
			impl:     mapText(strings.ToUpper),
		},
		{
			Name: "title", Shown: "strings.ToTitle", Recv: str, Result: str,
			Params:   []Param{{Name: "text", Type: str, Doc: "Any text."}},
			Doc:      "Returns the text with every letter in title case, which for most letters is upper case: not only the first letter of a word.",
			Examples: []Example{{`$__title("hello world")`, `"HELLO WORLD"`}},
			impl:     mapText(strings.ToTitle),
		},
		{
			Name: "split", Shown: "strings.Split", Recv: str, Result: stringList,
			Params: []Param{
				{Name: "text", Type: str, Doc: "Text to cut."},
				{Name: "separator", Type: str, Doc: "Where to cut. An empty one cuts between all characters."},
			},
			Doc:      "Cuts the text at every separator.",
			Examples: []Example{{`$__split("a,b", ",")`, `["a", "b"]`}, {`$__id("").split(",")`, `[""]`}},
			impl:     split,
		},
		{
			Name: "join", Shown: "strings.Join", Recv: stringList, Result: str,
			Params: []Param{
				{Name: "list", Type: stringList, Doc: "Texts to join."},
				{Name: "separator", Type: str, Doc: "Text between two elements."},
			},
			Doc:      "Joins the elements of a list.",
			Examples: []Example{{`$__split("a,b", ",").join("-")`, `"a-b"`}},
			impl:     join,
		},
		{
			Name: "replace", Shown: "strings.Replace", Recv: str, Result: str,
			Params: []Param{
				{Name: "text", Type: str, Doc: "Text to change."},
				{Name: "old", Type: str, Doc: "What to look for. An empty one is found before every character and at the end."},
				{Name: "new", Type: str, Doc: "What to put in its place."},
				{Name: "count", Type: integer, Doc: "How many times at most; -1 for all."},
			},
			Doc:      "Replaces the first occurrences of one text by another.",
			Examples: []Example{{`$__replace("a-b-c", "-", "_", -1)`, `"a_b_c"`}, {`$__replace("a-b-c", "-", "_", 1)`, `"a_b-c"`}},
			impl:     replace,
		},
		{
			Name: "trim", Shown: "strings.TrimSpace", Recv: str, Result: str,
			Params:   []Param{{Name: "text", Type: str, Doc: "Any text."}},
			Doc:      "Removes white space at both ends.",
			Examples: []Example{{`$__trim(" a\n")`, `"a"`}, {`$__read_file("VERSION").trim()`, `"1.2.3"`}},
			impl:     mapText(strings.TrimSpace),
		},
		{
			Name: "base64_encode", Shown: "encoding/base64.(*Encoding).EncodeToString-fm", Recv: str, Result: str,
			Params:    []Param{{Name: "text", Type: str, Doc: "Any text."}},
			Doc:       "Encodes the text in base64, standard alphabet, with padding.",
			Examples:  []Example{{`$__base64_encode("hi")`, `"aGk="`}},
			impl:      base64Encode,
			typeError: typeEncode,
		},
		{
			Name: "base64_decode", Shown: "encoding/base64.(*Encoding).DecodeString-fm", Recv: str, Result: str,
			Params:   []Param{{Name: "text", Type: str, Doc: "Text in base64, standard alphabet, with padding."}},
			Doc:      "Decodes base64.",
			Examples: []Example{{`$__base64_decode("aGk=")`, `"hi"`}},
			impl:     base64Decode,
		},
		{
			Name: "length", Shown: "list_index", Recv: anyList, Result: integer, // the original names the wrong function
			Params:    []Param{{Name: "value", Type: anyList, Or: &str, Doc: "A list or a text."}},
			Doc:       "Returns the number of elements of a list, or the number of bytes of a text; a letter with an accent has two or more.",
			Examples:  []Example{{`$__split("a,b", ",").length()`, `2`}, {`$__length("héé")`, `5`}},
			impl:      length,
			typeError: typeIn("length"),
		},
		{
			Name: "list_index", Recv: anyList, Result: types.Any, ResultOf: elemOfFirst, Shape: true,
			Params: []Param{
				{Name: "list", Type: anyList, Doc: "Any list."},
				{Name: "index", Type: integer, Doc: "Which element; the first is 0."},
			},
			Doc:       "Returns one element of a list. `list[0]` means the same.",
			Examples:  []Example{{`$__split("a,b", ",").list_index(1)`, `"b"`}, {`$__split("a,b", ",")[0]`, `"a"`}},
			impl:      listIndex,
			typeError: typeIn("list index"),
		},
		{
			Name: "list_slice", Recv: anyList, Result: anyList, ResultOf: listLikeFirst, Optional: 1, Shape: true,
			Params: []Param{
				{Name: "list", Type: anyList, Doc: "Any list."},
				{Name: "start", Type: integer, Doc: "The first element to take; the first of the list is 0."},
				{Name: "end", Type: integer, Doc: "The first element not to take, by default the end. A negative one counts from the end of the list."},
			},
			Doc:        "Returns a part of a list. `list[1:3]` means the same.",
			Examples:   []Example{{`$__split("a,b,c", ",").list_slice(1)`, `["b", "c"]`}, {`$__split("a,b,c", ",")[0:-1]`, `["a", "b"]`}},
			impl:       listSlice,
			countError: sliceCount,
			typeError:  typeIn("list slice"),
		},
		{
			Name: "add", Shown: coreScript + "builtinAdd", Recv: integer, Result: integer,
			Params:   []Param{{Name: "a", Type: integer, Doc: "An integer."}, {Name: "b", Type: integer, Doc: "An integer."}},
			Doc:      "Adds two integers. A sum that does not fit 64 bits wraps around.",
			Examples: []Example{{`$__add(1, 2)`, `3`}},
			impl:     add,
		},
		{
			Name: "timestamp", Shown: coreScript + "builtinTimestamp", Result: str, Effects: ReadsClock,
			Doc:      "Returns the seconds since the start of 1970 (UTC), as text.",
			Examples: []Example{{`$__timestamp()`, `"1500000000"`}},
			impl:     timestamp,
		},
		{
			Name: "read_file", Shown: coreScript + "builtinReadfile", Recv: str, Result: str, Effects: ReadsFiles,
			Params:   []Param{{Name: "path", Type: str, Doc: "A path, relative to the folder of the package."}},
			Doc:      "Returns the content of a file.",
			Examples: []Example{{`$__read_file("VERSION")`, `"1.2.3\n"`}},
			impl:     readFile,
		},
		{
			Name: "path_exists", Shown: coreUtil + "PathExists", Recv: str, Result: boolean, Effects: ReadsFiles,
			Params:   []Param{{Name: "path", Type: str, Doc: "A path, relative to the folder of the package."}},
			Doc:      "Tells whether there is a file or folder of this name.",
			Examples: []Example{{`$__path_exists("VERSION")`, `true`}, {`$__path_exists("nope")`, `false`}},
			impl:     exists(func(bool) bool { return true }),
		},
		{
			Name: "file_exists", Shown: coreUtil + "FileExists", Recv: str, Result: boolean, Effects: ReadsFiles,
			Params:   []Param{{Name: "path", Type: str, Doc: "A path, relative to the folder of the package."}},
			Doc:      "Tells whether there is a file of this name, and not a folder.",
			Examples: []Example{{`$__file_exists("VERSION")`, `true`}, {`$__file_exists("src")`, `false`}},
			impl:     exists(func(dir bool) bool { return !dir }),
		},
		{
			Name: "dir_exists", Shown: coreUtil + "IsDir", Recv: str, Result: boolean, Effects: ReadsFiles,
			Params:   []Param{{Name: "path", Type: str, Doc: "A path, relative to the folder of the package."}},
			Doc:      "Tells whether there is a folder of this name.",
			Examples: []Example{{`$__dir_exists("src")`, `true`}, {`$__dir_exists("VERSION")`, `false`}},
			impl:     exists(func(dir bool) bool { return dir }),
		},
		trackRow("track_major_version", "first part", 1, Example{`$__track_major_version("1.2.3")`, `"1.@"`}),
		trackRow("track_minor_version", "first two parts", 2, Example{`$__track_minor_version("1.2.3")`, `"1.2.@"`}),
		trackRow("track_patch_version", "first three parts", 3, Example{`$__track_patch_version("1.2.3.4")`, `"1.2.3.@"`}),
		{
			Name: "track_version", Recv: str, Result: str,
			Params:     []Param{{Name: "version", Type: str, Or: &integer, Doc: "A version."}},
			Doc:        "Returns a version pattern for the releases below a version: the version followed by `.@`.",
			Examples:   []Example{{`$__track_version("1.2.3")`, `"1.2.3.@"`}},
			impl:       trackAll,
			countError: lambdaCount,
			typeError:  typeConcat,
		},
		{
			Name: "not", Recv: boolean, Result: boolean,
			Params:    []Param{{Name: "value", Type: boolean, Doc: "A bool."}},
			Doc:       "Returns the opposite.",
			Examples:  []Example{{`$__equals(1, 2).not()`, `true`}},
			impl:      func(c *call) (value, error) { return boolVal(c.args[0].False()), nil },
			typeError: typeIn("not"),
		},
		logicRow("and", "Tells whether both are true. Both are always evaluated.", Example{`$__lt(1, 2).and(2.lt(1))`, `false`},
			func(a, b bool) bool { return a && b }),
		logicRow("or", "Tells whether one of both is true. Both are always evaluated.", Example{`$__lt(1, 2).or(2.lt(1))`, `true`},
			func(a, b bool) bool { return a || b }),
		compareRow("lt", "less than", Example{`$__lt(1, 2)`, `true`}, func(a, b int64) bool { return a < b }),
		compareRow("lte", "less than or equal to", Example{`$__lte(2, 2)`, `true`}, func(a, b int64) bool { return a <= b }),
		compareRow("gt", "greater than", Example{`$__gt(1, 2)`, `false`}, func(a, b int64) bool { return a > b }),
		compareRow("gte", "greater than or equal to", Example{`$__gte(2, 2)`, `true`}, func(a, b int64) bool { return a >= b }),
	}
	slices.SortFunc(table, func(a, b *Builtin) int { return strings.Compare(a.Name, b.Name) })
	names, byName := make([]string, len(table)), make(map[string]*Builtin, len(table))
	for i, b := range table {
		names[i], byName[b.Name] = b.Name, b
		if b.countError == nil {
			b.countError = standardCount
		}
		if b.typeError == nil {
			b.typeError = standardType
		}
	}
	return tables{table, names, byName}
})

func trackRow(name, what string, parts int, example Example) *Builtin {
	return &Builtin{
		Name: name, Recv: str, Result: str,
		Params:     []Param{{Name: "version", Type: str, Doc: "A version with at least as many parts."}},
		Doc:        "Returns a version pattern: the " + what + " of a version followed by `.@`.",
		Examples:   []Example{example},
		impl:       track(parts),
		countError: lambdaCount,
		typeError:  typeSplit,
	}
}

func logicRow(name, doc string, example Example, op func(a, b bool) bool) *Builtin {
	return &Builtin{
		Name: name, Recv: boolean, Result: boolean,
		Params:    []Param{{Name: "a", Type: boolean, Doc: "A bool."}, {Name: "b", Type: boolean, Doc: "A bool."}},
		Doc:       doc,
		Examples:  []Example{example},
		impl:      func(c *call) (value, error) { return boolVal(op(c.args[0].True(), c.args[1].True())), nil },
		typeError: typePair,
	}
}

func compareRow(name, what string, example Example, op func(a, b int64) bool) *Builtin {
	return &Builtin{
		Name: name, Recv: integer, Result: boolean,
		Params:    []Param{{Name: "a", Type: integer, Doc: "An integer."}, {Name: "b", Type: integer, Doc: "An integer."}},
		Doc:       "Tells whether the first integer is " + what + " the second.",
		Examples:  []Example{example},
		impl:      func(c *call) (value, error) { return boolVal(op(c.int(0), c.int(1))), nil },
		typeError: typePair,
	}
}
