package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/law"
)

// A Language of explanations, as a BCP 47 tag.
type Language string

const (
	English Language = "en"
	Russian Language = "ru"
)

// A Reader of explanations. The zero value is the customer, who is told the least.
type Reader uint8

const (
	Customer Reader = iota // plain words: what happened, by which law, what they can do
	Reviewer               // all of it, in English
)

// Explain tells a decision in words. A language that is not known is told in English.
// The customer learns the verdict, the rules behind it with their sources and what is
// open to them (OFAC allows it: FAQ 647), and nothing of other people; the reviewer
// learns everything that the decision rests on.
func Explain(d Decision, l Language, r Reader) string {
	if r == Reviewer {
		return explainInFull(&d)
	}
	words, ok := phrases[l]
	if !ok {
		words = phrases[English]
	}
	return explainPlainly(&d, l, words)
}

// wording is what the customer is told in one language.
type wording struct {
	happened map[law.Verb]string // by verdict
	leaving  string              // allowed, though an exit or a cap stands
	about    map[law.Action]string
	law      string // title, instrument, article, authority, start
	house    string // title
	unknown  string // facts, title, instrument
	facts    map[string]string
	todo     map[law.Verb]string
	routes   map[string]string // out of a freeze, by whom the rule binds
	hold     string            // owner, due
	ref      string            // the decision's identifier
	and      string
}

