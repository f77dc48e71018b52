// A hundred ccxt.pro bots trade with one another, each with an account of its own, at an operator that is no person of
// the United States: some of its customers are, some are in Iran, and the rest are neither. A rule of law keeps the first
// two apart (31 CFR 560.204, law/rules/us-bar-iran.yaml), and nobody else.
//
// Each bot holds what it is told to what it did: its book, kept from the changes, to the book that is fetched; its
// balances to its own fills, to the last digit; each fill to one report and no second one. Together they know of each
// trade who its two sides were. In the end the auditor goes over the log, and what it counts is what they counted.
//
// BOTS_SECONDS is for how long they trade; a minute where it is not set.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt from 'ccxt';
import { client } from './client.mjs';
import { person, run, start } from './sallyport.mjs';

const seconds = Number(process.env.BOTS_SECONDS ?? 60);
const round = 10; // seconds of trading between two reckonings
const symbol = 'BTC/USDT';
const funds = { BTC: '50', USDT: '2000000' };
const places = [['US', 40], ['IR', 40], ['GE', 20]];

// exact is a decimal number as an integer of 10^-18.
function exact(text) {
  const [, sign, whole, part] = /^(-?)(\d+)\.?(\d{0,18})$/.exec(text);
  return BigInt(sign + whole + part.padEnd(18, '0'));
}
const unit = 10n ** 18n;

