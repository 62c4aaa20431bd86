package memory

import (
	"errors"
	"io/fs"
	"slices"
	"testing"
)

func TestFiles(t *testing.T) {
	var f Files
	f.Write("/shop/escape.yml", "name: shop\n")
	f.Write("/shop/chart/values.yaml", "a: 1\n")
	f.Write("/shop/old.sh", "")
	f.Remove("/shop/old.sh")

	for _, tt := range []struct {
		dir  string
		want []string
	}{
		{"/", []string{"shop/"}},
		{"/shop", []string{"chart/", "escape.yml"}},
		{"/shop/", []string{"chart/", "escape.yml"}},
		{"/shop/chart/../chart", []string{"values.yaml"}},
	} {
		entries, err := f.ReadDir(tt.dir)
		var got []string
		for _, e := range entries {
			if name := e.Name(); e.IsDir() {
				got = append(got, name+"/")
			} else {
				got = append(got, name)
			}
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("ReadDir(%q) = %q, %v; want %q", tt.dir, got, err, tt.want)
		}
	}
	if text, err := f.ReadFile("/shop/escape.yml"); err != nil || string(text) != "name: shop\n" {
		t.Errorf("ReadFile = %q, %v", text, err)
	}
	if info, err := f.Stat("/shop/escape.yml"); err != nil || info.Size() != 11 || !info.Mode().IsRegular() {
		t.Errorf("Stat of a file = %v, %v", info, err)
	}
	if info, err := f.Stat("/shop/chart"); err != nil || !info.Mode().IsDir() {
		t.Errorf("Stat of a folder = %v, %v", info, err)
	}
}

func TestErrors(t *testing.T) {
	var f Files
	f.Write("/shop/escape.yml", "")
	read := func(name string) error { _, err := f.ReadFile(name); return err }
	list := func(name string) error { _, err := f.ReadDir(name); return err }
	for _, tt := range []struct {
		what string
		err  error
		want error
	}{
		{"read what is not there", read("/shop/deploy.sh"), fs.ErrNotExist},
		{"read the beginning of a name", read("/shop/esc"), fs.ErrNotExist},
		{"read a folder", read("/shop"), fs.ErrInvalid},
		{"list what is not there", list("/sho"), fs.ErrNotExist},
		{"list a file", list("/shop/escape.yml"), fs.ErrInvalid},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v; want %v", tt.what, tt.err, tt.want)
		}
	}
}
