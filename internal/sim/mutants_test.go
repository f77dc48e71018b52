package sim

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var mutantsFlag = flag.String("sim.mutants", "", "break the product in the ways whose names hold this word; \"all\" for all of them")

// mutants are ways to break the product, each by one change of its text. The simulation must find
// every one: a harness that has never failed has shown nothing.
var mutants = []struct {
	name, file, from, to string
}{
	{
		"commits are not synced", "internal/store/store.go",
		"d.p.Apply(b, pebble.Sync)", "d.p.Apply(b, pebble.NoSync)",
	}, {
		"a failed sync is passed over", "internal/store/fs.go",
		"	if err != nil {\n		d.stop(err)\n	}\n	return nil\n}\n\nfunc (f failStopFile) Write(", "	return nil\n}\n\nfunc (f failStopFile) Write(",
	}, {
		"the directory is not synced before its marker", "internal/store/fs.go",
		"return errors.Join(dir.Sync(), dir.Close())", "return errors.Join(dir.Close())",
	}, {
		"names of keys, rules and snapshots are not synced", "internal/store/files.go",
		"return errors.Join(d.Sync(), d.Close())", "return d.Close()",
	}, {
		"keys, rules and snapshots are not synced", "internal/store/files.go",
		"return errors.Join(err, f.Sync(), f.Close())", "return errors.Join(err, f.Close())",
	}, {
		"keys are not put in place whole", "internal/store/files.go",
		"	half := path + \".new\"\n", "	if true {\n		return WriteNew(files, path, b, mode)\n	}\n	half := path + \".new\"\n",
	}, {
		"a closed store has no seal", "internal/store/rest.go",
		"if is != string(want) {", "if false {",
	}, {
		"who asks is answered before the commit", "exchange/sequencer.go",
		"	defer func() {\n		for _, j := range b.group {\n			close(j.done)\n		}\n	}()\n	if x.Err()", "	for _, j := range b.group {\n		close(j.done)\n	}\n	if x.Err()",
	}, {
		"what is shown is shown before the commit", "exchange/sequencer.go",
		"	first, err := x.log.Append(b.entries)\n", "	early, _ := x.log.Head()\n	x.publish(early+1, b, 0, len(b.cmds))\n	first, err := x.log.Append(b.entries)\n	b = &batch{}\n",
	}, {
		"a failed commit is passed over", "exchange/sequencer.go",
		"		if err := x.write(b); err != nil {\n			x.fail(err)\n		}", "		if err := x.write(b); err != nil {\n			x.cfg.Log.Error(err.Error())\n		}",
	}, {
		"a job enters the log in two commits", "exchange/sequencer.go",
		"	first, err := x.log.Append(b.entries)\n", "	if n := len(b.entries); n > 1 {\n		if _, err := x.log.Append(b.entries[:1]); err != nil {\n			return err\n		}\n		b.entries = b.entries[1:]\n	}\n	first, err := x.log.Append(b.entries)\n	first -= uint64(len(b.cmds) - len(b.entries))\n",
	}, {
		"the venue gets another time than the log", "exchange/sequencer.go",
		"x.sequencer.venue.Apply(at, cmd, out)", "x.sequencer.venue.Apply(at+1, cmd, out)",
	}, {
		"time may go back", "exchange/sequencer.go",
		"at := max(x.Now().UnixMicro(), x.sequencer.last)", "at := x.Now().UnixMicro() - int64(x.sequencer.last%3)",
	}, {
		"dates are not marked before what comes of them", "exchange/sequencer.go",
		"if due && !j.basis {", "if false && due {",
	}, {
		"a snapshot's view is of a later record", "exchange/snapshot.go",
		"s.write(c, state, view)", "func() error {\n				store.MakeDir(x.files, filepath.Join(s.dir, fmt.Sprint(c.Seq)), 0o700)\n				view = x.view.still()\n				view.seq = c.Seq\n				return s.write(c, state, view)\n			}()",
	}, {
		"a snapshot is bound to another record", "exchange/snapshot.go",
		"	c.Seq, c.Chain = x.log.Head()", "	c.Seq, c.Chain = x.log.Head()\n	c.Seq--",
	}, {
		"replay goes on one record too late", "exchange/sequencer.go",
		"replayLog(x.log, r.venue, r.of.Seq+1, theEnd, func(r replayed, cmd", "replayLog(x.log, r.venue, r.of.Seq+1+min(1, r.of.Seq), theEnd, func(r replayed, cmd",
	}, {
		"a venue that failed is gone on with", "exchange/quarantine.go",
		"	x.sequencer.venue = v\n", "	_ = v\n",
	}, {
		"restored orders reserve nothing", "venue/restore.go",
		"			o.held = needs", "			_ = needs",
	}, {
		"what the vault has and the log has not is not made up for", "exchange/clearance.go",
		"		if c.logged == c.commitment {", "		if true {",
	}, {
		"an account is told to the log before the vault has its holder", "vault/vault.go",
		"	if err := v.commit(b, nil); err != nil {\n		return nil, err\n	}\n	return cs, nil", "	b.Close()\n	return cs, nil",
	}, {
		"a balance is missed", "venue/match.go",
		"v.deliver(m.Quote, buyer, seller, value, *sellFee)", "v.deliver(m.Quote, buyer, seller, v.minus(value, *sellFee), *sellFee)",
	}, {
		"value comes from nowhere", "ledger/ledger.go",
		"*a, *b = less, more", "_, *b = less, more",
	}, {
		"what a trade pays comes from nowhere", "ledger/ledger.go",
		"	h.near[Ordered] = less\n	if err", "	_ = less\n	if err",
	}, {
		"bars keep nobody apart", "venue/classes.go",
		"if len(law.Between(sides, v.classes[i].sides)) > 0 {", "if false && len(law.Between(sides, v.classes[i].sides)) > 0 {",
	}, {
		"orders of a stopped account stay open", "venue/venue.go",
		"	if s.May&tape.MayTrade == 0 || moved {\n		v.endAll", "	if moved {\n		v.endAll",
	}, {
		"what is frozen by its movement is freed with the account", "venue/venue.go",
		"have = v.minus(have, x.Amount)", "_ = x.Amount",
	}, {
		"what would cross those it may not meet rests", "venue/match.go",
		"book.Everybody); left != 0 {", "book.Everybody); left != 0 && false {",
	}, {
		"a bar is no bar within a trade group", "venue/match.go",
		"	may := v.may[o.account.class]\n	priced := o.Type.Priced()\n", "	may := v.may[o.account.class]\n	if o.account.group != 0 && o.SelfTrade == tape.Transfer {\n		may = book.Everybody\n	}\n	priced := o.Type.Priced()\n",
	}, {
		"what changes hands is not paid for", "venue/match.go",
		"		ledger.Posting{Asset: m.Quote, From: from(buyer), To: to(seller), Amount: m.value(maker.tick, lots)},\n", "		ledger.Posting{Asset: m.Quote, From: from(buyer), To: to(buyer), Amount: m.value(maker.tick, lots)},\n",
	}, {
		"the taker's word is enough for something to change hands", "venue/orders.go",
		"if o.SelfTrade == tape.Transfer && maker.SelfTrade != tape.Transfer {", "if false {",
	}, {
		"a market order reserves nothing for what changes hands", "venue/match.go",
		"o.mode(maker) == tape.Transfer && maker.account != o.account)", "false)",
	}, {
		"a trade group is forgotten by a snapshot", "venue/restore.go",
		"given: x.Tier, group: x.Group,", "given: x.Tier,",
	}, {
		"what is locked for others is forgotten by a snapshot", "venue/restore.go",
		"together: x.Together, locked: x.Locked}", "together: x.Together}",
	}, {
		"what a list has locked stays locked when it is cancelled", "venue/ends.go",
		"	v.unlock(p, m)\n", "",
	}, {
		"what is bought for others to sell is free", "venue/match.go",
		"Pocket: ledger.Ordered}, Amount: brings}", "Pocket: ledger.Available}, Amount: brings}",
	}, {
		"more is sold than another has paid for", "venue/orderlist.go",
		"	lots, _ := most.In(m.Step)\n", "	lots, _ := most.In(m.Step)\n	lots++\n",
	}, {
		"what is open in other markets counts for nothing", "venue/orders.go",
		"if uint32(len(a.orders)) >= v.maxOpen.Orders {", "if false {",
	}, {
		"icebergs that ended count on", "venue/orders.go",
		"a.countFew(o.Market, one, 0)", "a.countFew(o.Market, 1, 0)",
	}, {
		"orders with a stop count in their market alone", "venue/orders.go",
		"		a.stops += one\n", "",
	}, {
		"order lists that ended count on", "venue/ends.go",
		"			a.countFew(p.Market, 0, minusOne)\n", "",
	}, {
		"order lists are not counted by a snapshot", "venue/restore.go",
		"		v.accounts[p.Account].countFew(p.Market, 0, 1)\n", "",
	}, {
		"how often an order was made smaller is not counted", "venue/ends.go",
		"		v.own(o).Amends++\n", "",
	}, {
		"what a client says of a strategy is not kept", "venue/orders.go",
		"		r.Strategy = c.Strategy\n", "",
	}, {
		"a cancel takes an order in any state", "venue/ends.go",
		"if c.Only != 0 && o.Status != c.Only {", "if false {",
	}, {
		"what a trailing order follows is the last price", "venue/trail.go",
		"for n > 0 && f.runs[n-1].key <= k {", "for n > 0 {",
	}, {
		"trailing orders follow from their stop, not from the trade that set them off", "venue/trail.go",
		"v.startFollowing(&v.orders[v.ids.find(id)], m, tick)", "v.startFollowing(&v.orders[v.ids.find(id)], m, v.orders[v.ids.find(id)].stop)",
	}, {
		"a trailing order that follows is lost by a snapshot", "venue/restore.go",
		"m.followersOf(o).add(o.ID, uint32(extreme))", "m.followersOf(o).add(o.ID, m.last)",
	}, {
		"earned tiers are not paid by", "venue/venue.go",
		"return max(a.given, a.earned)", "return a.given",
	}, {
		"anybody sets a market's phase", "venue/users.go",
		"	case *tape.SetPhase:\n		return may(c.By, tape.MayOperations)\n", "",
	}, {
		"anybody's word is taken to the venue", "exchange/users.go",
		"u.Name == by && u.May&right != 0 })", "true })",
	}, {
		"what an operator may not offer is traded", "exchange/assets.go",
		"if r := x.assets.closed[offer{c.operator, asset}]; r != nil {", "if r := x.assets.closed[offer{c.operator, asset}]; r != nil && false {",
	}, {
		"orders stand on in what an operator may no more offer", "exchange/assets.go",
		"			case x.refusesMarket(c, m) != nil:", "			case false && x.refusesMarket(c, m) != nil:",
	}, {
		"operator users are forgotten by a snapshot", "venue/restore.go",
		"		v.users[u.Name] = u.May\n", "		_ = u\n",
	}, {
		"changes of the depth are not counted", "exchange/follow.go",
		"if m.updates++; len(", "if len(",
	},
}

