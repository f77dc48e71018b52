package sim

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/fstest"
	"testing/synctest"
	"time"

	"sallyport/entity"
	"sallyport/law"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

var (
	nightly   = flag.Bool("nightly", false, "play ten thousand seeds")
	seedFlag  = flag.Uint64("sim.seed", 0, "play this seed alone")
	seedsFlag = flag.Uint64("sim.seeds", 0, "how many seeds are played")
	stepsFlag = flag.String("sim.steps", "", "of the seed, play these steps alone, such as 0-12,15")
	unshrunk  = flag.Bool("sim.unshrunk", false, "do not look for fewer steps that fail")
	tellFlag  = flag.Bool("sim.tell", false, "tell what happens")
)

const length = 50 // steps of a run

// An outcome is what came of a run.
type outcome struct {
	wrong string // what must not have happened, or ""
	step  int    // at which it did
	told  string // everything that happened
	log   int    // how much of it happened before the end
	met   map[string]int
}

// play plays a seed.
func play(t *testing.T, rules *law.Set, seed uint64, steps []int) outcome {
	return playTo(t, rules, seed, steps, (*world).audit)
}

// playTo plays a seed, and does something with the folder at its end.
func playTo(t *testing.T, rules *law.Set, seed uint64, steps []int, end func(*world)) (o outcome) {
	cryptotest.SetGlobalRandom(t, seed) // for keys, which take no source of their own
	synctest.Test(t, func(t *testing.T) { o = inBubble(rules, seed, steps, end) })
	return o
}

func inBubble(rules *law.Set, seed uint64, steps []int, end func(*world)) (o outcome) {
	w := &world{
		seed: seed, rules: rules, sched: rand.New(rand.NewPCG(seed, 1<<40)), twin: newTwin(), met: map[string]int{}, editions: map[string]*watchlist.Edition{},
		kept: kept{profiles: map[uint64][]entity.Profile{}, keys: map[string]uint64{}, removed: map[string]bool{}},
	}
	w.skew.Store(int64(time.Until(time.Date(2022, 2, 24, 9, 0, 0, 0, time.UTC))))
	defer func() {
		if r := recover(); r != nil {
			v, ok := r.(violation)
			if !ok {
				panic(r)
			}
			o.wrong = string(v)
			if c := w.failed; c != nil {
				o.wrong = c.what + ": " + o.wrong
			}
			w.bury()
		}
		o.told, o.met = w.told.String(), w.met
	}()
	if w.during(func() { w.boot(NewDisk()) }) {
		w.restart()
	}
	for _, n := range steps {
		o.step = n
		if w.during(func() {
			l, before := w.life, len(w.records)
			logFailed := l.logFailed
			w.step(n)
			if logFailed && l == w.life && len(w.records) > before {
				w.wrong("record %d was acknowledged after the log's disk had failed", before+1)
			}
			if w.life.failing != nil && (w.stopped() || w.sched.IntN(2) == 0) {
				panic(powerCut{})
			}
		}) {
			w.restart()
		}
	}
	o.step = length
	w.finish()
	o.log = w.told.Len()
	end(w)
	return o
}

// bury lets everything come to its end, whatever it is.
func (w *world) bury() {
	l := w.life
	l.mu.Lock()
	l.ghost = true
	waiting := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	for _, r := range waiting {
		r.answer <- nil
	}
	select {
	case <-l.disk.ended:
	default:
		l.disk.End()
	}
	synctest.Wait()
	if w.x != nil {
		w.x.Close()
	}
}

// TestSimulation plays seeds, each twice. What it draws and what must hold, the files beside this
// one say. A failure prints how to play the seed alone.
func TestSimulation(t *testing.T) {
	rules := rulesOfSim(t)
	from, seeds := max(1, *seedFlag), *seedsFlag
	switch {
	case seeds != 0:
	case *seedFlag != 0:
		seeds = 1
	case *nightly:
		seeds = 10_000
	case testing.Short():
		seeds = 10
	default:
		seeds = 200
	}
	steps := allSteps()
	if *stepsFlag != "" {
		steps = parseSteps(t, *stepsFlag)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // everything here is short-lived
	met := map[string]int{}
	for seed := from; seed < from+seeds; seed++ {
		o := play(t, rules, seed, steps)
		if o.wrong != "" {
			if *tellFlag {
				fmt.Print(o.told)
			}
			few := formatSteps(steps)
			if !*unshrunk {
				few = shrink(t, rules, seed, steps, o)
			}
			t.Fatalf("seed %d, step %d: %s\nagain: go test ./internal/sim -run TestSimulation -args -sim.seed=%d -sim.steps=%s -sim.tell", seed, o.step, o.wrong, seed, few)
		}
		again := playTo(t, rules, seed, steps, func(*world) {}) // which need not be audited again
		if first := o.told[:o.log]; again.told != first {
			t.Fatalf("seed %d goes another way the second time:%s\nagain: go test ./internal/sim -run TestSimulation -args -sim.seed=%d", seed, difference(first, again.told), seed)
		}
		if *tellFlag {
			fmt.Print(o.told)
		}
		for k, n := range o.met {
			met[k] += n
		}
	}
	for _, k := range slices.Sorted(maps.Keys(met)) {
		t.Logf("%7d %s", met[k], k)
	}
	for _, what := range mustMeet {
		if seeds >= 200 && *stepsFlag == "" && met[what] == 0 {
			t.Errorf("no seed met: %s", what)
		}
	}
}

// mustMeet is what two hundred seeds are too few to mean anything without.
var mustMeet = []string{
	tape.MaxAmends.String(), tape.NotOnly.String(), tape.BadOrder.String(),
	tape.MaxAllOrders.String(), tape.MaxAllStops.String(), tape.MaxAllIcebergs.String(), tape.MaxAllLists.String(), tape.MaxLists.String(),
	"power cut before write", "power cut before sync", "power cut before sync of a directory", "power cut before rename", "power cut before remove", "power cut before create",
	"restarts with more than was acknowledged", "restarts in peace", "opened from a snapshot", "rot found",
	"input/output error: sync", "input/output error: sync of a directory", "no space left on device: write", "no space left on device: create",
	"TakeEdition", "Clear", "EndClearance", "AmendCustomer", "RecordLicence", "MarkExpiry", "MarkPart", "SettleWithdrawal", "Quarantine", "ReplaceOrder", "PlaceOrderList",
	"EarnTier", "SetTradeGroup", "SetMaxAsset", "SetOperatorUser", "who says this is no operator user who may", "the order would move more of an asset than one order may",
	"the account would hold more of the asset than it may",
	"paid for by another: NEW", "cancelled with something locked", "transferred", "triggered by the price that it followed", "prevented by a bar, within a trade group",
	"*tape.Traded", "tape.OrderListEnded", "prevented by a bar", "applicants refused", "the account's standing does not allow it",
}

// difference is where two tellings part.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	around := func(lines []string) string {
		return strings.Join(lines[max(0, n-12):min(len(lines), n+6)], "\n")
	}
	return fmt.Sprintf("\n%s\n\n%s", around(x), around(y))
}

