// A ccxt client of a running Sallyport, unchanged but for its URLs.

import assert from 'node:assert/strict';
import ccxt from 'ccxt';

// Every entry that is left out of the map keeps pointing at the real exchange, so all are
// given; and nothing leaves for any other host, whatever the client thinks.
export function client(kind, base, key, options = {}, exchanges = ccxt) {
  const ws = base.replace('http', 'ws');
  return new exchanges[kind]({
    apiKey: key?.apiKey,
    secret: key?.secret,
    urls: {
      api: {
        public: base + '/api/v3', private: base + '/api/v3', v1: base + '/api/v1',
        sapi: base + '/sapi/v1', sapiV2: base + '/sapi/v2', sapiV3: base + '/sapi/v3',
        ws: { spot: ws + '/ws', 'ws-api': { spot: ws + '/ws-api/v3' } },
      },
    },
    options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false, ...options },
    enableRateLimit: false,
    fetchImplementation: (url, init) => {
      assert.ok(url.startsWith(base + '/'), `a request for ${url}`);
      return fetch(url, init);
    },
  });
}
