package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/term"

	"sallyport/exchange"
	"sallyport/gate/receipt"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/verify"
	"sallyport/watchlist"
)

// verifyError ends the program: status 1 where a record does not hold, 2 where nothing
// could be found out.
type verifyError struct {
	err    error
	status int
}

func (e *verifyError) Error() string { return e.err.Error() }
func (e *verifyError) Unwrap() error { return e.err }

// ExitCode is the status that the program ends with.
func (e *verifyError) ExitCode() int { return e.status }

// unreadable is an error of usage, or of files that cannot be read.
func unreadable(format string, args ...any) error {
	return &verifyError{fmt.Errorf(format, args...), 2}
}

func verifyCommand() *cobra.Command {
	var data, key string
	var held, receipts []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify {--data DIR | --receipt FILE --key FILE}",
		Short: "Replay a journal and say what it proves, or name the first record that does not hold",
		Long: `Verify replays the journal under DIR by an independent reading of the rules and says
what it proved: that the log is whole, that every command had just the effects it must
have, that every decision follows from its own facts under the rules it names, that
every balance adds up and that nobody traded who was not allowed to.

The rule sets that were ever in force are kept in DIR/rules under their hash, so that
decisions of former times are decided again too; one that was tampered with is found.

It reads and changes nothing. A running exchange holds its journal: stop it, or verify
a copy of the folder.

A receipt that the gate gave out (docs/gate.md) must stand in the log as it says. Without
--data only its signature is verified, offline, with the key.

The exit status is 0 when everything holds, 1 with the first record that does not, and 2
when the journal or a key cannot be read.`,
		Example: `  sallyport verify --data ./data
  sallyport verify --data ./data --key checkpoint.pub --checkpoint yesterday.txt
  sallyport verify --data ./data --json
  sallyport verify --data ./data --receipt withdrawal-77.txt
  sallyport verify --receipt withdrawal-77.txt --key checkpoint.pub`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unreadable("verify: %q: takes no arguments; the folder is given with --data", args[0])
			}
			return nil
		},
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if data == "" && len(receipts) > 0 {
				if len(held) > 0 || asJSON {
					return unreadable("verify: --checkpoint and --json need the log: say which folder with --data DIR")
				}
				return verifySignatures(cmd.OutOrStdout(), key, receipts)
			}
			return runVerify(cmd.OutOrStdout(), data, key, held, receipts, asJSON)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return unreadable("verify: %w; see sallyport verify --help", err)
	})
	cmd.Flags().StringVar(&data, "data", "", "data folder of the exchange; its journal is DIR/journal")
	cmd.Flags().StringVar(&key, "key", "", "file with the key that verifies checkpoints (default DIR/keys/checkpoint.pub where it is present)")
	cmd.Flags().StringArrayVar(&held, "checkpoint", nil, "file with a signed checkpoint kept elsewhere, which the journal must reach and meet; may be repeated")
	cmd.Flags().StringArrayVar(&receipts, "receipt", nil, "file with a receipt of the gate, which must stand in the journal as it says; may be repeated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as one JSON object")
	return cmd
}

// verifySignatures verifies receipts with the key alone.
func verifySignatures(out io.Writer, key string, names []string) error {
	if key == "" {
		return unreadable("verify: a receipt is verified with the key of the log that it speaks of: give --key FILE, or the log with --data DIR")
	}
	v, err := readVerifier("", key)
	if err != nil {
		return err
	}
	for _, name := range names {
		signed, err := readSmall(name)
		if err != nil {
			return unreadable("verify: %w", err)
		}
		r, err := receipt.Open(signed, v)
		if err != nil {
			return &verifyError{fmt.Errorf("verify: NOT OK: %s: %w", name, err), 1}
		}
		fmt.Fprintf(out, "OK: %s: signed: record %d of %s, %s: %s, do %s. Whether the log has it, --data tells.\n", name, r.Seq, r.Origin, r.Action, r.Verdict, r.Do)
	}
	return nil
}