func allSteps() (all []int) {
	for n := range length {
		all = append(all, n)
	}
	return all
}

// shrink leaves out steps for as long as something goes wrong, and says which are left.
func shrink(t *testing.T, rules *law.Set, seed uint64, steps []int, o outcome) string {
	if i := slices.Index(steps, o.step); i >= 0 {
		steps = steps[:i+1]
	}
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(steps); {
			fewer := slices.Delete(slices.Clone(steps), at, at+size)
			if play(t, rules, seed, fewer).wrong != "" {
				steps = fewer
			} else {
				at += size
			}
		}
	}
	return formatSteps(steps)
}

func formatSteps(steps []int) string {
	var parts []string
	for i := 0; i < len(steps); {
		j := i
		for j+1 < len(steps) && steps[j+1] == steps[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, fmt.Sprint(steps[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", steps[i], steps[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}

func parseSteps(t *testing.T, text string) (steps []int) {
	for part := range strings.SplitSeq(text, ",") {
		a, b, isRange := strings.Cut(part, "-")
		if !isRange {
			b = a
		}
		from, err := strconv.Atoi(a)
		to, err2 := strconv.Atoi(b)
		if err != nil || err2 != nil {
			t.Fatalf("steps %q", text)
		}
		for n := from; n <= to; n++ {
			steps = append(steps, n)
		}
	}
	return steps
}

// licences are the ids of licences that the rules below have.
var licences []string

// assetRule is of nobody's law: what operators of the Union may not offer for some weeks in which the simulation is,
// so that both its beginning and its end are met with customers of another operator in the same books.
const assetRule = `id: sim-asset
title: An asset that is not offered for some weeks
authority: The simulation
instrument: Its own
article: "1"
url: https://example.org/simulation
binds: [EU]
actions: [trade, list_asset]
covers: >-
  "USDT" in asset.represents
verb: asset_ban
effective_at: "2022-03-08T00:00:00+01:00"
ends_at: "2022-04-20T00:00:00+02:00"
state: enacted
verified:
  marks:
    - all of it, for it is made up
`

// rulesOfSim are some of the rules that are shipped: few enough that the simulation is fast, and of
// every verb that moves something.
func rulesOfSim(t testing.TB) *law.Set {
	t.Helper()
	shipped, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	chosen := []string{
		"us-sdn", "us-address", "us-iran", "us-iran-session", "us-iran-counterparty", "us-bar-iran", "us-bar-cuba", "us-crimea", "us-501",
		"eu-269-listing", "eu-833-5b2-all", "eu-833-5b2-ban", "eu-833-5b2-cap", "eu-833-20-casp",
		"house-resemblance", "house-stale-list", "house-foreign-listing", "house-place-contradicted",
	}
	files := fstest.MapFS{}
	licences = nil
	for _, r := range shipped.Rules() {
		if slices.Contains(chosen, r.ID) {
			files[r.ID+".yaml"] = &fstest.MapFile{Data: r.File()}
			for _, l := range r.Licences {
				licences = append(licences, l.ID)
			}
		}
	}
	if len(files) != len(chosen) {
		t.Fatalf("%d of %d rules are shipped", len(files), len(chosen))
	}
	files["sim-asset.yaml"] = &fstest.MapFile{Data: []byte(assetRule)}
	set, err := law.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Several who come upon a date that nobody has marked are all answered, whatever they ask for.
func TestSeveralUponADate(t *testing.T) {
	rules := rulesOfSim(t)
	for seed := range uint64(12) {
		o := playTo(t, rules, seed+1, allSteps()[:len(first)], func(w *world) {
			play := func(do func()) {
				if w.during(do) {
					w.restart()
				}
			}
			play(func() { w.boot(w.life.disk.Crash(w.sched)) })
			for n, do := range []func(*world, *rand.Rand){(*world).poison, (*world).orders, (*world).poison, (*world).orders} {
				w.skew.Add(int64(24 * time.Hour))
				play(func() { do(w, rand.New(rand.NewPCG(seed, uint64(n)))) })
			}
			w.finish()
		})
		if o.wrong != "" {
			t.Errorf("seed %d: %s", seed+1, o.wrong)
		}
	}
}
