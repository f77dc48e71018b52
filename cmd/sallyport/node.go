package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"sallyport/api/binance"
	"sallyport/api/customer"
	"sallyport/api/desk"
	"sallyport/api/fix"
	gateapi "sallyport/api/gate"
	"sallyport/console"
	"sallyport/exchange"
	"sallyport/identity"
	"sallyport/law"
	"sallyport/match"
	"sallyport/signin"
	"sallyport/staff"
	"sallyport/venue/tape"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// node is a running exchange with its store of lists and its pages and wires.
type node struct {
	x       *exchange.Exchange
	store   *watchlist.Store
	wire    *binance.Server
	fix     *fix.Server
	handler http.Handler
	gate    *gateapi.Server
	users   *staff.Users
	door    *customer.Server // nil while it is not open yet
}

// openNode opens the data folder, or founds one as the configuration says.
func openNode(data string, c *config, clock func() time.Time, staleAfter time.Duration, story string, log *slog.Logger) (*node, error) {
	rules, err := rulesOf(c)
	if err != nil {
		return nil, err
	}
	networks, err := c.Geo.networks(log)
	if err != nil {
		return nil, fmt.Errorf("config: geo: %w", err)
	}
	governors, err := c.governors()
	if err != nil {
		return nil, err
	}
	platforms, err := c.platforms()
	if err != nil {
		return nil, err
	}
	mailer, err := c.mailer(data, log)
	if err != nil {
		return nil, err
	}
	store, err := watchlist.OpenStore(filepath.Join(data, "lists"), listFormats())
	if err != nil {
		return nil, err
	}
	genesis, err := c.genesis()
	if err != nil {
		return nil, err
	}
	var confirmed func(string) (time.Time, bool)
	if staleAfter > 0 {
		confirmed = func(list string) (time.Time, bool) {
			f, err := store.InForce(list)
			return f.ConfirmedAt, err == nil
		}
	}
	x, err := exchange.Open(exchange.Config{
		Dir: data, Clock: clock, Genesis: genesis, Rules: rules, Weights: match.DefaultWeights(),
		Edition: func(list string, hash tape.Hash) (*watchlist.Edition, error) {
			return store.Load(list, hex.EncodeToString(hash[:]))
		},
		Confirmed: confirmed,
		Locate:    c.locator(networks, clock), EuroPer: c.euros(), TierVolumes: c.tierVolumes(), SendsParties: c.Transfers.SendsParties, Represents: c.represents(), Platforms: platforms, Governors: governors, HoldOwner: c.Holds.Owner, HoldFor: c.Holds.For, HoldDays: c.Holds.Days, StaleAfter: staleAfter, SnapshotBytes: c.snapshotBytes(), TradeUnidentified: c.Customers.TradeUnidentified,
		Identify: identity.Manual{TwoUsers: c.Customers.TwoIdentify}, Log: log,
	})
	if err != nil {
		return nil, err
	}
	if founded := x.View().Genesis(); !reflect.DeepEqual(founded, genesis) {
		log.Warn("the configuration's operators, assets or markets are not those that this folder was founded with; it keeps its own", "data", data)
	}
	token, err := deskToken(data)
	if err != nil {
		x.Close()
		return nil, err
	}
	users, err := staff.Open(operatorUsers(data), token)
	if err != nil { // customers trade all the same
		log.Error("the operator users cannot be read; nobody is let in at the desk until they can", "error", err)
	}
	users.Follow(func(may map[string]staff.Right) error {
		all := map[string]tape.Right{}
		for name, right := range may {
			all[name] = tape.Right(right) // the same bits: TestRightsAreTheLogs
		}
		return x.SetOperatorUsers(all)
	})
	if err := users.Settle(time.Now()); err != nil && !users.Named() {
		x.Close()
		return nil, err
	}
	if !users.Named() && story == "" {
		log.Warn("there are no operator users: whoever has the desk's token may say any name there, and two names may be one person's; sallyport operator-user makes operator users", "data", data)
	}
	if c.Customers.SignUp && c.Mail.Server == "" && story == "" {
		log.Warn("no mail server is configured: who signs up needs the link of a letter that lies in the folder outbox and is sent to nobody; name a server under mail, or close the door with sign_up: false", "data", data)
	}
	n := &node{x: x, store: store, users: users, wire: binance.New(x, binance.Options{
		WeightPerMinute: c.Wire.WeightPerMinute, OrdersPer10s: c.Wire.OrdersPer10s, OrdersPerDay: c.Wire.OrdersPerDay, Log: log, Proxies: c.Proxies,
	})}
	n.fix = fix.New(n.wire, fix.Options{Clock: x.Now, Log: log})
	if n.gate, err = openGate(x, data, c, log); err != nil {
		x.Close()
		return nil, err
	}
	links, err := signUpKey(data)
	if err != nil {
		n.close()
		return nil, err
	}
	n.door, err = customer.New(x, customer.Options{
		Mail: mailer, Kept: c.Mail.Server == "", Secret: links, SignUp: c.Customers.SignUp, Proxies: c.Proxies, Site: c.Customers.Site, Domain: c.Customers.PasskeyDomain, PerSecond: c.Customers.RequestsPerSecond, Log: log,
	})
	if err != nil {
		n.close()
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/customer/", n.door)
	mux.Handle("/me", n.door)
	mux.Handle("/me/", n.door)
	mux.Handle("/api/", n.wire)
	mux.Handle("/sapi/", n.wire)
	for _, path := range []string{"/ws", "/ws/", "/stream", "/ws-api/"} {
		mux.Handle(path, n.wire)
	}
	mux.Handle("/desk/", desk.New(x, users, desk.Options{Log: log, Invite: n.door.Invite}))
	if c.Gate.Listen == "" {
		mux.Handle("/gate/", n.gate)
	}
	mux.Handle("/", console.New(x, console.Options{Story: story, DataDir: data, Users: users, TLS: !c.TLS.Off, Log: log}))
	n.handler = mux
	return n, nil
}

// rulesOf is the shipped rules and those of the folder that the configuration names.
func rulesOf(c *config) (*law.Set, error) {
	if c.Rules == "" {
		return law.Default()
	}
	if _, err := os.Stat(c.Rules); err != nil {
		return nil, fmt.Errorf("config: rules: %w", err)
	}
	return law.LoadWith(os.DirFS(c.Rules))
}

// deskToken reads the token that opens the desk's API, or makes one.
func deskToken(data string) (string, error) {
	return secretFile("desk token", filepath.Join(data, "keys", "desk.token"))
}

// secretFile reads a secret of 32 bytes in hex, or makes one.
func secretFile(what, path string) (string, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		secret := strings.TrimSpace(string(b))
		if secret == "" {
			return "", fmt.Errorf("%s: %s is empty and opens to nobody; remove it and start again for a new one", what, path)
		}
		return secret, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	var raw [32]byte
	if _, err := io.ReadFull(rand.Reader, raw[:]); err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	secret := hex.EncodeToString(raw[:])
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	return secret, nil
}

// signUpKey reads the key that seals the links of those who sign up, or makes one.
func signUpKey(data string) ([]byte, error) {
	path := filepath.Join(data, "keys", "sign-up.secret")
	secret, err := secretFile("key of sign-ups", path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(secret)
	if err != nil || len(key) != signin.SealKeyBytes {
		return nil, fmt.Errorf("key of sign-ups: %s holds no %d bytes in hex; remove it and start again for a new one", path, signin.SealKeyBytes)
	}
	return key, nil
}

// openGate opens the gate for exchanges that keep their own ledger.
func openGate(x *exchange.Exchange, data string, c *config, log *slog.Logger) (*gateapi.Server, error) {
	keys, err := gateapi.OpenKeys(gateKeys(data))
	if err != nil {
		return nil, err
	}
	secret, err := secretFile("gate secret", filepath.Join(data, "keys", "gate.secret"))
	if err != nil {
		return nil, err
	}
	return gateapi.New(x, gateapi.Options{
		Keys: keys, Secret: []byte(secret), Dir: filepath.Join(data, "gate"), PerSecond: c.Gate.RequestsPerSecond, Hosts: c.Gate.WebhookHosts, Log: log,
	})
}

// close ends what the node does, and then the exchange.
func (n *node) close() error {
	var door error
	if n.door != nil {
		door = n.door.Close()
	}
	return errors.Join(n.wire.Close(), n.fix.Close(), n.gate.Close(), door, n.x.Close())
}

// newServer is a server whose clients have a time for all they do.
func newServer(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, MaxHeaderBytes: 64 << 10,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx }, // event streams end with it
	}
}

