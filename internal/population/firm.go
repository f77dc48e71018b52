package population

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/entity"
)

// Words that firms are called by, each pair put together as "Nordwind Trading".
const (
	firmFirst = "Nordwind Silverline Bluestone Redwood Larkspur Meridian Polaris Tamarind Juniper Halcyon Cobalt Amberly Quillon Saltmarsh Fernbrook Osprey Tessera Kestrel Marigold Windrose Copperfield Alderman Brightwater Sandpiper"
	firmLast  = "Trading Logistics Consulting Software Holding Capital Foods Textiles Design Engineering Media Analytics Timber Optics Ceramics Instruments"

	firmFirstCyrillic = "Ромашка Северянка Берёзка Лагуна Радуга Снегирь Кедр Рябина Подсолнух Журавль Иволга Самоцвет Василёк Незабудка"
	firmLastCyrillic  = "Торг Сервис Строй Плюс Дизайн Логистик Софт Пром"
)

// firm makes up a firm with its seat in a country, without owners.
func (m *maker) firm(seat string) entity.Profile {
	x := pools().countries[seat]
	native := seat == "RU" && m.c.oneIn(2)
	var name string
	for i := 0; i == 0 || !m.roll.free(name); i++ {
		if i == maxTries {
			m.fail("population: every firm's name is on the list: give it fewer entries")
			break
		}
		first, last := firmFirst, firmLast
		if native {
			first, last = firmFirstCyrillic, firmLastCyrillic
		}
		name = pick(m.c, strings.Fields(first)) + " " + pick(m.c, strings.Fields(last))
	}
	form := pick(m.c, x.firms)
	before, isBefore := strings.CutPrefix(form, "^")
	switch {
	case native:
		name = "ООО «" + name + "»"
	case isBefore:
		name = before + " " + name
	default:
		name += " " + form
	}
	var p entity.Profile
	p.Kind = entity.Organisation
	p.Names = []entity.Name{{Full: name}}
	p.Residence = x.place(m.c, native)
	p.Identifiers = []entity.Identifier{{Type: "registration", Number: m.number("##########"), Country: seat}}
	p.StateBody, p.FinancialInstitution = entity.None, entity.None
	return p
}

// owner makes an innocent who holds a share of a firm.
func (m *maker) owner(seat string, bp int) entity.Owner {
	p := m.profile(m.freeName(pick(m.c, pools().countries[seat].cultures)), seat, seat)
	p.Places = []entity.Place{p.Residence}
	return entity.Owner{Entity: p.Entity, ShareBP: bp}
}

// A holding is how listed persons own a firm: a share for each in basis points,
// the largest first.
type holding struct {
	bp    []int
	owned bool // half or more
}

// holdings in the order in which they are made. 31 CFR 589.411 and its sisters:
// 50 percent or more, directly or indirectly, individually or in the aggregate.
var holdings = []holding{
	{[]int{2500, 2500}, true},
	{[]int{5000}, true},
	{[]int{4900}, false},
	{[]int{3000, 2100}, true},
	{[]int{10000}, true},
	{[]int{4900, 100}, true},
	{[]int{2500, 2499}, false},
}

// firms makes n firms, of which so many are owned by listed persons.
func (m *maker) firms(n, owned int) []Person {
	var out []Person
	var holders []*entity.Entity // the new ones first; without an exact birth date their identity would be open
	for _, e := range slices.Concat(m.newly, m.before) {
		if hasExactBirth(e) {
			holders = append(holders, e)
		}
	}
	for i := 0; owned > 0 && len(out) < n && i < 4*n; i++ {
		h := holdings[i%len(holdings)]
		p, rest, ok := m.heldFirm(h, holders)
		if !ok {
			continue
		}
		// Those who held this one come last when the next is made.
		holders = append(rest, holders[:len(holders)-len(rest)]...)
		out = append(out, p)
		if h.owned {
			owned--
		}
	}
	for len(out) < n {
		p := Person{Operator: m.operator(), Truth: Ordinary}
		seat := pools().country(m.c).code
		if m.c.percent(10) {
			seat, p.Truth, p.Note = "RU", RussianNational, "firm established in Russia"
		}
		p.Profile = m.firm(seat)
		left := 10000
		for left > 0 {
			bp := left
			if left > 2000 && m.c.oneIn(2) {
				bp = 1000 * m.c.between(1, left/1000)
			}
			p.Profile.Owners = append(p.Profile.Owners, m.owner(seat, bp))
			left -= bp
		}
		out = append(out, p)
	}
	return out
}

// heldFirm makes a firm of which the first of the holders own shares; what is
// left belongs to an innocent. It returns the other holders, and false when there
// are too few.
func (m *maker) heldFirm(h holding, holders []*entity.Entity) (p Person, rest []*entity.Entity, ok bool) {
	seat := m.c.weighted("CY:3 AE:3 TR:2 RS:2 GB:1 KZ:1")
	p = Person{Operator: m.operator(), Truth: OwnedByListed, Profile: m.firm(seat)}
	left := 10000
	var held []string
	for _, e := range holders {
		if len(held) == len(h.bp) {
			break
		}
		holders = holders[1:]
		owner, _, ok := m.asListed(e, nil)
		if !ok {
			continue
		}
		if p.ListedID == "" {
			p.ListedID = e.ID
		}
		bp := h.bp[len(held)]
		held = append(held, fmt.Sprintf("%s by %s (%s %s)", percent(bp), e.PrimaryName(), e.List, e.ID))
		owner.Places = []entity.Place{owner.Residence}
		p.Profile.Owners = append(p.Profile.Owners, entity.Owner{Entity: owner.Entity, ShareBP: bp})
		left -= bp
	}
	if len(held) < len(h.bp) {
		return Person{}, nil, false
	}
	if left > 0 {
		p.Profile.Owners = append(p.Profile.Owners, m.owner(seat, left))
	}
	p.Note = "owned " + strings.Join(held, " and ")
	if !h.owned {
		p.Truth, p.ListedID = Ordinary, ""
		p.Note += ", which is less than half"
	}
	return p, holders, true
}

// percent writes basis points: "25 %", "24.99 %".
func percent(bp int) string {
	s := fmt.Sprintf("%d.%02d", bp/100, bp%100)
	return strings.TrimSuffix(strings.TrimSuffix(s, "0"), ".0") + " %"
}
