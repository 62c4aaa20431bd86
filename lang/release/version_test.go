package release_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"escape.build/escape/lang/release"
)

func TestIsVersion(t *testing.T) {
	for _, s := range []string{"1", "0", "01.002", "1.2.3.4.5.6", "@", "1.@", "1.2.@", "99999999999999999999999.1"} {
		if !release.IsVersion(s) {
			t.Errorf("IsVersion(%q) = false", s)
		}
	}
	for _, s := range []string{"", "latest", "auto", "v1", "1..0", ".1", "1.", "1.0@", "1@", ".@", "1.x.@", "1.@.@", "-1", "+1", "1.0-beta", "1 ", "١"} {
		if release.IsVersion(s) {
			t.Errorf("IsVersion(%q) = true", s)
		}
	}
}

func TestCompare(t *testing.T) {
	order := []release.Version{"latest", "", "1", "1.0", "1.0.0", "1.1", "1.2", "1.10", "2", "10", "18446744073709551616", "18446744073709551617"}
	order[0], order[1] = order[1], order[0]
	for i, v := range order {
		for j, w := range order {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := v.Compare(w); got != want {
				t.Errorf("%q.Compare(%q) = %d, want %d", v, w, got, want)
			}
		}
	}
	for _, c := range [][2]release.Version{{"01", "1"}, {"x", "x"}, {"1.x.2", "1.x.2"}, {"0", "00"}} {
		if c[0].Compare(c[1]) != 0 {
			t.Errorf("%q and %q do not compare equal", c[0], c[1])
		}
	}
}

func TestNextAndLatest(t *testing.T) {
	for _, c := range []struct{ known, pattern, next, latest string }{
		{"1.0", "1.@", "1.1", "1.0"}, {"1.0", "1.0.@", "1.0.0", ""}, {"1.0", "@", "2", "1.0"},
		{"1.2.3", "1.@", "1.3", "1.2.3"}, {"1.2.3", "1.2.@", "1.2.4", "1.2.3"}, {"1.2.3", "2.@", "2.0", ""},
		{"", "@", "0", ""}, {"", "0.0.@", "0.0.0", ""}, {"1.0 1.2.7", "1.@", "1.3", "1.2.7"}, {"1.2.0", "@", "2", "1.2.0"},
		{"0 1 4.2 4.10.1", "@", "5", "4.10.1"}, {"0 1 4.2 4.10.1", "4.@", "4.11", "4.10.1"}, {"0 1 4.2 4.10.1", "4.10.@", "4.10.2", "4.10.1"},
		{"0 1 4.2 4.10.1", "7.@", "7.0", ""}, {"1 01", "@", "2", "1"}, {"007", "@", "8", "007"}, {"9 99999999999999999999", "@", "100000000000000000000", "99999999999999999999"},
		{"latest 1.x 1.@", "1.@", "1.0", ""},
	} {
		var known []release.Version
		for _, v := range strings.Fields(c.known) {
			known = append(known, release.Version(v))
		}
		p, err := release.ParsePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := p.Next(known); string(got) != c.next {
				t.Errorf("next of %q after %v is %q, want %q", c.pattern, known, got, c.next)
			}
			if got, ok := p.Latest(known); ok != (c.latest != "") || ok && string(got) != c.latest {
				t.Errorf("latest of %q in %v is %q, %v, want %q", c.pattern, known, got, ok, c.latest)
			}
			slices.Reverse(known)
		}
	}
}

