package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/config"
	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/eval/redact"
	"escape.build/escape/inventory/client"
)

func (a *app) newLogin() *cobra.Command {
	l := &login{app: a}
	cmd := &cobra.Command{
		Use:   "login --url <url>",
		Short: "Log in to an Inventory and store its address and what it gave in a profile.",
		Long: `Log in to an Inventory and store its address and what it gave in a profile.

The server says which ways there are; if it needs no login, only the address is stored. What is not given by flags is asked
for. Standard input that is no terminal may hold the answers, one per line.`,
		Example: "  escape login --url https://inventory.example.com\n" +
			"  escape login --url https://inventory.example.com --username me --password-stdin < password",
		Args: noArgs,
	}
	f := cmd.Flags()
	f.StringVarP(&l.url, "url", "e", "", "Address of the Inventory, with its scheme")
	f.StringVarP(&l.username, "username", "u", "", "User name")
	f.StringVarP(&l.password, "password", "p", "", "Password or secret token; others can see it in the list of processes")
	f.BoolVar(&l.fromStdin, "password-stdin", false, "Read the password from standard input")
	f.StringVar(&l.method, "auth-method", "", "Name or type of the authentication method")
	f.StringVar(&l.target, "target-profile", "", "Profile to store into; it is created if it is not there, and becomes the current one")
	f.BoolVarP(&l.insecure, "insecure-skip-verify", "i", false, "Do not verify the certificate of the server, now and later")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := l.check(cmd); err != nil {
			return err
		}
		err := l.do(cmd.Context())
		if err != nil && l.asked {
			fmt.Fprintln(a.env.Stdout)
		}
		return err
	}
	return cmd
}

// A login is one use of the command.
type login struct {
	app                                     *app
	url, username, password, method, target string
	insecure, fromStdin                     bool
	hasPassword                             bool          // password was given, if only an empty one
	in                                      *bufio.Reader // all of what is read
	asked                                   bool          // the last line of the dialogue is a question
}

// check looks at the flags.
func (l *login) check(cmd *cobra.Command) error {
	l.hasPassword = cmd.Flags().Changed("password")
	wrong := func(text string) error { return &usageError{cmd, text} }
	switch u, err := url.Parse(l.url); {
	case l.url == "":
		return wrong("missing flag: --url")
	case err == nil && u.User != nil:
		return wrong("--url takes no user or password; use --username and --password-stdin")
	case l.hasPassword && l.fromStdin:
		return wrong("--password and --password-stdin exclude each other")
	}
	l.in = bufio.NewReader(l.app.env.Stdin)
	if !l.fromStdin {
		return nil
	}
	// All of it is the password, so nothing else can be asked for.
	if l.username == "" {
		return wrong("--password-stdin needs --username")
	}
	text, err := io.ReadAll(io.LimitReader(l.in, 1<<16))
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	l.password, l.hasPassword = strings.TrimRight(string(text), "\r\n"), true
	return nil
}

// do asks the server which ways to log in there are, and takes one.
func (l *login) do(ctx context.Context) error {
	// A profile that cannot be used is found before the user has typed anything.
	if _, err := l.app.config(false); err != nil {
		return err
	}
	methods, err := client.LoginMethods(ctx, l.options())
	switch {
	case err != nil:
	case len(methods) == 0:
		err = l.noLogin(ctx)
	default:
		err = l.by(ctx, methods)
	}
	if err != nil {
		return err
	}
	c, err := l.app.config(false)
	if err != nil {
		return err
	}
	for _, f := range c.Profile.Fields() {
		if variable, ok := c.Overridden[f.Key]; ok {
			l.app.warning(fmt.Sprintf("%s is set, and wins over the %s of the profile", variable, f.Key))
		}
	}
	return nil
}

func (l *login) options() client.Options {
	return client.Options{URL: l.url, Insecure: l.insecure, UserAgent: userAgent, Pause: l.app.env.Pause}
}

// say writes a part of the dialogue.
func (l *login) say(format string, args ...any) {
	fmt.Fprintf(l.app.env.Stdout, format, args...)
}