// phrases is never written to.
var phrases = map[Language]wording{
	English: {
		happened: map[law.Verb]string{
			law.Undecided:   "This could not be decided. Nothing was done.",
			law.Allow:       "Allowed. No rule in force forbids it.",
			law.Cap:         "What you hold here is above the value that the law allows. Nothing is frozen: you can take assets out, and carry on once you are below it.",
			law.Exit:        "The law does not let us serve you any longer. Nothing is frozen: your assets are yours and you can take them out. You cannot trade or bring in more.",
			law.Hold:        "This waits for a person to look at it. Nothing has been decided against you.",
			law.Reject:      "This one request was refused. Nothing is frozen, and nothing was taken.",
			law.AssetBan:    "The law forbids this asset here. Nothing is frozen; it concerns no other asset of yours.",
			law.PlatformBan: "The law forbids dealing with the platform on the other side. It concerns no other movement of yours, and you are not accused of anything.",
			law.Refuse:      "We cannot open an account for you. Nothing of yours is held here.",
			law.Freeze:      "The law obliges us to freeze this. It stays yours, it cannot leave, and it is released when the prohibition ends.",
		},
		leaving: "Allowed. The law closes or limits your account here, and does not stop this: you can take your assets out.",
		about: map[law.Action]string{
			law.OpenAccount: "Opening an account", law.Review: "Your account", law.SignIn: "Signing in", law.Trade: "Trading",
			law.Deposit: "A deposit", law.Withdraw: "A withdrawal", law.HoldAsset: "Holding an asset", law.ListAsset: "Offering an asset",
			law.DealPlatform: "Dealing with a platform", law.Govern: "Owning or directing the operator",
		},
		law:     "The law: %s. %s, %s (%s), in force since %s.",
		house:   "Our own policy, not a law: %s.",
		unknown: "We do not know %s, and need to for: %s (%s).",
		facts: map[string]string{
			"customer.area": "in which town you live", "customer.residence": "in which country you live", "customer.nationalities": "your nationalities",
			"customer.birth_country": "where you were born", "customer.established": "where the firm is established", "customer.kind": "whether you are a person or a firm",
			"customer.permits": "which residence permits you hold", "ownership.listed_bp": "who owns the firm", "holding.value_eur_cents": "the value of what you hold here",
			"session.country": "from which country this request came", "session.area": "from which area this request came",
			"counterparty.listed": "whose the other address is", "listing.same": "whether a sanctions list names you", "listing.resembles": "whether a sanctions list has a name like yours",
			"lists.stale":         "whether our sanctions lists are up to date",
			"asset.issuer_listed": "who issued the asset", "asset.money": "whether the asset is money", "asset.represents": "what the asset stands for",
			"counterparty.area": "in which area the other party is", "counterparty.country": "in which country the other party is",
			"counterparty.control_assessed": "whether the other address is your own", "counterparty.self_hosted": "whether a provider keeps the other address",
			"movement.value_eur_cents": "what this movement is worth",
			"counterparty.bank_listed": "through which bank the money goes", "counterparty.platform_established": "where the platform on the other side is established",
			"counterparty.platform_listed": "which platform is on the other side", "counterparty.platform_resembles": "whether the platform on the other side succeeds a forbidden one",
			"counterparty.platform_succeeds": "whether the platform on the other side succeeds a forbidden one",
			"customer.contradicted":          "whether you live where you say", "customer.ordinarily": "where you live in fact",
			"customer.financial_institution_of": "whether the firm is a financial institution, and of which country", "customer.state_body_of": "whether the firm belongs to a state",
			"customer.licences": "whether you have a licence", "customer.russian_owned_bp": "who owns the firm", "customer.us_person": "whether you are a US person",
			"exposure.listed": "where the value comes from", "holding.fiat_eur_cents": "how much money you have here",
			"listing.measures": "what the sanctions list says of you", "movement.dust": "whether you asked for this deposit",
			"customer.represented_by": "who acts for the firm",
			"ownership.control_signs": "who controls the firm", "ownership.controlled": "who controls the firm", "ownership.listed_over_bp": "who owns the firm",
			"ownership.majority": "who owns most of the firm", "ownership.single_bp": "who owns the firm",
		},
		todo: map[law.Verb]string{
			law.Undecided:   "What you can do: try again, or write to us.",
			law.Cap:         "What you can do: withdraw what is above the value. A residence permit or a nationality that the law exempts ends the limit; show us the document.",
			law.Exit:        "What you can do: withdraw your assets to an address of yours. A residence permit or a nationality that the law exempts ends this; show us the document.",
			law.Hold:        "What you can do: nothing is needed. If we ask you for a document, it ends the sooner.",
			law.Reject:      "What you can do: if we have the place wrong, show us where you are or live.",
			law.AssetBan:    "What you can do: use another asset; if this is not the asset meant, write to us and a person looks again.",
			law.PlatformBan: "What you can do: use an address that is not that platform's; if it is none of theirs, write to us and a person looks again.",
			law.Refuse:      "What you can do: if we have a fact wrong, show us the document that says so.",
			law.Freeze:      "What you can do: if you are not the person or the place meant, write to us and a person looks again; or ask the authority named above for a licence or for removal from its list.",
		},
		routes: map[string]string{
			"us": "Under US law: licences, 31 CFR 501.801; mistaken identity, 501.806; removal from the list, 501.807.",
			"eu": "Under EU law: derogations, from the competent authority of the Member State (Articles 4 to 6b of Regulation 269/2014); removal from the list, from the Council, and before the General Court (Article 263 TFEU).",
			"uk": "Under UK law: licences, from OFSI; revocation of the designation, from the Secretary of State (section 23 of the Sanctions and Anti-Money Laundering Act 2018), and before a court (section 38).",
			"ch": "Under Swiss law: exceptions and removal from the list, from SECO and the Department of Economic Affairs (Embargo Act, SR 946.231).",
			"un": "Under the Security Council's resolutions: removal from the list, through the Ombudsperson (resolution 1904) or the Focal Point (resolution 1730).",
		},
		hold: "Who looks: %s, by %s. After that day it is overdue, and still not released or refused by itself.",
		ref:  "Decision %s.",
		and:  " and ",
	},
	Russian: {
		happened: map[law.Verb]string{
			law.Undecided:   "Решение не принято. Ничего не сделано.",
			law.Allow:       "Разрешено. Ни одно действующее правило этого не запрещает.",
			law.Cap:         "Стоимость ваших активов здесь выше разрешённой законом. Ничего не заморожено: вы можете вывести активы, а когда их станет меньше, продолжать.",
			law.Exit:        "Закон больше не позволяет нам вас обслуживать. Ничего не заморожено: активы ваши, и вы можете их вывести. Торговать и пополнять счёт нельзя.",
			law.Hold:        "Это ждёт, пока посмотрит человек. Против вас ничего не решено.",
			law.Reject:      "Отклонён один этот запрос. Ничего не заморожено и не удержано.",
			law.AssetBan:    "Закон запрещает здесь этот актив. Ничего не заморожено; других ваших активов это не касается.",
			law.PlatformBan: "Закон запрещает иметь дело с платформой на другой стороне. Других ваших переводов это не касается, и вас ни в чём не обвиняют.",
			law.Refuse:      "Мы не можем открыть вам счёт. У нас нет ничего вашего.",
			law.Freeze:      "Закон обязывает нас это заморозить. Оно остаётся вашим, не может быть выведено и будет освобождено, когда кончится запрет.",
		},
		leaving: "Разрешено. Закон закрывает или ограничивает ваш счёт здесь, но этому не препятствует: вы можете вывести свои активы.",
		about: map[law.Action]string{
			law.OpenAccount: "Открытие счёта", law.Review: "Ваш счёт", law.SignIn: "Вход", law.Trade: "Торговля",
			law.Deposit: "Пополнение", law.Withdraw: "Вывод", law.HoldAsset: "Хранение актива", law.ListAsset: "Допуск актива",
			law.DealPlatform: "Отношения с платформой", law.Govern: "Владение оператором или управление им",
		},
		law:     "Закон: «%s». %s, %s (%s), действует с %s.",
		house:   "Наше собственное правило, не закон: «%s».",
		unknown: "Мы не знаем, %s, а это нужно для правила: «%s» (%s).",
		facts: map[string]string{
			"customer.area": "в каком городе вы живёте", "customer.residence": "в какой стране вы живёте", "customer.nationalities": "какие у вас гражданства",
			"customer.birth_country": "где вы родились", "customer.established": "где учреждена фирма", "customer.kind": "человек вы или фирма",
			"customer.permits": "какие у вас виды на жительство", "ownership.listed_bp": "кому принадлежит фирма", "holding.value_eur_cents": "сколько стоят ваши активы здесь",
			"session.country": "из какой страны пришёл этот запрос", "session.area": "из какой местности пришёл этот запрос",
			"counterparty.listed": "чей это другой адрес", "listing.same": "названы ли вы в санкционном списке", "listing.resembles": "есть ли в санкционном списке похожее имя",
			"lists.stale":         "не устарели ли наши санкционные списки",
			"asset.issuer_listed": "кто выпустил актив", "asset.money": "деньги ли это", "asset.represents": "что стоит за активом",
			"counterparty.area": "в какой местности другая сторона", "counterparty.country": "в какой стране другая сторона",
			"counterparty.control_assessed": "ваш ли это другой адрес", "counterparty.self_hosted": "хранит ли другой адрес посредник",
			"movement.value_eur_cents": "сколько стоит этот перевод",
			"counterparty.bank_listed": "через какой банк идут деньги", "counterparty.platform_established": "где учреждена платформа на другой стороне",
			"counterparty.platform_listed": "какая платформа на другой стороне", "counterparty.platform_resembles": "не преемник ли платформа на другой стороне запрещённой",
			"counterparty.platform_succeeds": "не преемник ли платформа на другой стороне запрещённой",
			"customer.contradicted":          "там ли вы живёте, где указали", "customer.ordinarily": "где вы живёте на деле",
			"customer.financial_institution_of": "финансовая ли это организация и какой страны", "customer.state_body_of": "принадлежит ли фирма государству",
			"customer.licences": "есть ли у вас лицензия", "customer.russian_owned_bp": "кому принадлежит фирма", "customer.us_person": "лицо ли вы США",
			"exposure.listed": "откуда эти средства", "holding.fiat_eur_cents": "сколько у вас здесь денег",
			"listing.measures": "что говорит о вас санкционный список", "movement.dust": "просили ли вы об этом пополнении",
			"customer.represented_by": "кто действует от имени фирмы",
			"ownership.control_signs": "кто управляет фирмой", "ownership.controlled": "кто управляет фирмой", "ownership.listed_over_bp": "кому принадлежит фирма",
			"ownership.majority": "кому принадлежит большая часть фирмы", "ownership.single_bp": "кому принадлежит фирма",
		},
		todo: map[law.Verb]string{
			law.Undecided:   "Что можно сделать: попробуйте ещё раз или напишите нам.",
			law.Cap:         "Что можно сделать: выведите то, что выше предела. Вид на жительство или гражданство, для которых закон делает исключение, снимают предел; покажите нам документ.",
			law.Exit:        "Что можно сделать: выведите активы на свой адрес. Вид на жительство или гражданство, для которых закон делает исключение, это прекращают; покажите нам документ.",
			law.Hold:        "Что можно сделать: ничего не нужно. Если мы попросим документ, с ним будет быстрее.",
			law.Reject:      "Что можно сделать: если мы ошиблись местом, покажите, где вы находитесь или живёте.",
			law.AssetBan:    "Что можно сделать: используйте другой актив; если имеется в виду не он, напишите нам, и человек посмотрит снова.",
			law.PlatformBan: "Что можно сделать: используйте адрес, который не принадлежит этой платформе; если он не её, напишите нам, и человек посмотрит снова.",
			law.Refuse:      "Что можно сделать: если мы ошиблись в каком-то факте, покажите документ.",
			law.Freeze:      "Что можно сделать: если имеется в виду не тот человек или не то место, напишите нам, и человек посмотрит снова; или попросите названный выше орган о лицензии или об исключении из списка.",
		},
		routes: map[string]string{
			"us": "По праву США: лицензии, 31 CFR 501.801; ошибка в личности, 501.806; исключение из списка, 501.807.",
			"eu": "По праву ЕС: изъятия разрешает компетентный орган государства-члена (статьи 4–6b Регламента 269/2014); об исключении из списка просят Совет ЕС или Общий суд ЕС (статья 263 ДФЕС).",
			"uk": "По праву Великобритании: лицензии выдаёт OFSI; об отмене включения в список просят министра (статья 23 Закона о санкциях и противодействии отмыванию денег 2018 года) или суд (статья 38).",
			"ch": "По праву Швейцарии: об исключениях и об исключении из списка просят SECO и Департамент экономики (Закон об эмбарго, SR 946.231).",
			"un": "По резолюциям Совета Безопасности: об исключении из списка просят Омбудсмена (резолюция 1904) или Контактный центр (резолюция 1730).",
		},
		hold: "Кто смотрит: %s, до %s. После этого дня срок нарушен, но само по себе ничего не освобождается и не отклоняется.",
		ref:  "Решение %s.",
		and:  " и ",
	},
}