func TestParseID(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"name-v1.0", "_/name-v1.0"}, {"prj/name-v1", "prj/name-v1"}, {"name-beta-v1", "_/name-beta-v1"},
		{"name-latest", "_/name-latest"}, {"name-@", "_/name-latest"}, {"name-v@", "_/name-latest"}, {"name-vlatest", "_/name-latest"},
		{"name:latest", "_/name-latest"}, {"name:@", "_/name-latest"}, {"name:v@", "_/name-latest"},
		{"name-v1.@", "_/name-v1.@"}, {"name:1.@", "_/name-v1.@"}, {"name:v1.@", "_/name-v1.@"},
		{"name:1.0", "_/name-v1.0"}, {"name:v1.0", "_/name-v1.0"}, {"prj/name:ci", "prj/name:ci"}, {"/name-v1", "_/name-v1"}, {"_/name-v1", "_/name-v1"},
		{"name:v10.alpha", "_/name:v10.alpha"}, {"name:1.0-beta", "_/name:1.0-beta"}, {"name-v18446744073709551616", "_/name-v18446744073709551616"},
		{"name:18446744073709551616", "_/name-v18446744073709551616"},
	} {
		id, err := release.ParseID(c.in)
		if err != nil || id.String() != c.want {
			t.Errorf("ParseID(%q) = %q, %v, want %q", c.in, id, err, c.want)
		}
	}
	version := func(id, v string) string {
		return "Invalid version string in release ID '" + id + "': '" + v + "' is not a valid version."
	}
	for _, c := range []struct{ in, want string }{
		{"", "Invalid release format: ''."}, {"name", "Invalid release format: name."}, {"prj/name", "Invalid release format: name."},
		{"a:b:c", "Invalid release format: a:b:c."}, {"prj/", "Invalid release format: ."},
		{"name-", version("name-", "")}, {"name-v", version("name-v", "v")}, {"name-1.0", version("name-1.0", "1.0")},
		{"name-Latest", version("name-Latest", "Latest")}, {"name-v1@", version("name-v1@", "v1@")}, {"name-v1.", version("name-v1.", "v1.")},
		{"name-v1.x", version("name-v1.x", "v1.x")}, {"name-v1.0-beta", version("name-v1.0-beta", "beta")},
		{"name:", "Invalid tag '' in release string 'name:'"}, {"name:1.+2", "Invalid tag '1.+2' in release string 'name:1.+2'"},
		{"name:v.@", "Invalid tag 'v.@' in release string 'name:v.@'"}, {"name:a b", "Invalid tag 'a b' in release string 'name:a b'"},
		{"-v1.0", "Invalid name ''"}, {"x/y/name-v1", "Invalid name 'x'"}, {"xx/y/name-v1", "Invalid name 'y/name'"}, {"Prj!/name-v1", "Invalid name 'Prj!'"},
		{"name-v1.0:tag", "Invalid name 'name-v1.0'"}, {"func-v1", "The name 'func' is a protected variable."},
	} {
		if _, err := release.ParseID(c.in); text(err) != c.want {
			t.Errorf("ParseID(%q) fails with %q, want %q", c.in, text(err), c.want)
		}
	}
}

func TestTagsAndConstraints(t *testing.T) {
	for _, s := range []string{"ci", "production", "very", "v10.alpha", "v", "1.0-beta", "V1.0", "auto", "vv1"} {
		if !release.IsTag(s) {
			t.Errorf("IsTag(%q) = false", s)
		}
	}
	for _, s := range []string{"", "latest", "@", "v@", "v1", "0.1", "1.@", "a b", "a/b", "a:b", "99999999999999999999"} {
		if release.IsTag(s) {
			t.Errorf("IsTag(%q) = true", s)
		}
	}
	if _, err := release.ParseConstraint(""); text(err) != "Empty version query" {
		t.Errorf("an empty constraint gives %v", err)
	}
}

func TestParseReference(t *testing.T) {
	id, alias, err := release.ParseReference("  base-v1.0  as  b ")
	if err != nil || id.String() != "_/base-v1.0" || alias != "b" {
		t.Errorf("ParseReference gives %v, %q, %v", id, alias, err)
	}
	const want = `Expecting either a "[RELEASE_ID]" or "[RELEASE_ID] as [VARIABLE]".`
	for _, c := range []struct{ in, want string }{
		{"", "Malformed dependency string ''. " + want}, {"base-v1 as", "Malformed dependency string 'base-v1 as'. " + want},
		{"base-v1.0 oh b", "Unexpected 'oh'; expecting 'as' in 'base-v1.0 oh b. " + want + "'"},
		{"base-v1 as 9b", "Malformed dependency string 'base-v1 as 9b'. Invalid variable format '9b'"},
		{"base-v1 AS b", "Unexpected 'AS'; expecting 'as' in 'base-v1 AS b. " + want + "'"},
		{"base", "Invalid release format: base."},
	} {
		if _, _, err := release.ParseReference(c.in); text(err) != c.want {
			t.Errorf("ParseReference(%q) fails with %q, want %q", c.in, text(err), c.want)
		}
	}
}

// number and versions draw small numbers often, so that prefixes meet.
var number = rapid.OneOf(rapid.SampledFrom([]string{"0", "1", "2", "9", "10", "01", "99"}), rapid.StringMatching(`[0-9]{1,25}`))

var version = rapid.Custom(func(t *rapid.T) release.Version {
	return release.Version(strings.Join(rapid.SliceOfN(number, 1, 4).Draw(t, "parts"), "."))
})

func TestOrderIsTotal(t *testing.T) {
	any := rapid.OneOf(rapid.Map(version, func(v release.Version) string { return string(v) }), rapid.StringMatching(`[0-9.x@-]{0,6}`))
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := release.Version(any.Draw(t, "a")), release.Version(any.Draw(t, "b")), release.Version(any.Draw(t, "c"))
		if a.Compare(a) != 0 {
			t.Fatalf("%q is not level with itself", a)
		}
		if a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%q against %q is %d, the other way %d", a, b, a.Compare(b), b.Compare(a))
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Fatalf("%q <= %q <= %q, but not %q <= %q", a, b, c, a, c)
		}
	})
}