// noLogin stores the address of a server that needs no login.
func (l *login) noLogin(ctx context.Context) error {
	if l.username != "" || l.hasPassword {
		l.app.warning("the server asks for no login; user name and password were not used")
	}
	// Any web server says that it has no login methods.
	if _, err := client.New(l.options()).Namespaces(ctx); err != nil {
		l.app.warning(fmt.Sprintf("this does not look like an Inventory: %s", err))
	}
	err := l.store(func(p *config.EscapeConfigProfile) {
		p.APIServer, p.AuthToken, p.BasicAuthUsername, p.BasicAuthPassword = l.url, "", "", ""
	})
	if err != nil {
		return err
	}
	l.say("Authentication not required.\n\nSuccessfully logged in to %s\n", l.url)
	return nil
}

// by chooses a method and logs in by it.
func (l *login) by(ctx context.Context, methods []client.Method) error {
	named := func(name string) int {
		return slices.IndexFunc(methods, func(m client.Method) bool { return m.Name == name })
	}
	if i := named("service-account"); i >= 0 && l.username != "" {
		return l.bySecret(ctx, methods[i])
	}
	m, err := l.choose(methods, named(l.method))
	if err != nil {
		return err
	}
	switch m.Type {
	case client.OAuth:
		return l.byOAuth(ctx, m)
	case client.SecretToken:
		l.say("Logging in using username and password combination.\n")
		return l.bySecret(ctx, m)
	case client.BasicAuth:
		return l.byBasicAuth(ctx, m)
	}
	return fmt.Errorf("The authentication method '%s' is not supported by this client.", plainText(m.Type))
}

// choose returns the method the user wants: the i-th, if i is not negative; else one of the type that the user gave,
// else the only one, else what the user selects.
func (l *login) choose(methods []client.Method, i int) (client.Method, error) {
	if l.method != "" {
		if i < 0 {
			i = slices.IndexFunc(methods, func(m client.Method) bool { return m.Type == l.method })
		}
		if i >= 0 {
			return methods[i], nil
		}
		l.app.warning(fmt.Sprintf("the server has no authentication method '%s'", l.method))
	}
	if len(methods) == 1 {
		l.say("Using only authentication method available '%s'\n", plainText(methods[0].Name))
		return methods[0], nil
	}
	return l.selectFrom(methods)
}

// maxAnswers is how often a question is asked at most: what answers it may be no human being.
const maxAnswers = 10

func (l *login) selectFrom(methods []client.Method) (client.Method, error) {
	l.say("Available authentication methods:\n\n")
	for i, m := range methods {
		l.say(" %d. %s [%s]\n", i+1, plainText(m.Name), plainText(m.Type))
	}
	for range maxAnswers {
		answer, err := l.ask(fmt.Sprintf("\nPlease select an authentication method (1-%d): ", len(methods)))
		if err != nil {
			return client.Method{}, &reported{err: err, detail: "  no authentication method was selected; --auth-method can do that, too\n"}
		}
		switch n, err := strconv.Atoi(answer); {
		case err != nil:
			l.say("Not a number.\n")
		case n < 1 || n > len(methods):
			l.say("Number out of range.\n")
		default:
			return methods[n-1], nil
		}
	}
	return client.Method{}, errors.New("no authentication method was selected")
}

// ask puts a question and returns the answer without the blanks around it. The end of the input is io.EOF.
func (l *login) ask(question string) (string, error) {
	if l.fromStdin {
		return "", io.EOF
	}
	l.say("%s", question)
	l.asked = true
	line, err := l.in.ReadString('\n')
	if err != nil && (err != io.EOF || line == "") {
		return "", err
	}
	l.asked = !l.app.env.Terminal.Stdin // there, the user has ended the line
	return strings.TrimSpace(line), nil
}

// credentials asks for what was not given.
func (l *login) credentials() error {
	if l.username == "" {
		answer, err := l.ask("Username: ")
		if err != nil {
			return &reported{err: err, detail: "  there was no user name to read; --username can give it\n"}
		}
		l.username = answer
	}
	if l.hasPassword {
		return nil
	}
	var err error
	if read := l.app.env.Terminal.Password; l.app.env.Terminal.Stdin && read != nil {
		l.say("Password: ")
		l.asked = true
		l.password, err = read()
		l.password = strings.TrimSpace(l.password)
	} else {
		l.password, err = l.ask("Password: ")
	}
	if err != nil {
		return &reported{err: err, detail: "  there was no password to read; --password-stdin reads it from standard input\n"}
	}
	return nil
}

