package gate

import "sallyport/law"

// StandingWord says in a word how a customer under this verdict stands.
func StandingWord(v law.Verb) string {
	switch v {
	case law.Allow, law.Release:
		return "free"
	case law.Cap:
		return "capped"
	case law.Exit:
		return "leaving"
	case law.Hold:
		return "held"
	case law.Freeze:
		return "frozen"
	case law.Refuse, law.Reject:
		return "refused"
	case law.AssetBan:
		return "asset forbidden"
	case law.PlatformBan:
		return "platform forbidden"
	case law.Bar:
		return "kept apart"
	}
	return "undecided"
}
