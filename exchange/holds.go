package exchange

import (
	"fmt"
	"time"

	"sallyport/calendar"
)

// holdDue is when a hold made at an instant is due: after so long, or at the end of the last
// of so many business days, by the calendar of the operator's nexus in its zone; of several the
// earliest. Outside the years that a calendar knows, so many days of any kind are allowed,
// which is never later.
func (x *Exchange) holdDue(nexus []string, at time.Time) time.Time {
	if x.cfg.HoldDays == 0 {
		return at.Add(x.cfg.HoldFor)
	}
	due := time.Time{}
	for _, n := range nexus {
		d := at.AddDate(0, 0, x.cfg.HoldDays)
		if c, err := calendar.Of(n); err == nil {
			if by, err := c.Due(at, x.cfg.HoldDays); err == nil {
				d = by
			} else if _, told := x.unknownDays.LoadOrStore(n, true); !told {
				x.cfg.Log.Error("business days are not known, so a hold is due after so many days of any kind", "error", err)
			}
		}
		if due.IsZero() || d.Before(due) {
			due = d
		}
	}
	return due
}

// checkHolds says what keeps holds from having a clock.
func checkHolds(cfg *Config) error {
	if cfg.HoldDays < 0 || cfg.HoldDays > 1000 {
		return fmt.Errorf("exchange: a hold of %d business days: want 1 to 1000", cfg.HoldDays)
	}
	if cfg.HoldDays == 0 {
		return nil
	}
	for _, op := range cfg.Genesis.Operators {
		for _, n := range op.Nexus {
			if _, err := calendar.Of(n); err != nil {
				return fmt.Errorf("exchange: operator %s: holds are counted in business days: %w; give holds a time instead", op.Name, err)
			}
		}
	}
	return nil
}
