// Package gate decides: facts in, verdict and reasons out. It is the only maker of a
// [Permit], without which no value moves.
//
// [Decide] is a pure function of its input; it reads no clock, file or network, and
// asks package law for what each rule says. What several rules say together is its
// own to answer:
//
//	freeze > refuse > platform_ban > asset_ban > reject > hold > exit > cap > allow
//
// The gravest verb that fires is the verdict, and a rule that cannot be told from the
// facts holds. A hold outranks an exit and a cap: an exit hands the assets out, and to
// somebody who may be listed nothing may be handed out until a person has looked. A
// reject outranks a hold, for it stops the action as surely and cites a law.
//
// Three things depend on the action.
//
// Opening an account: where a law says reject or exit, a new customer is refused; that
// law leaves nothing for them to do here, and no property is at stake. The rule keeps
// its own verb among [Decision.Fired]. A freeze stays a freeze: what a listed person
// sends here is blocked when it arrives (31 CFR 501.603), and to turn them away with it
// would be to deal in it. House policy declines (reject) and never refuses.
//
// Withdrawing and signing in: exit and cap do not stop them. They are reported as fired
// and the verdict is allow, for the customer is to take the assets out ("no freezing of
// assets is foreseen", Commission FAQ C.6), and cannot without coming in. For the same
// reason such a rule does not hold them where it is unknown: every answer lets the
// assets go.
//
// A movement, a trade or a sign-in: the decision speaks of that action alone. What an
// account may do is decided under open_account and review; a deposit from a listed
// address freezes the deposit and not the account.
//
// The package does not know how orders match, and moves nothing. Proof: TestScenarios,
// which holds the verdicts of law/testdata/scenarios; the properties in
// properties_test.go; TestWrittenAddressToVerdict.
package gate
