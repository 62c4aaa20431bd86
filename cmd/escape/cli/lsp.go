package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/lsp"
	"escape.build/escape/lsp/statefile"
)

func (a *app) newLSP() *cobra.Command {
	var listen, docs string
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve editors: the language server.",
		Long: `Serve editors: the language server.

It speaks the Language Server Protocol 3.18 on standard input and output.

Editors start it; see the folder editors of the repository for their set-up. It checks plans in both notations, and the scripts
and templates that they use, with the same findings as escape lint. It needs no settings and no network.

The values that it shows of deployments are those of the files escape_state.json in the folder of a plan and in the folders around
it, up to that of the repository or of the editor, and of the state file of the profile. It only reads them.`,
		Example: "  escape lsp",
		Args:    cobra.NoArgs,
	}
	fs := cmd.Flags()
	fs.StringVar(&listen, "listen", "", "Serve one client that connects to this address, such as 127.0.0.1:7000, instead")
	fs.StringVar(&docs, "doc-url", "", "Address that the codes of findings link to, with the code behind it; none have links without it")
	fs.Bool("stdio", true, "Standard input and output are used; the flag is for editors that always pass it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.serveEditor(cmd.Context(), listen, docs) }
	return cmd
}

// serveEditor answers one editor until it leaves.
func (a *app) serveEditor(ctx context.Context, listen, docs string) error {
	// A plan of usual length needs little memory, and garbage from typing would be collected several times a second.
	debug.SetGCPercent(200)
	h, packages := a.packagesAtHand(), a.editorPackages()
	options := lsp.Options{
		Version:    Version,
		Log:        slog.New(slog.NewTextHandler(a.env.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Released:   h.released,
		Fetch:      a.fetchBeside,
		DocURL:     docs,
		Packages:   packages,
		PackageURL: packages.url,
		Recorded:   statefile.New(a.profileState).Deployments,
	}
	if listen == "" {
		return lsp.Serve(ctx, stdio{a.env.Stdin, a.env.Stdout}, options)
	}
	conn, err := a.accept(ctx, listen)
	if err != nil {
		return err
	}
	return lsp.Serve(ctx, conn, options)
}

// profileState returns the state file of the profile; "" if there is no profile.
func (a *app) profileState() string {
	profile, err := a.profile(false)
	if err != nil || profile.StatePath == "" {
		return ""
	}
	return a.env.abs(profile.StatePath)
}

// fetchBeside fetches what a plan depends on into its own folder, as the command does there.
func (a *app) fetchBeside(ctx context.Context, plan string) error {
	env, config := a.env, a.global.config
	if config != defaultConfig {
		config = a.env.abs(config)
	}
	env.Dir = filepath.Dir(plan)
	env.Args = []string{"deps", "fetch", "--plan", filepath.Base(plan), "--config", config, "--profile", a.global.profile}
	var out strings.Builder
	env.Stdin, env.Stdout, env.Stderr, env.Terminal = strings.NewReader(""), io.Discard, &out, Terminal{}
	if Main(ctx, env) != 0 {
		return errors.New(strings.TrimPrefix(strings.TrimSpace(out.String()), "Error: "))
	}
	return nil
}

// accept waits for the one client that is served at an address.
func (a *app) accept(ctx context.Context, address string) (net.Conn, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	defer l.Close()
	fmt.Fprintln(a.env.Stderr, "listening on", l.Addr())
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	return l.Accept()
}

// stdio is standard input and output as one connection.
type stdio struct {
	io.Reader
	io.Writer
}

// Unread returns how many bytes of the output nobody has read; false if the system does not tell.
func (s stdio) Unread() (bytes int, known bool) { return unread(s.Writer) }

// Close implements io.Closer. Closing standard input ends a read that waits for it.
func (s stdio) Close() error {
	if c, ok := s.Reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
