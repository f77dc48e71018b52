// ccxt, unchanged but for its URLs, trades on a running Sallyport: as `binance`, with the
// full map of URLs, and as `binanceus`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import ccxt from 'ccxt';
import { client } from './client.mjs';
import { elsewhere, person, start } from './sallyport.mjs';

const symbol = 'BTC/USDT';
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

    test('orders that wait for a price', async () => {
      const made = [
        await ada.createOrder(symbol, 'market', 'sell', 0.1, undefined, { stopLossPrice: 39000 }),
        await ada.createOrder(symbol, 'limit', 'sell', 0.1, 38900, { stopLossPrice: 39000 }),
        await ada.createOrder(symbol, 'market', 'sell', 0.1, undefined, { takeProfitPrice: 42000 }),
        await ada.createOrder(symbol, 'limit', 'sell', 0.1, 42100, { takeProfitPrice: 42000, timeInForce: 'GTC' }),
      ];
      const types = ['STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'];
      for (const [i, { id }] of made.entries()) {
        const o = await ada.fetchOrder(id, symbol);
        assert.equal(o.status, 'open');
        assert.equal(o.triggerPrice, i < 2 ? 39000 : 42000);
        assert.equal(o.info.type, types[i]);
        assert.equal(o.info.isWorking, false);
        assert.equal(o.amount, 0.1);
      }
      assert.deepEqual((await ada.fetchOpenOrders(symbol)).map((o) => o.id), made.map((o) => o.id));
      assert.deepEqual((await bob.fetchOrderBook(symbol)).asks, []);
      await assert.rejects(ada.createOrder(symbol, 'market', 'sell', 0.1, undefined, { stopLossPrice: 41000 }), ccxt.OrderImmediatelyFillable);
      const gone = await ada.cancelOrder(made[0].id, symbol);
      assert.equal(gone.status, 'canceled');
      assert.equal(gone.triggerPrice, 39000);
      assert.equal((await ada.cancelAllOrders(symbol)).length, 3);
    });

    test('how long an order is good for', async () => {
      const rest = await ada.createOrder(symbol, 'limit', 'sell', 0.1, 40000, { postOnly: true });
      assert.equal((await ada.fetchOrder(rest.id, symbol)).postOnly, true);
      const ioc = await bob.createOrder(symbol, 'limit', 'buy', 0.3, 40000, { timeInForce: 'IOC' });
      assert.deepEqual([ioc.status, ioc.filled, ioc.timeInForce], ['expired', 0.1, 'IOC']);
      const fok = await bob.createOrder(symbol, 'limit', 'buy', 0.3, 40000, { timeInForce: 'FOK' });
      assert.deepEqual([fok.status, fok.filled], ['expired', 0]);
    });

    test('an order that shows in parts, and one put in its place', async () => {
      const o = await ada.createOrder(symbol, 'limit', 'sell', 0.5, 41000, { icebergQty: '0.1' });
      assert.equal((await ada.fetchOrder(o.id, symbol)).info.icebergQty, '0.10000000');
      assert.deepEqual((await bob.fetchOrderBook(symbol)).asks, [[41000, 0.1]]);
      await assert.rejects(ada.createOrder(symbol, 'limit', 'sell', 0.5, 41000, { icebergQty: '0.01' }), ccxt.BadRequest); // in fifty parts

      const moved = await ada.editOrder(o.id, symbol, 'limit', 'sell', 0.4, 41500);
      assert.notEqual(moved.id, o.id);
      assert.deepEqual([moved.status, moved.amount, moved.price], ['open', 0.4, 41500]);
      assert.equal((await ada.fetchOrder(o.id, symbol)).status, 'canceled');
      await assert.rejects(ada.editOrder(o.id, symbol, 'limit', 'sell', 0.4, 41500), (err) => {
        assert.ok(err instanceof ccxt.ExchangeError && !(err instanceof ccxt.NetworkError), `${err.constructor.name}: ${err.message}`);
        assert.match(err.message, /"code":-2022.*"newOrderResult":"NOT_ATTEMPTED".*"code":-2011/);
        return true;
      });
      assert.deepEqual((await ada.fetchOpenOrders(symbol)).map((x) => x.id), [moved.id]);

      const less = await ada.request('order/amend/keepPriority', 'private', 'PUT', { symbol: 'BTCUSDT', orderId: moved.id, newQty: '0.3' });
      assert.equal(less.amendedOrder.qty, '0.30000000');
      assert.equal((await ada.fetchOrder(moved.id, symbol)).amount, 0.3);
      await ada.cancelOrder(moved.id, symbol);
    });

    test('one that cancels the other', async () => {
      const pair = await ada.privatePostOrderListOco({
        symbol: 'BTCUSDT', side: 'SELL', quantity: '0.1', aboveType: 'LIMIT_MAKER', abovePrice: '43000', belowType: 'STOP_LOSS', belowStopPrice: '39000',
      });
      assert.equal(pair.listOrderStatus, 'EXECUTING');
      assert.deepEqual((await ada.fetchOpenOrders(symbol)).map((o) => o.info.orderListId), [pair.orderListId, pair.orderListId]);
      const open = await ada.privateGetOpenOrderList();
      assert.deepEqual(open.map((l) => l.orderListId), [pair.orderListId]);
      const gone = await ada.privateDeleteOrderList({ symbol: 'BTCUSDT', orderListId: pair.orderListId });
      assert.equal(gone.listOrderStatus, 'ALL_DONE');
      assert.deepEqual(await ada.fetchOpenOrders(symbol), []);
    });

    test('one\'s own orders do not meet', async () => {
      const rest = await ada.createOrder(symbol, 'limit', 'sell', 0.1, 41000);
      await venue.fund(seller.account, 'USDT', '10000');
      const take = await ada.createOrder(symbol, 'limit', 'buy', 0.1, 41000, { selfTradePrevention: 'EXPIRE_TAKER' });
      assert.deepEqual([take.status, take.filled], ['expired', 0]);
      assert.equal(take.info.preventedQuantity, '0.10000000');
      const [match] = await ada.privateGetMyPreventedMatches({ symbol: 'BTCUSDT', orderId: take.id });
      assert.deepEqual([String(match.makerOrderId), match.takerPreventedQuantity, match.selfTradePreventionMode], [rest.id, '0.10000000', 'EXPIRE_TAKER']);
      await ada.cancelOrder(rest.id, symbol);
    });

    test('what two accounts of one owner would trade changes hands, and back', async () => {
      const group = async (group) => {
        for (const one of [seller, buyer]) await venue.desk('POST', `/customers/${one.account}/trade-group`, { group, by: 'm.ortiz', reason: 'a test' });
      };
      await group(7);
      assert.equal((await ada.privateGetAccount()).tradeGroupId, 7);
      const before = [await ada.fetchBalance(), await bob.fetchBalance()].map((b) => b.total.BTC);
      for (const [gives, takes] of [[ada, bob], [bob, ada]]) {
        const rest = await gives.createOrder(symbol, 'limit', 'sell', 0.1, 41000, { selfTradePrevention: 'TRANSFER' });
        const take = await takes.createOrder(symbol, 'limit', 'buy', 0.1, 41000, { selfTradePrevention: 'TRANSFER' });
        assert.deepEqual([take.status, take.filled, take.info.tradeGroupId], ['expired', 0, 7]);
        const [match] = await takes.privateGetMyPreventedMatches({ symbol: 'BTCUSDT', orderId: take.id });
        assert.deepEqual([String(match.makerOrderId), match.makerPreventedQuantity, match.selfTradePreventionMode, match.tradeGroupId], [rest.id, '0.10000000', 'TRANSFER', 7]);
        const moved = gives === ada ? 0.1 : 0;
        assert.deepEqual([await ada.fetchBalance(), await bob.fetchBalance()].map((b) => b.total.BTC.toFixed(8)), [before[0] - moved, before[1] + moved].map((n) => n.toFixed(8)));
      }
      await group(0);
      const most = (max) => venue.desk('POST', '/assets/BTC/max-order', { max, by: 'm.ortiz', reason: 'a test' });
      await most('0.5');
      assert.deepEqual((await bob.request('myFilters', 'private', 'GET', { symbol: 'BTCUSDT' })).assetFilters, [{ filterType: 'MAX_ASSET', asset: 'BTC', limit: '0.50000000' }]);
      await assert.rejects(bob.createOrder(symbol, 'limit', 'buy', 0.6, 39000), /MAX_ASSET/);
      await most('0');
    });

    test('a market that the desk has halted', async () => {
      const phase = (phase) => venue.desk('POST', '/markets/ETHUSDT/phase', { phase, by: 'm.ortiz', reason: 'a test' });
      await phase('HALT');
      await assert.rejects(bob.createOrder('ETH/USDT', 'limit', 'buy', 1, 3000), ccxt.MarketClosed);
      assert.equal((await bob.loadMarkets(true))['ETH/USDT'].active, false);
      await phase('TRADING');
      assert.equal((await bob.loadMarkets(true))['ETH/USDT'].active, true);
      await venue.desk('POST', `/customers/${buyer.account}/tier`, { tier: 2 });
      const fee = await bob.fetchTradingFee(symbol);
      assert.deepEqual([fee.maker, fee.taker], [0.0004, 0.0006]);
      await venue.desk('POST', `/customers/${buyer.account}/tier`, { tier: 0 });
    });

    test('market data', async () => {
      const trades = await bob.fetchTrades(symbol);
      assert.deepEqual(trades.map((t) => [t.price, t.amount, t.side]), [[40000.1, 0.2, 'buy'], [40000.1, 0.1, 'buy'], [40000, 0.1, 'buy']]);
      const ticker = await bob.fetchTicker(symbol);
      assert.equal(ticker.last, 40000);
      assert.equal(ticker.baseVolume, 0.4);
      assert.deepEqual(Object.keys(await bob.fetchTickers()).sort(), ['BTC/USDT', 'ETH/USDT']);
      const candles = await bob.fetchOHLCV(symbol, '1h');
      assert.equal(candles.reduce((sum, c) => sum + c[5], 0).toFixed(5), '0.40000');
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
      await assert.rejects(bob.fetchTransfers('USDT'), ccxt.BadRequest); // what is not here is no outage
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
