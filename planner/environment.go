package planner

import (
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/planner/state"
)

// A Member is a root deployment of an environment among those it works with.
type Member struct {
	Name string
	// Needs are the deployments which serve it or something below it, sorted.
	Needs []string
	// Err says why its place among the others is not known: a provider that does not exist, or a circle.
	Err error
}

// Members returns the deployed root deployments of an environment so that each follows those it needs; those that are free
// come in the order of their names. What is wrong with one is its Err; members of a circle come last.
func Members(e state.Environment) []Member {
	needs := map[string][]string{}
	problems := map[string]error{}
	var names []string
	for name, d := range e.Deployments() {
		stage, ok := d.Stage(state.DeployStage)
		if !ok {
			continue
		}
		names = append(names, name)
		providers := map[string]bool{}
		collectProviders(stage, providers)
		for _, path := range sortedKeys(providers) {
			root, _, nested := strings.Cut(path, ":")
			switch {
			case root == name && nested: // a dependency of its own
			case root == name:
				problems[name] = fmt.Errorf("'%s' name is trying to consume itself", name)
			default:
				if _, ok := e.Deployment(root); !ok {
					problems[name] = fmt.Errorf("Referencing unknown provider deployment '%s'", path)
					continue
				}
				needs[name] = append(needs[name], root)
			}
		}
		slices.Sort(needs[name])
		needs[name] = slices.Compact(needs[name])
	}
	order, circles := inOrder(names, needs)
	var members []Member
	for _, name := range order {
		members = append(members, Member{name, needs[name], problems[name]})
	}
	stuck := map[string][]string{}
	for _, name := range circles {
		stuck[name] = slices.DeleteFunc(slices.Clone(needs[name]), func(n string) bool { return !slices.Contains(circles, n) })
	}
	for _, name := range circles {
		err := fmt.Errorf("deployments consume each other: %s", strings.Join(circle(name, stuck), " → "))
		members = append(members, Member{name, needs[name], err})
	}
	return members
}

func collectProviders(s *state.Stage, into map[string]bool) {
	for _, path := range s.Providers {
		into[path] = true
	}
	for _, sub := range s.Deployments {
		if stage, ok := sub.Stage(state.DeployStage); ok {
			collectProviders(stage, into)
		}
	}
}

// inOrder returns the names, which are sorted, so that each follows those it needs, and then those that never get free.
func inOrder(names []string, needs map[string][]string) (order, rest []string) {
	waiting := map[string]bool{}
	for _, name := range names {
		waiting[name] = true
	}
	rest = names
	for {
		var later []string
		for _, name := range rest {
			if !slices.ContainsFunc(needs[name], func(n string) bool { return waiting[n] }) {
				delete(waiting, name)
				order = append(order, name)
			} else {
				later = append(later, name)
			}
		}
		if len(later) == len(rest) {
			return order, rest
		}
		rest = later
	}
}

// circle returns a way from a name back to one that was passed, along what is needed; every name needs one. It begins with the first name
// of the circle in the alphabet, so that it reads the same from each of its members.
func circle(name string, needs map[string][]string) []string {
	path := []string{name}
	for {
		next := needs[path[len(path)-1]][0]
		if i := slices.Index(path, next); i >= 0 {
			path = path[i:]
			first := slices.Index(path, slices.Min(path))
			path = slices.Concat(path[first:], path[:first])
			return append(path, path[0])
		}
		path = append(path, next)
	}
}