// serve answers on the listener, and with the gate alone and with FIX on others where there are
// such, until the context ends, then shuts down in order.
func (n *node) serve(ctx context.Context, l, gate, fix net.Listener) error {
	servers, listeners := []*http.Server{newServer(ctx, n.handler)}, []net.Listener{l}
	if gate != nil {
		servers, listeners = append(servers, newServer(ctx, n.gate)), append(listeners, gate)
	}
	running := len(servers)
	done := make(chan error, running+1)
	for i, srv := range servers {
		go func() { done <- srv.Serve(listeners[i]) }()
	}
	if fix != nil {
		running++
		go func() { done <- n.fix.Serve(fix) }()
	}
	var err error
	ended := 0
	select {
	case err = <-done:
		ended++
	case <-n.x.Failed():
		err = fmt.Errorf("%w\nwhat was acknowledged is in the log; start again when the disk is well", n.x.Err())
	case <-ctx.Done():
		n.wire.Close() // the server does not know of connections that have become streams
		end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		for _, srv := range servers {
			_ = srv.Shutdown(end) // what has not ended by then is closed below
		}
	}
	for _, srv := range servers {
		srv.Close()
	}
	n.wire.Close() // before FIX, whose sessions hear of it
	n.fix.Close()
	for ; ended < running; ended++ {
		if e := <-done; err == nil && !errors.Is(e, http.ErrServerClosed) && !errors.Is(e, net.ErrClosed) {
			err = e
		}
	}
	return err
}

