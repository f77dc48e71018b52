package chain

import (
	"slices"
	"strings"
)

// tickerChains are the chains of an asset, by the tickers that OFAC and exchanges file
// addresses under. A token that lives on several chains names each.
func tickerChains(ticker string) []string {
	switch strings.ToUpper(ticker) {
	case "XBT", "BTC":
		return []string{"Bitcoin"}
	case "ETH", "ETC", "ARB", "BSC", "BNB", "MATIC", "POL", "OP", "AVAX":
		return []string{evmChains}
	case "TRX":
		return []string{"Tron"}
	case "USDT":
		return []string{evmChains, "Tron", "Bitcoin", "Solana"} // on Bitcoin by the Omni layer
	case "USDC":
		return []string{evmChains, "Solana", "Stellar", "Tron"}
	case "SOL":
		return []string{"Solana"}
	case "LTC":
		return []string{"Litecoin"}
	case "BCH":
		return []string{"Bitcoin Cash"}
	case "BSV":
		return []string{"Bitcoin SV"}
	case "BTG":
		return []string{"Bitcoin Gold"}
	case "DASH":
		return []string{"Dash"}
	case "DOGE":
		return []string{"Dogecoin"}
	case "XVG":
		return []string{"Verge"}
	case "ZEC":
		return []string{"Zcash"}
	case "XMR":
		return []string{"Monero"}
	case "XRP":
		return []string{"XRP Ledger"}
	case "XLM":
		return []string{"Stellar"}
	case "NEO", "GAS":
		return []string{"NEO"}
	}
	return nil
}

// Fits reports whether the address can be of a chain of the ticker's. It is true where
// either is not known, and a remark where it is false, never a reason to pass an address
// by: OFAC has listed a Tron address as XBT.
func (a Address) Fits(ticker string) bool {
	chains := tickerChains(ticker)
	if len(chains) == 0 || len(a.Chains) == 0 {
		return true
	}
	return slices.ContainsFunc(chains, func(c string) bool { return slices.Contains(a.Chains, c) })
}