func TestCompareIsThatOfNumbers(t *testing.T) {
	oracle := func(a, b release.Version) int {
		x, y := strings.Split(string(a), "."), strings.Split(string(b), ".")
		for i := 0; i < len(x) && i < len(y); i++ {
			n, _ := new(big.Int).SetString(x[i], 10)
			m, _ := new(big.Int).SetString(y[i], 10)
			if c := n.Cmp(m); c != 0 {
				return c
			}
		}
		return len(x) - len(y)
	}
	sign := func(n int) int { return max(-1, min(1, n)) }
	rapid.Check(t, func(t *rapid.T) {
		a, b := version.Draw(t, "a"), version.Draw(t, "b")
		if got, want := a.Compare(b), sign(oracle(a, b)); got != want {
			t.Fatalf("%q against %q is %d, want %d", a, b, got, want)
		}
	})
}

// pattern may draw one that begins a known version.
func drawPattern(t *rapid.T, known []release.Version) release.Pattern {
	v := version
	if len(known) > 0 {
		v = rapid.OneOf(version, rapid.SampledFrom(known))
	}
	parts := strings.Split(string(v.Draw(t, "like")), ".")
	n := rapid.IntRange(0, len(parts)).Draw(t, "cut")
	if n == 0 {
		return ""
	}
	return release.Pattern(strings.Join(parts[:n], ".") + ".")
}

func TestResolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		known := rapid.SliceOfN(version, 0, 12).Draw(t, "known")
		p := drawPattern(t, known)
		c, err := release.ParseConstraint(p.String())
		if err != nil {
			t.Fatal(err)
		}
		next := p.Next(known)
		if _, err := release.ParseVersion(string(next)); err != nil {
			t.Fatalf("the next version of %q is %v", p, err)
		}
		if !p.Matches(next) {
			t.Fatalf("the next version of %q is %q, which does not match it", p, next)
		}
		got, ok := c.Select(known)
		matching := 0
		for _, v := range known {
			if c.Matches(v) {
				matching++
				if next.Compare(v) <= 0 {
					t.Fatalf("the next version of %q is %q, not newer than %q", p, next, v)
				}
				if got.Compare(v) < 0 {
					t.Fatalf("%q selects %q, not %q", c, got, v)
				}
			}
		}
		if ok != (matching > 0) || ok && !c.Matches(got) {
			t.Fatalf("%q selects %q, %v, among %d matching", c, got, ok, matching)
		}
		// One more release never makes a constraint resolve lower; an exact one ignores the rest.
		more := append(slices.Clone(known), version.Draw(t, "more"))
		if after, _ := c.Select(more); ok && after.Compare(got) < 0 {
			t.Fatalf("%q selects %q, and %q with one more", c, got, after)
		}
		if len(known) > 0 {
			exact := release.Exact(known[0])
			if v, ok := exact.Select(more); !ok || v != known[0] {
				t.Fatalf("%q selects %q, %v", exact, v, ok)
			}
		}
		// What was given out is given out only once: a pattern counts on without gaps.
		if v := p.Next(append(known, next)); v.Compare(next) <= 0 || !strings.HasPrefix(string(v), string(p)) {
			t.Fatalf("after %q of %q comes %q", next, p, v)
		}
	})
}

func FuzzVersion(f *testing.F) {
	for _, s := range []string{"1", "1.0", "01", "latest", "@", "1.@", "99999999999999999999", "", "1..2"} {
		f.Add(s, "1.1")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		v, w := release.Version(a), release.Version(b)
		if v.Compare(v) != 0 || v.Compare(w) != -w.Compare(v) {
			t.Fatalf("the order of %q and %q depends on which comes first", a, b)
		}
		if _, err := release.ParseVersion(a); (err == nil) != (release.IsVersion(a) && !strings.HasSuffix(a, "@")) {
			t.Fatalf("ParseVersion(%q) gives %v", a, err)
		}
		if p, err := release.ParsePattern(a); err == nil {
			if p.String() != a {
				t.Fatalf("pattern %q prints as %q", a, p)
			}
			next := p.Next([]release.Version{w})
			if !p.Matches(next) || p.Matches(w) && next.Compare(w) <= 0 {
				t.Fatalf("the next version of %q after %q is %q", a, b, next)
			}
		}
	})
}

func FuzzConstraint(f *testing.F) {
	for _, s := range []string{"latest", "v@", "1.@", "v1.0", "ci", "v", "1.0-beta", "", "auto"} {
		f.Add(s, "1.1")
	}
	f.Fuzz(func(t *testing.T, s, version string) {
		c, err := release.ParseConstraint(s)
		if err != nil {
			return
		}
		if again, err := release.ParseConstraint(c.String()); err != nil || again != c {
			t.Fatalf("%q prints as %q, which reads as %v, %v", s, c, again, err)
		}
		id := release.ID{Namespace: "_", Name: "name", Constraint: c}
		if again, err := release.ParseID(id.String()); err != nil || again != id {
			t.Fatalf("%q reads as %v, %v", id, again, err)
		}
		if v, ok := c.Select([]release.Version{release.Version(version)}); ok && !c.Matches(v) {
			t.Fatalf("%q selects %q, which it does not match", c, v)
		}
	})
}