// listen opens the address, saying what to do when it is taken.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w\ngive another address with --listen, such as --listen 127.0.0.1:0 for any free port", err)
	}
	return l, nil
}

// starterIfNone puts the starter edition in force where the store has no edition of its list.
func starterIfNone(store *watchlist.Store, at time.Time) error {
	f := starter.Format()
	if _, err := store.InForce(f.List); err == nil || !errors.Is(err, watchlist.ErrNoEdition) {
		return err
	}
	out, err := store.Offer(f, starter.Files(at), watchlist.Intake{Published: at, At: at, By: "starter"})
	if err != nil {
		return err
	}
	if out.Verdict != watchlist.Accepted {
		return fmt.Errorf("the starter edition was not taken up: %s", out)
	}
	return nil
}

// followLists takes up what the store puts in force, and who the operator users are, at once and then
// within half a second (a second, of users) of its coming, until the context ends. What stays wrong is told once.
func (n *node) followLists(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	told, toldOfUsers := "", ""
	for {
		wrong := ""
		if err := n.takeLists(log); err != nil {
			wrong = err.Error()
		}
		if err := n.users.Settle(time.Now()); err != nil && err.Error() != toldOfUsers {
			toldOfUsers = err.Error()
			log.Error("what has changed of the operator users could not be taken up; nobody is let in at the desk until it is", "error", err)
		} else if err == nil {
			toldOfUsers = ""
		}
		if wrong != "" && wrong != told {
			log.Error("a list could not be taken up; the edition in force stays", "error", wrong)
		}
		told = wrong
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// takeLists takes up each list whose edition in the store is not the one in force. One that
// cannot be taken up keeps no other from it: whom the others name is stopped.
func (n *node) takeLists(log *slog.Logger) error {
	lists, err := n.store.Lists()
	if err != nil {
		return err
	}
	inForce := map[string]string{}
	for _, e := range n.x.View().Summary().Editions {
		inForce[e.List] = hex.EncodeToString(e.SHA256[:])
	}
	var errs []error
	for _, list := range lists {
		errs = append(errs, n.takeList(list, inForce[list], log))
	}
	return errors.Join(errs...)
}

// takeList takes up the list's edition in the store where it is not the one in force.
func (n *node) takeList(list, inForce string, log *slog.Logger) error {
	meta, err := n.store.InForce(list)
	if errors.Is(err, watchlist.ErrNoEdition) {
		return nil // one waits for a person
	} else if err != nil {
		return err
	}
	if inForce == meta.SHA256 {
		n.x.Confirm(list, meta.ConfirmedAt)
		return nil
	}
	arrived := time.Now()
	e, err := n.store.Load(list, meta.SHA256)
	if err != nil {
		return err
	}
	ch, err := n.x.TakeEdition(e, arrived)
	if err != nil {
		return err
	}
	log.Info("a list edition was taken up", "list", list, "published", e.Published.Format("2006-01-02"), "entries", len(e.Entities), "starter", e.Starter,
		"added", ch.Added, "removed", ch.Removed, "screened", ch.Screened, "frozen", len(ch.Frozen), "held", len(ch.Held), "released", len(ch.Released), "took", ch.Elapsed)
	return nil
}
