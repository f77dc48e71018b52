// Package origin says from which address a request came, through the operator's proxies.
package origin

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Of is the address a request came from, or none where that is not known. One that a proxy
// of the operator passed on comes from whom that proxy says. One that another proxy passed on
// comes from a network which says nothing of the client, and what its header claims anyone can
// write.
func Of(r *http.Request, proxies []netip.Prefix) netip.Addr {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
	}
	forwarded := r.Header.Values("X-Forwarded-For")
	if trusted(remote.Addr()) && len(forwarded) > 0 {
		// The nearest hop stands last, and each proxy vouches for the one before it.
		hops := strings.Split(strings.Join(forwarded, ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				return netip.Addr{}
			}
			if !trusted(hop) {
				return hop.Unmap().WithZone("")
			}
		}
		return netip.Addr{}
	}
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Real-Ip"} {
		if len(r.Header.Values(name)) > 0 {
			return netip.Addr{}
		}
	}
	return remote.Addr().Unmap().WithZone("")
}