// source is a file that has a text in it, once.
func source(t *testing.T, path, part string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte(part)); n != 1 {
		t.Errorf("%s has the text %q %d times, want once: say here what it reads now, or what is to be broken instead", path, part, n)
	}
	return text
}

// What TestMutants breaks at night is there.
func TestMutantsCanBeMade(t *testing.T) {
	for _, m := range mutants {
		source(t, filepath.Join("../..", m.file), m.from)
	}
}

// TestMutants breaks the product, one way after another, and sees the simulation fail.
func TestMutants(t *testing.T) {
	if *mutantsFlag == "" && !*nightly {
		t.Skip("SKIPPED: with -args -sim.mutants=all, and nightly")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`seed (\d+), step (\d+): (.*)`)
	for _, m := range mutants {
		if *mutantsFlag != "" && *mutantsFlag != "all" && !strings.Contains(m.name, *mutantsFlag) {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(root, m.file)
			text := source(t, path, m.from)
			broken := filepath.Join(dir, "broken.go")
			if err := os.WriteFile(broken, bytes.Replace(text, []byte(m.from), []byte(m.to), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: broken}})
			if err != nil {
				t.Fatal(err)
			}
			list := filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(list, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("go", "test", "-overlay", list, "-vet=off", "-timeout=15m", "-run", "^TestSimulation$", ".", "-args", "-sim.seeds=1000", "-sim.unshrunk").CombinedOutput()
			what := found.FindStringSubmatch(string(out))
			if err == nil || what == nil && !bytes.Contains(out, []byte("panic: ")) {
				t.Fatalf("not found: %s", out[:min(len(out), 2000)])
			}
			if what == nil {
				what = []string{"", "", "", string(out[bytes.Index(out, []byte("panic: ")):][:120])}
			}
			t.Logf("seed %s, step %s: %s", what[1], what[2], what[3])
		})
	}
}
