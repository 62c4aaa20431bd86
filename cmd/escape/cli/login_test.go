package cli

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escape.build/escape/inventory/servertest"
)

// TestLoginWaits: a login by browser is waited for, but not for ever, and nothing is stored if it does not come.
func TestLoginWaits(t *testing.T) {
	for _, c := range []struct {
		name    string
		unready int
		status  int
		waited  time.Duration
		errors  string
	}{
		{"in time", 24, exitOK, 71 * time.Second, ""},
		{"too late", 25, exitError, 71 * time.Second, "Error: Couldn't retrieve token from server: nobody logged in with the browser in time\n"},
	} {
		dir := t.TempDir()
		server := httptest.NewServer(&servertest.Server{Token: "tok", Redeem: "word", Unready: c.unready, Methods: map[string]servertest.Method{
			"web": {Type: "oauth", URL: "$URL/in", RedeemToken: "word", RedeemURL: "$URL/auth/redeem"}}})
		var out, errs bytes.Buffer
		var waited time.Duration
		shown := ""
		status := Main(context.Background(), Env{
			Args: []string{"login", "--url", server.URL, "--level", "error"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			Dir: dir, Environ: []string{"HOME=" + dir}, Now: time.Now,
			Browse: func(url string) error { shown = url; return nil },
			Pause:  func(_ context.Context, d time.Duration) error { waited += d; return nil },
		})
		server.Close()
		if status != c.status || waited != c.waited || errs.String() != c.errors || shown != server.URL+"/in" || !strings.Contains(out.String(), shown) {
			t.Errorf("%s: status %d, waited %s, browser at %q\n%s%s", c.name, status, waited, shown, &out, &errs)
		}
		if _, err := os.Stat(filepath.Join(dir, ".escape_config")); (err == nil) != (c.status == exitOK) {
			t.Errorf("%s: configuration file: %v", c.name, err)
		}
	}
}
