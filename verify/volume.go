package verify

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"sallyport/money"
	"sallyport/venue/tape"
)

// volumes is what the audit keeps to hold the log to its words on tiers of fees that are earned
// (see tape.MarkVolume): every account's trades by day, and the moves that a mark owes.
type volumes struct {
	traded map[uint64]map[int64]map[uint16]*big.Int // by account, day and asset; in units of 10^-36
	mark   tape.MarkVolume                          // the last one
	owed   []tape.EarnTier
}

func newVolumes() volumes { return volumes{traded: map[uint64]map[int64]map[uint16]*big.Int{}} }

const aDay = 24 * 60 * 60 * 1_000_000 // µs

// trades counts those among the events, when their command is over.
func (r *replay) trades(events []tape.Event) {
	for _, e := range events {
		t, ok := e.(*tape.Traded)
		if !ok || t.MakerAccount == t.TakerAccount {
			continue
		}
		if g := r.model.accounts[t.TakerAccount].Group; g > 0 && g == r.model.accounts[t.MakerAccount].Group {
			continue // "could be had for nothing"
		}
		day, asset := t.At/aDay, r.model.genesis.Markets[t.Market].Quote
		for _, n := range []uint64{t.MakerAccount, t.TakerAccount} {
			days := r.volumes.traded[n]
			if days == nil {
				days = map[int64]map[uint16]*big.Int{}
				r.volumes.traded[n] = days
			}
			if days[day] == nil {
				days[day] = map[uint16]*big.Int{}
			}
			if days[day][asset] == nil {
				days[day][asset] = new(big.Int)
			}
			days[day][asset].Add(days[day][asset], new(big.Int).Mul(t.Price.Big(), t.Quantity.Big()))
		}
	}
}

var (
	unit     = new(big.Int).Exp(big.NewInt(10), big.NewInt(money.Decimals), nil)
	greatest = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 127), big.NewInt(1))
)

func atMost(x *big.Int) *big.Int {
	if x.Cmp(greatest) > 0 {
		return new(big.Int).Set(greatest)
	}
	return x
}

// volume is an account's "of the thirty days that end just before Day", in units of 10^-18 euro.
func (r *replay) volume(account uint64, m *tape.MarkVolume) *big.Int {
	sum := new(big.Int)
	for asset, worth := range m.Worth {
		value := new(big.Int)
		for day, by := range r.volumes.traded[account] {
			if v := by[uint16(asset)]; v != nil && day < m.Day/aDay && day >= m.Day/aDay-30 {
				value.Add(value, v)
			}
		}
		value = atMost(value.Quo(value, unit))
		value.Mul(value, worth.Big())
		sum = atMost(sum.Add(sum, atMost(value.Quo(value, unit))))
	}
	return sum
}

// owing holds a command to the moves that the last mark owes; cmd is nil at the end.
func (r *replay) owing(cmd tape.Command) error {
	v := &r.volumes
	c, moves := cmd.(*tape.EarnTier)
	if len(v.owed) == 0 {
		if moves {
			return fmt.Errorf("account %d is moved to the earned tier %d, which no mark brings", c.Account, c.Tier)
		}
		return nil
	}
	want := v.owed[0]
	if !moves || *c != want {
		got := "and this is none"
		if moves {
			got = fmt.Sprintf("and this moves account %d to tier %d for %s", c.Account, c.Tier, c.Volume)
		}
		return fmt.Errorf("the mark of %s owes that account %d is moved to the earned tier %d for a volume of %s in the thirty days before, %s",
			hour(want.Day), want.Account, want.Tier, want.Volume, got)
	}
	v.owed = v.owed[1:]
	r.report.Earned++
	return nil
}

// auditVolume holds a mark to its words, and finds the moves that it owes.
func (r *replay) auditVolume(at int64, m *tape.MarkVolume) error {
	v := &r.volumes
	switch {
	case m.Day <= 0 || m.Day%aDay != 0 || m.Day > at:
		return fmt.Errorf("the volume is marked of %s, which is no day's beginning in UTC by then", hour(m.Day))
	case m.Day <= v.mark.Day:
		return fmt.Errorf("the volume is marked of %s, and that of %s was before", hour(m.Day), hour(v.mark.Day))
	case len(m.Worth) != len(r.model.genesis.Assets):
		return fmt.Errorf("the volume is marked with the worth of %d assets, of %d", len(m.Worth), len(r.model.genesis.Assets))
	}
	if len(m.Least) > 255 {
		return fmt.Errorf("the volume is marked with %d tiers, of which there are at most 255", len(m.Least))
	}
	for _, w := range m.Worth {
		if w.Sign() < 0 {
			return fmt.Errorf("the volume is marked with an asset worth %s", w)
		}
	}
	before := money.Amount{}
	for i, l := range m.Least {
		if !before.Less(l) {
			return fmt.Errorf("the volume of tier %d is %s, after %s", i+1, l, before)
		}
		before = l
	}
	v.mark = *m
	r.report.VolumeMarks++
	for _, n := range slices.Sorted(maps.Keys(r.model.accounts)) {
		for day := range v.traded[n] { // no later mark counts it
			if day < m.Day/aDay-30 {
				delete(v.traded[n], day)
			}
		}
		volume, tier := r.volume(n, m), uint8(0)
		for _, l := range m.Least {
			if volume.Cmp(l.Big()) >= 0 {
				tier++
			}
		}
		if tier != r.model.accounts[n].earned {
			v.owed = append(v.owed, tape.EarnTier{Account: n, Tier: tier, Day: m.Day, Volume: amountOf(volume)})
		}
	}
	return nil
}

// amountOf is a number of units of 10^-18 from 0 to the greatest amount.
func amountOf(x *big.Int) money.Amount {
	lo := new(big.Int).And(x, new(big.Int).SetUint64(1<<64-1))
	return money.FromParts(new(big.Int).Rsh(x, 64).Int64(), lo.Uint64())
}

// sayVolumes writes what was proved of tiers that are earned.
func (r *replay) sayVolumes(say func(format string, args ...any)) {
	if r.report.VolumeMarks == 0 {
		return
	}
	say("On each of %d days that are marked every account has the tier of fees that it earned by its trades of the thirty days before, by the volumes and the worth of assets that the mark tells: moved were %d. That a day was left out, or what an asset was worth, the log cannot show.",
		r.report.VolumeMarks, r.report.Earned)
}