// chance is a stream of numbers in [0, 1) that is the same for the same seed.
function chance(seed) {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function until(what, so) {
  for (let i = 0; i < 1500; i++) {
    if (so()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`not in thirty seconds: ${what}`);
}

class Bot {
  constructor(n, place, owner, base) {
    Object.assign(this, { n, place, random: chance(n), orders: new Map(), fills: new Map(), heard: {}, placed: 0, canceled: 0, barred: 0, events: 0, wrong: [] });
    this.holds = Object.fromEntries(Object.entries(funds).map(([asset, amount]) => [asset, exact(amount)]));
    this.ex = client('binanceus', base, owner, {}, ccxt.pro);
    const handle = this.ex.handleMessage.bind(this.ex);
    this.ex.handleMessage = (of, message) => {
      this.events += (message.event ?? message).e ? 1 : 0;
      this.subscribed ||= message.result?.subscriptionId !== undefined;
      this.hear(message.event ?? message);
      return handle(of, message);
    };
  }

  // hear holds an event to those before it.
  hear(m) {
    const wrong = (why) => this.wrong.push(`bot ${this.n}: ${why}: ${JSON.stringify(m)}`);
    switch (m.e) {
      case 'depthUpdate':
        if (this.depth !== undefined && m.U !== this.depth + 1) wrong(`the change after ${this.depth}`);
        this.depth = m.u;
        break;
      case 'trade':
        if (this.trade !== undefined && m.t !== this.trade + 1) wrong(`the trade after ${this.trade}`);
        this.trade = m.t;
        break;
      case 'outboundAccountPosition':
        for (const b of m.B) this.heard[b.a] = exact(b.f) + exact(b.l);
        break;
      case 'executionReport': {
        const before = this.orders.get(m.i);
        if ((m.x === 'NEW') !== (before === undefined)) wrong('an order is new once');
        if (before?.ended) wrong('an order has ended once');
        const filled = (before?.filled ?? 0n) + (m.x === 'TRADE' ? exact(m.l) : 0n);
        if (exact(m.z) !== filled) wrong('what is filled is what was told');
        if (m.x === 'TRADE') this.fill(m, wrong);
        this.orders.set(m.i, { filled, ended: !['NEW', 'PARTIALLY_FILLED'].includes(m.X) });
        if (m.x === 'TRADE_PREVENTION' && m.U === -1) this.barred++;
      }
    }
  }

  fill(m, wrong) {
    if (this.fills.has(m.t)) wrong('a trade is told once');
    this.fills.set(m.t, m.m);
    const sign = m.S === 'BUY' ? 1n : -1n;
    this.holds.BTC += sign * exact(m.l);
    this.holds.USDT -= sign * exact(m.Y);
    if (exact(m.Y) !== exact(m.l) * exact(m.L) / unit) wrong('a trade is worth its quantity at its price');
    if (m.N) this.holds[m.N] -= exact(m.n);
  }

  async begin() {
    await this.ex.loadMarkets();
    await this.ex.watchOrderBook(symbol);
    this.keep(() => this.ex.watchOrders(symbol));
    if (this.n % 2 === 0) this.keep(() => this.ex.watchTrades(symbol));
    await until('a subscription to one\'s own events', () => this.subscribed);
  }

  // keep begins what tells only when something happens; that it told is seen by what is heard.
  keep(watch) {
    watch().catch((err) => this.closing || this.wrong.push(`bot ${this.n}: ${err}`));
  }

  // step places an order or takes one back: half the bots by REST, half over the WebSocket API.
  async step() {
    const ws = this.n % 4 < 2 ? 'Ws' : '';
    const open = [...this.orders].filter(([, o]) => !o.ended).map(([id]) => id);
    try {
      if (open.length > 8 || (open.length > 0 && this.random() < 0.2)) {
        await this.ex[`cancelOrder${ws}`](String(open[Math.floor(this.random() * open.length)]), symbol);
        this.canceled++;
        return;
      }
      const side = this.random() < 0.5 ? 'buy' : 'sell';
      const amount = (1 + Math.floor(this.random() * 20)) / 1000;
      const price = 40000 + Math.floor(this.random() * 21) - 10;
      const kind = this.random();
      if (kind < 0.1) await this.ex[`createOrder${ws}`](symbol, 'market', side, amount);
      else await this.ex[`createOrder${ws}`](symbol, 'limit', side, amount, price, kind < 0.2 ? { timeInForce: 'IOC' } : {});
      this.placed++;
    } catch (err) {
      if (!(err instanceof ccxt.OrderNotFound)) throw err; // that it was filled had not been heard yet
    }
  }

  // reckon holds what the bot knows to what it can fetch, while nobody trades.
  async reckon(book) {
    const kept = () => this.ex.orderbooks[symbol];
    await until('the book of the last change', () => kept().nonce >= book.nonce);
    const sides = (b) => [b.bids, b.asks].map((side) => Array.from(side, ([price, amount]) => [price, amount]));
    assert.equal(kept().nonce, book.nonce, `bot ${this.n}`);
    assert.deepEqual(sides(kept()), sides(book), `the book of bot ${this.n}`);
    const { info } = await this.ex.fetchBalance();
    for (const { asset, free, locked } of info.balances) {
      if (!(asset in funds)) continue;
      const has = exact(free) + exact(locked);
      await until('the last balance', () => this.heard[asset] === undefined || this.heard[asset] === has);
      assert.equal(this.holds[asset], has, `what bot ${this.n} has of ${asset} by its fills, and by the exchange`);
    }
    const open = (await this.ex.fetchOpenOrders(symbol)).map((o) => o.id).sort();
    assert.deepEqual([...this.orders].filter(([, o]) => !o.ended).map(([id]) => String(id)).sort(), open, `the open orders of bot ${this.n}`);
    assert.deepEqual(this.wrong, []);
  }
}

test(`a hundred bots trade for ${seconds} seconds, and lose nothing`, { timeout: (seconds + 300) * 1000 }, async (t) => {
  const config = (await run('serve', '--print-config'))
    .replace(/^operators:\n( .*\n)+/m, 'operators:\n  - {name: abroad, title: "Sallyport Ltd", nexus: [US-CAUSING]}\n')
    .replace(/^premises: US$/m, 'premises: GE')
    .replace(/weight_per_minute: 60000/, 'weight_per_minute: 6000000');
  const venue = await start(config);
  const bots = [];
  try {
    for (const [place, count] of places) {
      for (let i = 0; i < count; i++) {
        const n = bots.length;
        const owner = await venue.open(person(`Wrenfield Oakhollow ${'ABCDEFGHIJ'[n % 10]}${'abcdefghij'[Math.floor(n / 10)]}`, place), 'abroad');
        for (const [asset, amount] of Object.entries(funds)) await venue.fund(owner.account, asset, amount);
        bots.push(new Bot(n, place, owner, venue.base));
      }
    }
    for (const b of bots) await b.begin();

    let traded = 0;
    for (let left = seconds; left > 0; left -= round) {
      const began = Date.now();
      const end = began + Math.min(round, left) * 1000;
      await Promise.all(bots.map(async (b) => {
        while (Date.now() < end) await b.step();
      }));
      traded += Date.now() - began;
      const book = await bots[0].ex.fetchOrderBook(symbol, 5000);
      assert.ok(book.bids.length + book.asks.length > 0);
      for (const b of bots) await b.reckon(book);
    }

    // Both sides of each trade were told of it, one as its maker; and they may meet.
    const trades = new Map();
    for (const b of bots) {
      for (const [id, maker] of b.fills) trades.set(id, [...(trades.get(id) ?? []), { place: b.place, maker }]);
    }
    for (const [id, of] of trades) {
      assert.deepEqual(of.map((o) => o.maker).sort(), [false, true], `trade ${id}`);
      assert.notDeepEqual(of.map((o) => o.place).sort(), ['IR', 'US'], `trade ${id}`);
    }
    const last = await bots[0].ex.fetchTrades(symbol);
    const ids = [...trades.keys()].sort((a, b) => a - b);
    assert.deepEqual([ids.at(-1), ids.length], [Number(last.at(-1).info.a), ids.at(-1) - ids[0] + 1], 'every trade');
    const sum = (of) => bots.reduce((n, b) => n + of(b), 0);

    for (const b of bots) {
      b.closing = true;
      await b.ex.close();
    }
    const rate = (n) => `${n} (${(n / traded * 1000).toFixed(0)}/s)`;
    const [placed, barred] = [sum((b) => b.placed), sum((b) => b.barred)];
    t.diagnostic(`orders ${rate(placed)}, cancels ${rate(sum((b) => b.canceled))}, trades ${rate(trades.size)}, ` +
      `matches prevented by law ${barred}, events told ${rate(sum((b) => b.events))}`);

    const { ok, report } = JSON.parse(await venue.stop(true));
    assert.deepEqual([ok, report.orders, report.trades, report.barred], [true, placed, trades.size, barred], 'what the auditor found, and what the bots know');
    assert.ok(barred > 0, 'nobody was kept from meeting anybody');
  } catch (err) {
    await venue.stop().catch(() => {});
    throw err;
  }
});
