package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

// serveCommand is `sallyport serve`: the exchange, without the story.
func serveCommand() *cobra.Command {
	var data, file, addr string
	var secure tlsConfig
	var print bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the exchange",
		Long: `Runs the exchange in a data folder: the Binance-Spot-compatible wire under /api, /sapi, /ws,
/stream and /ws-api, the desk's API under /desk (its token lies in DATA/keys/desk.token, until there are operator users:
` + "`sallyport operator-user`" + `), the gate for an
exchange that exists already under /gate (its keys are made with ` + "`sallyport gate-key`" + `), the
customers' own pages under /me (their API under /customer), the console at /.

Connections are TLS. Where no certificate is given the program makes one at its first start,
keeps it as DATA/keys/tls.crt and prints its fingerprint.

What was acknowledged survives a kill at any moment. Lists are taken up within a second of
` + "`sallyport lists pull`" + ` or ` + "`import`" + ` on the same folder; until then a starter edition is in
force, which is no substitute for the official list.`,
		Example: `  sallyport serve --data ./exchange
  sallyport serve --print-config > exchange.yaml
  sallyport serve --data ./exchange --config exchange.yaml --listen 127.0.0.1:9000
  sallyport serve --data ./exchange --no-tls  # plain HTTP, to try it on this machine
  sallyport lists pull --data ./exchange      # in another terminal`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if print {
				_, err := cmd.OutOrStdout().Write(defaultConfig)
				return err
			}
			cfg, err := readConfig(file)
			if err != nil {
				return usageError{err}
			}
			if addr != "" {
				cfg.Listen = addr
			}
			if secure != (tlsConfig{}) {
				cfg.TLS = secure
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			collectLess(cmd.Context())
			clock := func() time.Time { return time.Now().UTC() }
			l, err := listen(cfg.Listen)
			if err != nil {
				return err
			}
			defer l.Close()
			var gate net.Listener
			if cfg.Gate.Listen != "" {
				if gate, err = listen(cfg.Gate.Listen); err != nil {
					return fmt.Errorf("gate: %w", err)
				}
				defer gate.Close()
			}
			var fix net.Listener
			if cfg.FIX.Listen != "" {
				if fix, err = listen(cfg.FIX.Listen); err != nil {
					return fmt.Errorf("fix: %w", err)
				}
				defer fix.Close()
			}
			if cfg.Customers.Site == "" {
				cfg.Customers.Site = cfg.localSite(l)
			}
			n, err := openNode(data, cfg, clock, cfg.Lists.StaleAfter, "", log)
			if err != nil {
				return err
			}
			defer n.close()
			private, shown, err := cfg.TLS.listener(l, data, clock())
			if err != nil {
				return err
			}
			privateGate := gate
			if gate != nil {
				if privateGate, _, err = cfg.TLS.listener(gate, data, clock()); err != nil {
					return err
				}
			}
			privateFIX := fix
			if fix != nil {
				if privateFIX, _, err = cfg.TLS.listener(fix, data, clock()); err != nil {
					return err
				}
			}
			if err := starterIfNone(n.store, clock()); err != nil {
				return err
			}
			if err := n.takeLists(log); err != nil {
				return err
			}
			for _, e := range n.x.View().Summary().Editions {
				if e.Starter {
					log.Warn("a STARTER edition is in force, no substitute for the official list; run: sallyport lists pull --data "+data, "list", e.List)
				}
			}
			following, stop := context.WithCancel(cmd.Context())
			var follower sync.WaitGroup
			follower.Go(func() { n.followLists(following, log) })
			fmt.Fprintf(cmd.OutOrStdout(), "listening on %s://%s\n", cfg.TLS.scheme(), l.Addr())
			if shown != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "certificate SHA-256 %s\n", shown)
			}
			if gate != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "the gate listening on %s://%s\n", cfg.TLS.scheme(), gate.Addr())
			}
			if fix != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "FIX 4.4 listening on %s\n", fix.Addr())
			}
			err = n.serve(cmd.Context(), private, privateGate, privateFIX)
			stop()
			follower.Wait() // an edition that is being taken up is taken up whole before the log closes
			if err != nil {
				return err
			}
			return n.close()
		},
	}
	c.Flags().StringVar(&data, "data", defaultData, "data folder; founded when there is none")
	c.Flags().StringVar(&file, "config", "", "configuration (YAML); the built-in one where none is given")
	c.Flags().StringVar(&addr, "listen", "", "address to listen on, instead of the configuration's")
	c.Flags().BoolVar(&secure.Off, "no-tls", false, "speak plain HTTP")
	c.Flags().StringVar(&secure.Certificate, "tls-certificate", "", "certificate (PEM), with those that vouch for it; with --tls-key")
	c.Flags().StringVar(&secure.Key, "tls-key", "", "key of the certificate (PEM)")
	c.Flags().BoolVar(&print, "print-config", false, "print the built-in configuration, with every key, and end")
	return c
}