func explainPlainly(d *Decision, l Language, w wording) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	title := func(f Fired) string { return Title(f.Rule, f.Title, l) }

	happened := w.happened[d.Verdict]
	if d.Verdict == law.Allow && len(d.Fired) > 0 {
		happened = w.leaving
	}
	line("%s: %s", w.about[d.Action], happened)
	var binding []string // prefixes of the rules that fired, in order
	for _, f := range d.Fired {
		if f.House {
			line(w.house, title(f))
			continue
		}
		line(w.law, title(f), f.Instrument, f.Article, f.Authority, when(f.EffectiveAt))
		if prefix, _, _ := strings.Cut(f.Rule, "-"); f.Verb == law.Freeze && !slices.Contains(binding, prefix) {
			binding = append(binding, prefix)
		}
	}
	if d.Verdict == law.Hold {
		for _, f := range d.Unknown {
			if missing := w.missing(f.Missing); missing != "" {
				line(w.unknown, missing, title(f), f.Instrument)
			}
		}
	}
	if todo := w.todo[d.Verdict]; todo != "" {
		line("%s", todo)
	}
	if d.Verdict == law.Freeze {
		for _, prefix := range binding {
			if route := w.routes[prefix]; route != "" {
				line("%s", route)
			}
		}
	}
	if d.Hold != nil {
		line(w.hold, d.Hold.Owner, when(d.Hold.Due))
	}
	line(w.ref, d.ID)
	return b.String()
}