func (l *login) byBasicAuth(ctx context.Context, m client.Method) error {
	l.say("Logging in using Basic Authentication against %s\n", plainText(m.URL))
	if err := l.credentials(); err != nil {
		return err
	}
	if err := client.LoginBasic(ctx, l.options(), m, l.username, l.password); err != nil {
		return err
	}
	err := l.store(func(p *config.EscapeConfigProfile) {
		if p.APIServer != l.url {
			p.AuthToken = "" // it is that of another server, and would be sent to this one
		}
		p.APIServer, p.BasicAuthUsername, p.BasicAuthPassword = l.url, l.username, l.password
	})
	if err != nil {
		return err
	}
	l.say("\nSuccessfully logged in using basic authentication. Credentials were stored in the current configuration profile (see `escape config profile`)\n")
	return nil
}

func (l *login) bySecret(ctx context.Context, m client.Method) error {
	if err := l.credentials(); err != nil {
		return err
	}
	token, err := client.LoginSecret(ctx, l.options(), m, l.username, l.password)
	if err != nil {
		return err
	}
	return l.storeToken(token, l.url)
}

func (l *login) byOAuth(ctx context.Context, m client.Method) error {
	l.say("Logging in using OAuth2 provider.\n")
	u, err := url.Parse(m.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("the server wants the login at '%s', which is not the address of a web page", plainText(m.URL))
	}
	l.say("Log in with a browser at %s\n", u)
	if l.app.env.Browse != nil {
		if err := l.app.env.Browse(u.String()); err != nil {
			l.say("%s\n", err)
		}
	}
	token, err := client.RedeemOAuth(ctx, l.options(), m)
	if err != nil {
		return err
	}
	address := l.url
	if !strings.HasSuffix(address, "/") {
		address += "/"
	}
	return l.storeToken(token, address)
}

func (l *login) storeToken(token, address string) error {
	err := l.store(func(p *config.EscapeConfigProfile) {
		p.APIServer, p.AuthToken, p.BasicAuthUsername, p.BasicAuthPassword = address, token, "", ""
	})
	if err != nil {
		return err
	}
	l.say("\nSuccessfully retrieved and stored auth token\n")
	return nil
}

// store changes the profile that the user logs in for: it becomes that of a server, whatever it was. What changed is
// logged.
func (l *login) store(change func(*config.EscapeConfigProfile)) error {
	var name, current string
	var before, after []config.Field
	err := l.app.updateConfig(func(d *config.Document) error {
		current = d.Current()
		if name = l.target; name == "" {
			name = l.app.profileName(d)
		}
		p, err := d.Profile(name)
		if err != nil && l.target != "" {
			if err := d.Create(name); err != nil {
				return err
			}
			p, err = d.Profile(name)
		}
		if err != nil {
			return err
		}
		before = p.Fields()
		p.InventoryType, p.ProxyNamespaces, p.InsecureSkipVerify = config.Remote, []string{}, l.insecure
		change(p)
		after = p.Fields()
		if l.target != "" {
			if err := d.SetCurrent(name); err != nil {
				return err
			}
		}
		return d.Set(name, p)
	})
	if err != nil {
		return err
	}
	l.logChanges(name, before, after)
	if l.target != "" && name != current {
		l.app.log.Log(logs.Entry{Key: "config.current", Values: map[string]string{"profile": name}})
	}
	return nil
}

func (l *login) logChanges(profile string, before, after []config.Field) {
	for i, f := range after {
		if old := before[i]; fmt.Sprint(old.Value) != fmt.Sprint(f.Value) {
			l.app.log.Log(logs.Entry{Key: "config.changed", Values: map[string]string{
				"profile": profile, "key": f.Key, "from": changedValue(old), "to": changedValue(f),
			}})
		}
	}
}

// changedValue shows a value in a change.
func changedValue(f config.Field) string {
	switch {
	case f.Value == "":
		return "none"
	case f.Secret:
		return redact.Mask
	}
	return fmt.Sprint(f.Value)
}

// plainText returns text of a server without what moves the cursor of a terminal.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
