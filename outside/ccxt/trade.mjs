// ccxt, unchanged but for its URLs, trades on a running Sallyport: as `binance`, with the
// full map of URLs, and as `binanceus`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import ccxt from 'ccxt';
import { client } from './client.mjs';
import { person, start } from './sallyport.mjs';

const symbol = 'BTC/USDT';
const elsewhere = '1BoatSLRHtKNngkdXEeobR76b53LETtpyT';
const listedWallet = '1295rkVyNfFpqZpXvKGhDqwhP1jZcNNDMV'; // Suex OTC, on OFAC's list since 21 September 2021

for (const kind of ['binance', 'binanceus']) {
  describe(kind, () => {
    let venue, seller, buyer, ada, bob;

    before(async () => {
      venue = await start();
      seller = await venue.open(person('Adaline Wrenfield', 'US'));
      buyer = await venue.open(person('Bertram Oakhollow', 'CA'));
      await venue.fund(seller.account, 'BTC', '2');
      await venue.fund(buyer.account, 'USDT', '100000');
      ada = client(kind, venue.base, seller);
      bob = client(kind, venue.base, buyer);
    });

    after(async () => venue?.stop());

    test('loadMarkets', async () => {
      const markets = await ada.loadMarkets();
      assert.deepEqual(Object.keys(markets).sort(), ['BTC/USDT', 'ETH/USDT']);
      const m = markets[symbol];
      assert.equal(m.active, true);
      assert.equal(m.spot, true);
      assert.equal(m.precision.price, 0.01);
      assert.equal(m.precision.amount, 0.00001);
      assert.equal(m.limits.cost.min, 5);
      await bob.loadMarkets();
    });

    test('fetchTime and fetchStatus', async () => {
      assert.ok(Math.abs((await ada.fetchTime()) - Date.now()) < 60_000);
      assert.equal((await ada.fetchStatus()).status, 'ok');
    });

    test('fetchBalance', async () => {
      const balance = await ada.fetchBalance();
      assert.deepEqual(balance.BTC, { free: 2, used: 0, total: 2 });
      assert.deepEqual((await bob.fetchBalance()).USDT, { free: 100000, used: 0, total: 100000 });
    });

    test('two clients trade with each other', async () => {
      const sell = await ada.createOrder(symbol, 'limit', 'sell', 0.5, 40000.1);
      assert.equal(sell.status, 'open');
      assert.equal(sell.remaining, 0.5);
      assert.deepEqual((await ada.fetchBalance()).BTC, { free: 1.5, used: 0.5, total: 2 });

      const book = await bob.fetchOrderBook(symbol);
      assert.deepEqual(book.asks, [[40000.1, 0.5]]);
      assert.deepEqual(book.bids, []);

      const buy = await bob.createOrder(symbol, 'market', 'buy', 0.2);
      assert.equal(buy.status, 'closed');
      assert.equal(buy.filled, 0.2);
      assert.equal(buy.average, 40000.1);
      assert.equal(buy.trades.length, 1);
      assert.deepEqual(buy.trades[0].fee, { currency: 'BTC', cost: 0.0002 });

      const again = await ada.fetchOrder(sell.id, symbol);
      assert.equal(again.status, 'open');
      assert.equal(again.filled, 0.2);
      assert.equal(again.clientOrderId, sell.clientOrderId);
      assert.deepEqual((await ada.fetchOpenOrders(symbol)).map((o) => o.id), [sell.id]);

      const spend = await bob.createMarketBuyOrderWithCost(symbol, 4000.01);
      assert.equal(spend.status, 'closed');
      assert.equal(spend.filled, 0.1);

      const mine = await ada.fetchMyTrades(symbol);
      assert.deepEqual(mine.map((t) => [t.side, t.amount, t.price, t.takerOrMaker, t.order]), [
        ['sell', 0.2, 40000.1, 'maker', sell.id], ['sell', 0.1, 40000.1, 'maker', sell.id],
      ]);
      assert.deepEqual(mine[0].fee, { currency: 'USDT', cost: 8.00002 });
      assert.deepEqual((await bob.fetchMyTrades(symbol)).map((t) => [t.side, t.takerOrMaker]), [['buy', 'taker'], ['buy', 'taker']]);

      const canceled = await ada.cancelOrder(sell.id, symbol);
      assert.equal(canceled.status, 'canceled');
      assert.equal(canceled.filled, 0.3);
      assert.deepEqual(await ada.fetchOpenOrders(symbol), []);
      assert.deepEqual((await ada.fetchOrders(symbol)).map((o) => [o.id, o.status]), [[sell.id, 'canceled']]);

      const total = (await bob.fetchBalance()).BTC.total;
      assert.equal(total, 0.2997); // 0.3 less 0.1 %
    });

    test('an order given as a test places nothing', async () => {
      await ada.createOrder(symbol, 'limit', 'sell', 0.1, 50000, { test: true });
      assert.deepEqual(await ada.fetchOpenOrders(symbol), []);
    });

    test('cancelAllOrders', async () => {
      await ada.createOrder(symbol, 'limit', 'sell', 0.1, 50000);
      await ada.createOrder(symbol, 'limit', 'sell', 0.1, 50001, { postOnly: true });
      assert.equal((await ada.cancelAllOrders(symbol)).length, 2);
      await assert.rejects(ada.cancelAllOrders(symbol), ccxt.OrderNotFound);
    });

    test('market data', async () => {
      const trades = await bob.fetchTrades(symbol);
      assert.deepEqual(trades.map((t) => [t.price, t.amount, t.side]), [[40000.1, 0.2, 'buy'], [40000.1, 0.1, 'buy']]);
      const ticker = await bob.fetchTicker(symbol);
      assert.equal(ticker.last, 40000.1);
      assert.equal(ticker.baseVolume, 0.3);
      assert.deepEqual(Object.keys(await bob.fetchTickers()).sort(), ['BTC/USDT', 'ETH/USDT']);
      const candles = await bob.fetchOHLCV(symbol, '1h');
      assert.equal(candles.reduce((sum, c) => sum + c[5], 0).toFixed(5), '0.30000');
      const fee = await bob.fetchTradingFee(symbol);
      assert.deepEqual([fee.maker, fee.taker], [0.001, 0.001]);
    });

    test('deposits and withdrawals', async () => {
      const address = await bob.fetchDepositAddress('USDT');
      const [deposit] = await bob.fetchDeposits('USDT');
      assert.equal(deposit.amount, 100000);
      assert.equal(deposit.status, 'ok');
      assert.equal(deposit.address, address.address);

      const out = await bob.withdraw('USDT', 100, elsewhere);
      let row;
      for (let i = 0; i < 100 && row?.status !== 'ok'; i++) {
        [row] = (await bob.fetchWithdrawals('USDT')).filter((w) => w.id === out.id);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(row.status, 'ok');
      assert.equal(row.amount, 98);
      assert.deepEqual(row.fee, { currency: 'USDT', cost: 2 });
      assert.equal(row.address, elsewhere);
      assert.match(row.txid, /^[0-9a-f]{64}$/);
    });

    test('a withdrawal to a listed address is refused, and not as an outage', async () => {
      await assert.rejects(bob.withdraw('USDT', 50, listedWallet), (err) => {
        assert.ok(err instanceof ccxt.PermissionDenied, `${err.constructor.name}: ${err.message}`);
        assert.ok(!(err instanceof ccxt.NetworkError));
        return true;
      });
      const reason = bob.last_response_headers['X-Sallyport-Reason'];
      assert.match(reason, /freeze/);
    });

    test('whom a list names hears AccountSuspended, with the decision', async () => {
      const listed = await venue.open(person('Sergey Sergeevich Ivanov', 'RU', {
        birth: ['1980-06-02'], identifiers: [{ type: 'passport', number: '4015431802', country: 'RU' }],
      }));
      assert.equal(listed.verdict, 'freeze');
      await venue.fund(listed.account, 'USDT', '1000');
      const frozen = client(kind, venue.base, listed);
      await assert.rejects(frozen.createOrder(symbol, 'limit', 'buy', 0.01, 30000), ccxt.AccountSuspended);
      const headers = frozen.last_response_headers;
      assert.equal(headers['X-Sallyport-Decision'], listed.decision);
      assert.match(headers['X-Sallyport-Reason'], /freeze/);
      assert.match(headers['Link'], new RegExp(`^</decisions/${listed.decision}>; rel="help"$`));
      assert.equal((await venue.desk('GET', '/decisions/' + listed.decision)).decision.verdict, 'freeze');
      await assert.rejects(frozen.cancelOrder('1', symbol), ccxt.AccountSuspended);
      await assert.rejects(frozen.withdraw('USDT', 100, elsewhere), ccxt.AccountSuspended);
      // Nothing is taken away, and nothing leaves.
      assert.deepEqual((await frozen.fetchBalance()).USDT, { free: 0, used: 1000, total: 1000 });
      assert.deepEqual(await frozen.fetchMyTrades(symbol), []);
    });

    test('errors arrive as what they are', async () => {
      await assert.rejects(bob.createOrder(symbol, 'limit', 'buy', 1000, 40000), ccxt.InsufficientFunds);
      await assert.rejects(bob.createOrder(symbol, 'limit', 'buy', 9001, 40000), ccxt.InvalidOrder);
      await assert.rejects(bob.createOrder(symbol, 'limit', 'buy', 1, 2_000_000), ccxt.InvalidOrder);
      await assert.rejects(bob.privatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.00001', price: '40000' }), ccxt.BadRequest);
      await assert.rejects(bob.privatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.12345678901234567', price: '40000' }), ccxt.BadRequest);
      await assert.rejects(bob.privatePostOrder({ symbol: 'DOGEUSDT', side: 'BUY', type: 'MARKET', quantity: '1' }), ccxt.BadSymbol);
      await assert.rejects(bob.cancelOrder('999999', symbol), ccxt.OrderNotFound);
      await assert.rejects(bob.fetchOrder('999999', symbol), ccxt.OrderNotFound);

      await bob.createOrder(symbol, 'limit', 'buy', 0.01, 30000, { clientOrderId: 'mine' });
      await assert.rejects(bob.createOrder(symbol, 'limit', 'buy', 0.01, 30000, { clientOrderId: 'mine' }), ccxt.InvalidOrder);
      await assert.rejects(ada.createOrder(symbol, 'limit', 'sell', 0.01, 30000, { postOnly: true }), ccxt.OrderImmediatelyFillable);

      const stranger = client(kind, venue.base, { apiKey: '0'.repeat(32), secret: 'x' });
      await assert.rejects(stranger.fetchBalance(), ccxt.AuthenticationError);
      const forger = client(kind, venue.base, { apiKey: buyer.apiKey, secret: buyer.secret + 'x' });
      await assert.rejects(forger.fetchBalance(), ccxt.AuthenticationError);
      const late = client(kind, venue.base, buyer, { timeDifference: 120_000 });
      await assert.rejects(late.fetchBalance(), ccxt.InvalidNonce);
      const early = client(kind, venue.base, buyer, { timeDifference: -120_000 });
      await assert.rejects(early.fetchBalance(), ccxt.InvalidNonce);
    });
  });
}
