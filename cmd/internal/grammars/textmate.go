package grammars

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// A grammar is a TextMate grammar as VS Code reads it.
type grammar struct {
	Comment           string          `json:"$comment"`
	Name              string          `json:"name"`
	ScopeName         string          `json:"scopeName"`
	FileTypes         []string        `json:"fileTypes,omitempty"`
	InjectionSelector string          `json:"injectionSelector,omitempty"`
	Injections        map[string]rule `json:"injections,omitempty"`
	Patterns          []rule          `json:"patterns"`
	Repository        map[string]rule `json:"repository,omitempty"`
}

// A rule is one pattern. Expressions are those of Oniguruma; While and End may refer to groups of Begin.
type rule struct {
	Comment       string          `json:"comment,omitempty"`
	Include       string          `json:"include,omitempty"`
	Name          string          `json:"name,omitempty"`
	ContentName   string          `json:"contentName,omitempty"`
	Match         string          `json:"match,omitempty"`
	Captures      map[string]rule `json:"captures,omitempty"`
	Begin         string          `json:"begin,omitempty"`
	BeginCaptures map[string]rule `json:"beginCaptures,omitempty"`
	End           string          `json:"end,omitempty"`
	EndCaptures   map[string]rule `json:"endCaptures,omitempty"`
	While         string          `json:"while,omitempty"`
	Patterns      []rule          `json:"patterns,omitempty"`
}

// never ends a rule that only the rule around it ends.
const never = `(?!)`

// scopes gives names to the groups of an expression in order; an empty one names nothing.
func scopes(names ...string) map[string]rule {
	captures := map[string]rule{}
	for i, name := range names {
		if name != "" {
			captures[strconv.Itoa(i+1)] = rule{Name: name}
		}
	}
	return captures
}

// with adds a group that is read by patterns.
func with(captures map[string]rule, group int, patterns ...rule) map[string]rule {
	captures[strconv.Itoa(group)] = rule{Patterns: patterns}
	return captures
}

func include(names ...string) []rule {
	list := make([]rule, len(names))
	for i, name := range names {
		list[i] = rule{Include: name}
	}
	return list
}

func group(patterns ...rule) rule { return rule{Patterns: patterns} }

// encode writes v as JSON for people: indented, with "<" and "&" as they are.
func encode(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("grammars: %v", err)) // texts, lists and maps only
	}
	return out.String()
}