func runVerify(out io.Writer, data, key string, held, receipts []string, asJSON bool) error {
	if data == "" {
		return unreadable("verify: say which folder with --data DIR")
	}
	var o verify.Options
	var err error
	if o.Verifiers, err = readVerifier(data, key); err != nil {
		return err
	}
	for _, name := range held {
		if o.Verifiers == nil {
			return unreadable("verify: a checkpoint kept elsewhere is of use only with the key that signed it: give --key")
		}
		signed, err := readSmall(name)
		if err != nil {
			return unreadable("verify: %w", err)
		}
		c, err := journal.OpenCheckpoint(signed, o.Verifiers)
		if err != nil {
			return unreadable("verify: %s: %w", name, err)
		}
		o.Held = append(o.Held, c)
	}
	for _, name := range receipts {
		if o.Verifiers == nil {
			return unreadable("verify: a receipt is of use only with the key that signed it: give --key")
		}
		signed, err := readSmall(name)
		if err != nil {
			return unreadable("verify: %w", err)
		}
		r, err := receipt.Open(signed, o.Verifiers)
		if err != nil {
			return &verifyError{fmt.Errorf("verify: NOT OK: %s: %w", name, err), 1}
		}
		o.Receipts = append(o.Receipts, r)
	}
	rules, err := law.Default()
	if err != nil {
		return unreadable("verify: the rules of this program: %w", err)
	}
	o.Rules = []*law.Set{rules}
	// The sets that were in force lie beside the log; a copy of the log alone is held to this
	// program's.
	var unread []law.Unread
	if kept := filepath.Join(data, exchange.RulesDir); isFolder(kept) {
		var sets []*law.Set
		sets, unread, err = law.LoadKept(os.DirFS(kept))
		var tampered *law.TamperedError
		if errors.As(err, &tampered) {
			return &verifyError{fmt.Errorf("verify: NOT OK: %w", err), 1}
		} else if err != nil {
			return unreadable("verify: %w", err)
		}
		o.Rules = append(o.Rules, sets...)
	}
	// The lists lie beside the log where the folder is whole; a copy of the log alone does too.
	if lists := filepath.Join(data, "lists"); isFolder(lists) {
		store, err := watchlist.OpenStore(lists, listFormats())
		if err != nil {
			return unreadable("verify: %w", err)
		}
		o.Edition = store.Load
	}

	log, err := journal.OpenReadOnly(filepath.Join(data, "journal"))
	switch {
	case errors.Is(err, journal.ErrHeld):
		return unreadable("verify: a running exchange holds %s: stop it, or verify a copy of the folder", data)
	case err != nil:
		var broken *journal.BrokenError
		if errors.As(err, &broken) {
			return finish(out, verify.Report{}, &verify.Violation{Seq: broken.Seq, Kind: verify.BadLog, Why: broken.Why}, asJSON)
		}
		return unreadable("verify: %s: %w", data, err)
	}
	defer log.Close()

	if total, _ := log.Head(); total > 0 && term.IsTerminal(int(os.Stderr.Fd())) {
		bar := progressbar.NewOptions64(int64(total),
			progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("replaying"),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"),
			progressbar.OptionClearOnFinish())
		o.Progress = func(done, _ uint64) { _ = bar.Set64(int64(done)) } // a bar that cannot be drawn is no reason to stop
		defer bar.Exit()
	}
	report, err := verify.Journal(log, o)
	var v *verify.Violation
	if err != nil && !errors.As(err, &v) {
		return unreadable("verify: %s: %w", data, err)
	}
	for _, u := range unread {
		if report.What != nil {
			report.What = append(report.What, fmt.Sprintf("The rule set %s is kept and whole, and this program does not read it: %v.", u.SHA256, u.Err))
		}
	}
	return finish(out, report, v, asJSON)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readVerifier reads the key that verifies checkpoints; nil when none was named and
// none lies in the data folder.
func readVerifier(data, name string) (note.Verifiers, error) {
	named := name != ""
	if !named {
		name = filepath.Join(data, "keys", "checkpoint.pub")
	}
	text, err := readSmall(name)
	if !named && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable("verify: %w", err)
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, unreadable("verify: %s: no key that verifies checkpoints: %w", name, err)
	}
	return note.VerifierList(v), nil
}

// readSmall reads a key or a checkpoint, which are lines, not files of any size.
func readSmall(name string) ([]byte, error) { return readAtMost(name, 64<<10) }

// readAtMost reads a file whole, or not at all where it is longer.
func readAtMost(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%s: longer than %d bytes", name, most)
	}
	return b, err
}

// finish prints what was found; v is the first record that does not hold, or nil.
func finish(out io.Writer, report verify.Report, v *verify.Violation, asJSON bool) error {
	var failed error
	if v != nil {
		failed = &verifyError{v, 1}
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		err := enc.Encode(struct {
			OK        bool              `json:"ok"`
			Violation *verify.Violation `json:"violation,omitempty"`
			Report    verify.Report     `json:"report"`
		}{v == nil, v, report})
		if err != nil {
			return unreadable("verify: print the report: %w", err)
		}
		return failed
	}
	if _, err := io.WriteString(out, plain(report, v)); err != nil {
		return unreadable("verify: print the report: %w", err)
	}
	return failed
}

// plain is the report for a reader.
func plain(r verify.Report, v *verify.Violation) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if r.Records > 0 {
		const moment = "2006-01-02 15:04:05"
		line("journal      %s", r.Origin)
		line("records      %d, from %s to %s UTC", r.Records, r.First.Format(moment), r.Last.Format(moment))
		line("commands     %s; %d refused", counts(r.Commands), r.Refused)
		line("accounts     %d, of which %d frozen and %d held", r.Accounts, r.Frozen, r.HeldBack)
		line("orders       %d, trades %d", r.Orders, r.Trades)
		line("deposits     %d, withdrawals %d", r.Deposits, r.Withdrawals)
		line("decisions    %d (%s), evaluated again %d", r.Decisions, counts(r.ByVerdict), r.RedecidedDecisions)
		line("checkpoints  %d", r.Checkpoints)
		line("last record  %d", r.LastSeq)
		line("chain        %s", r.Chain)
		line("state        %s", r.StateHash)
		line("")
	}
	if v != nil {
		if v.Seq > 1 {
			line("These are the records before record %d, which does not hold.", v.Seq)
		}
		line("NOT OK: record %d (%s): %s", v.Seq, v.Kind, v.Why)
		return b.String()
	}
	for _, s := range r.What {
		line("- %s", s)
	}
	line("")
	line("OK: every record holds.")
	return b.String()
}

// counts is "Deposit 3, PlaceOrder 120", in order of name.
func counts(of map[string]uint64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, of[name]))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}
