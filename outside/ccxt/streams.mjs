// ccxt.pro, unchanged but for its URLs, watches and trades on a running Sallyport over TLS:
// market streams, an account's own events, and orders over the WebSocket API.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import ccxt from 'ccxt';
import { client } from './client.mjs';
import { person, start } from './sallyport.mjs';

const symbol = 'BTC/USDT';

// sides of a book as plain lists.
const sides = (book) => [book.bids, book.asks].map((side) => Array.from(side, ([price, amount]) => [price, amount]));

// until waits for what a client has been told by now; a watch begun after the last message waits for ever.
async function until(what, so) {
  for (let i = 0; i < 500; i++) {
    if (so()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`not in ten seconds: ${what}`);
}

// whileTrading trades until what is watched has told: a stream tells from its subscription on,
// which the client makes in its own time.
async function whileTrading(watched, trade) {
  let done = false;
  watched.finally(() => { done = true; }).catch(() => {});
  for (let i = 0; i < 200 && !done; i++) {
    await trade();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(done, 'what is watched tells nothing');
  return watched;
}

const locked = (balance, asset) => Number(balance.info.balances.find((b) => b.asset === asset).locked);

for (const kind of ['binance', 'binanceus']) {
  describe(kind, () => {
    let venue, seller, buyer, ada, bob;

    before(async () => {
      venue = await start();
      seller = await venue.open(person('Adaline Wrenfield', 'US'));
      buyer = await venue.open(person('Bertram Oakhollow', 'CA'));
      await venue.fund(seller.account, 'BTC', '5');
      await venue.fund(buyer.account, 'USDT', '1000000');
      ada = client(kind, venue.base, seller, {}, ccxt.pro);
      bob = client(kind, venue.base, buyer, {}, ccxt.pro);
      await ada.loadMarkets();
      await bob.loadMarkets();
    });

    after(async () => {
      await ada?.close();
      await bob?.close();
      await venue?.stop();
    });

    test('a book that is watched is the book that is fetched', async () => {
      await ada.createOrder(symbol, 'limit', 'sell', 0.1, 41000);
      await bob.watchOrderBook(symbol);
      for (let i = 0; i < 40; i++) {
        if (i % 4 === 3) {
          await bob.createOrder(symbol, 'market', 'buy', 0.05);
        } else {
          await ada.createOrder(symbol, 'limit', 'sell', 0.03, 41000 + (i * 7) % 10);
        }
      }
      const fetched = await bob.fetchOrderBook(symbol, 1000);
      await until('the book of the last order', () => bob.orderbooks[symbol].nonce >= fetched.nonce);
      assert.equal(bob.orderbooks[symbol].nonce, fetched.nonce);
      assert.deepEqual(sides(bob.orderbooks[symbol]), sides(fetched));
      await ada.cancelAllOrders(symbol);
    });

    test('trades, candles and tickers', async () => {
      await ada.createOrder(symbol, 'limit', 'sell', 2, 42000);
      const [trades, candles, ticker, tops] = await whileTrading(
        Promise.all([bob.watchTrades(symbol), bob.watchOHLCV(symbol, '1m'), bob.watchTicker(symbol), bob.watchBidsAsks([symbol])]),
        () => bob.createOrder(symbol, 'market', 'buy', 0.001),
      );
      assert.equal(trades.at(-1).price, 42000);
      assert.equal(trades.at(-1).side, 'buy');
      assert.equal(candles.at(-1)[4], 42000);
      assert.equal(ticker.last, 42000);
      assert.equal(tops[symbol].ask, 42000);
      await ada.cancelAllOrders(symbol);
    });

    test('an account hears of its own orders, trades and balances', async () => {
      await ada.createOrder(symbol, 'limit', 'sell', 1, 43000);
      const [orders, balance, trades] = await whileTrading(
        Promise.all([ada.watchOrders(symbol), ada.watchBalance(), ada.watchMyTrades(symbol)]),
        () => bob.createOrder(symbol, 'market', 'buy', 0.001),
      );
      assert.equal(orders[0].symbol, symbol);
      assert.ok(balance.BTC.used > 0);
      assert.equal(trades.at(-1).takerOrMaker, 'maker');
      assert.deepEqual([trades.at(-1).price, trades.at(-1).fee.currency], [43000, 'USDT']);
      await ada.cancelAllOrders(symbol);

      const told = (id) => ada.orders.find((o) => o.id === id) ?? {};
      const sell = await ada.createOrder(symbol, 'limit', 'sell', 0.5, 43000);
      await bob.createOrder(symbol, 'market', 'buy', 0.5);
      await until('the order is filled', () => told(sell.id).status === 'closed');
      assert.equal(told(sell.id).filled, 0.5);
      assert.equal(told(sell.id).clientOrderId, sell.clientOrderId);
      const open = await ada.createOrder(symbol, 'limit', 'sell', 0.1, 44000);
      await ada.cancelOrder(open.id, symbol);
      await until('the order is canceled', () => told(open.id).status === 'canceled');
      assert.equal(told(open.id).clientOrderId, open.clientOrderId);
    });

    test('orders over the WebSocket API', async () => {
      const order = await ada.createOrderWs(symbol, 'limit', 'sell', 0.1, 45000);
      assert.equal(order.status, 'open');
      assert.equal((await ada.fetchOrderWs(order.id, symbol)).status, 'open');
      assert.deepEqual((await ada.fetchOpenOrdersWs(symbol)).map((o) => o.id), [order.id]);
      // ccxt 4.5.84 reads no spot balances out of this answer, and hands it on as it is.
      assert.equal(locked(await ada.fetchBalanceWs(), 'BTC'), 0.1);
      assert.equal((await bob.createOrderWs(symbol, 'market', 'buy', 0.05)).status, 'closed');
      assert.ok((await ada.fetchMyTradesWs(symbol)).length > 0);
      assert.ok((await ada.fetchOrdersWs(symbol)).some((o) => o.id === order.id));
      assert.ok((await ada.fetchTradesWs(symbol)).length > 0);
      assert.ok((await ada.fetchOHLCVWs(symbol, '1m')).length > 0);
      assert.equal((await ada.cancelOrderWs(order.id, symbol)).status, 'canceled');
      await ada.createOrderWs(symbol, 'limit', 'sell', 0.1, 45000);
      await ada.cancelAllOrdersWs(symbol);
      assert.deepEqual(await ada.fetchOpenOrdersWs(symbol), []);
      await ada.createOrderWs(symbol, 'limit', 'sell', 0.1, 45000, { test: true });

      await assert.rejects(ada.createOrderWs(symbol, 'limit', 'sell', 1000, 45000), ccxt.InsufficientFunds);
      await assert.rejects(ada.cancelOrderWs('999999', symbol), ccxt.OrderNotFound);
    });

    test('keys of Ed25519 and RSA', async () => {
      for (const [type, options] of [['ed25519', {}], ['rsa', { modulusLength: 2048 }]]) {
        const pair = generateKeyPairSync(type, { ...options, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
        const key = await venue.desk('POST', `/customers/${seller.account}/keys`, { public_key: pair.publicKey, may: ['read', 'trade'] });
        const other = client(kind, venue.base, { apiKey: key.apiKey, secret: pair.privateKey }, {}, ccxt.pro);
        assert.ok((await other.fetchBalance()).BTC.total > 0);
        const order = await other.createOrder(symbol, 'limit', 'sell', 0.1, 46000);
        assert.equal((await other.cancelOrder(order.id, symbol)).status, 'canceled');
        assert.equal(locked(await other.fetchBalanceWs(), 'BTC'), 0);
        // It may not withdraw.
        await assert.rejects(other.withdraw('BTC', 0.1, '1BoatSLRHtKNngkdXEeobR76b53LETtpyT'), /-2015/);
        await venue.desk('DELETE', `/customers/${seller.account}/keys/${key.apiKey}`);
        await assert.rejects(other.fetchBalance(), /-2015/);
        await other.close();
      }
    });

    test('whom a list names hears it over the WebSocket API too', async () => {
      const listed = await venue.open(person('Sergey Sergeevich Ivanov', 'RU', {
        birth: ['1980-06-02'], identifiers: [{ type: 'passport', number: '4015431802', country: 'RU' }],
      }));
      const frozen = client(kind, venue.base, listed, {}, ccxt.pro);
      await frozen.loadMarkets();
      await assert.rejects(frozen.createOrderWs(symbol, 'limit', 'buy', 0.01, 40000), ccxt.AccountSuspended);
      await frozen.close();
    });
  });
}