// missing names facts in the customer's words.
func (w wording) missing(facts []string) string {
	var named []string
	for _, f := range facts {
		if text, ok := w.facts[f]; ok && !slices.Contains(named, text) {
			named = append(named, text)
		}
	}
	if len(named) < 2 {
		return strings.Join(named, "")
	}
	return strings.Join(named[:len(named)-1], ", ") + w.and + named[len(named)-1]
}

// when writes an instant with its hour and zone, which are part of the law.
func when(t time.Time) string { return t.Format("2006-01-02 15:04 -07:00") }

func explainInFull(d *Decision) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }

	line("Verdict: %s (%s, account %d, operator %s under the law of %s, at %s)", d.Verdict, d.Action, d.Account, d.Operator, strings.Join(d.Nexus, ", "), when(d.At))
	line("Decision: %s", d.ID)
	if d.About != "" {
		line("About: %s", d.About)
	}
	if d.Movement != "" {
		line("Movement: %s", d.Movement)
	}
	section := func(title string, cited []Fired) {
		if len(cited) == 0 {
			return
		}
		line("\n%s:", title)
		for _, f := range cited {
			kind := "law"
			if f.House {
				kind = "house policy"
			}
			line("- %s: %s (%s, %s)", f.Rule, f.Title, f.Verb, kind)
			line("  %s, %s; %s; since %s", f.Instrument, f.Article, f.Authority, when(f.EffectiveAt))
			if f.URL != "" {
				line("  %s", f.URL)
			}
			if len(f.Missing) > 0 {
				line("  missing: %s", strings.Join(f.Missing, ", "))
			}
		}
	}
	section("Fired", d.Fired)
	section("Covered and exempt", d.Exempted)
	section("Cannot be told", d.Unknown)
	line("\nTried (%d): %s", len(d.Tried), strings.Join(d.Tried, ", "))
	if d.Hold != nil {
		line("\nHold: owner %s, due %s; it does not end by running out", d.Hold.Owner, when(d.Hold.Due))
	}

	if len(d.Findings) > 0 {
		line("\nFindings:")
	}
	for _, f := range d.Findings {
		line("- %s %s %s: %s, score %.4f, by %q", f.List, f.EntityID, f.EntityName, f.Grade, f.Score, f.MatchedName)
		for _, r := range f.Reasons {
			line("  %+.2f %s: %s", r.Effect, r.Kind, r.Text)
		}
	}
	for _, c := range d.Cleared {
		line("- left out of the facts: %s %s, by clearance %d of %s by %s", c.List, c.EntityID, c.ID, when(c.At), c.By)
	}
	for _, l := range d.Lapsed {
		line("- open again: %s", l)
	}
	explainAsked(d, line)
	line("\nFacts:")
	for _, doc := range law.Schema() {
		if !slices.Contains(d.Facts.Names(), doc.Name) {
			continue
		}
		line("- %s = %s", doc.Name, factText(d.Facts, doc))
	}
	line("\nRests on: rules %s; matching %s; subject %s", d.Rules, d.Matching, d.Subject)
	for _, e := range d.Editions {
		silent := ""
		if slices.Contains(d.Stale, e.List) {
			silent = "; SILENT: its publisher had not confirmed it for longer than allowed"
		}
		line("- edition %s of %s, %s%s", e.List, when(e.Published), e.SHA256, silent)
	}
	return b.String()
}

// factText writes a fact's value in one form.
func factText(f law.Facts, doc law.FactDoc) string {
	switch doc.Type {
	case law.TextsFact:
		v, _ := f.Texts(doc.Name)
		return "[" + strings.Join(v, ", ") + "]"
	case law.NumberFact:
		v, _ := f.Number(doc.Name)
		return fmt.Sprint(v)
	case law.TruthFact:
		v, _ := f.Truth(doc.Name)
		return fmt.Sprint(v)
	case law.SharesFact:
		v, _ := f.Shares(doc.Name)
		return fmt.Sprint(v) // fmt sorts the keys of maps
	}
	v, _ := f.Text(doc.Name)
	return fmt.Sprintf("%q", v)
}
