// ccxt's own exchange tests, as they are, against a running Sallyport: those of its Python package, for its npm package
// ships none. They are the same ones, put into Python by ccxt's own transpiler, and of the same version as the npm package
// here. suite.json says of each method whether they try it or why not; a method that is neither is an error, as is one
// that they were to try and did not. Their test of createOrder, for accounts with funds, cannot run in Python: it adds numbers
// to texts and rounds as the package refuses to there (decimal_to_precision with ROUND_UP). What it does trade.mjs does.
//
// SALLYPORT_CCXT names a folder in whose lib/ `pip install --target` has put requirements.txt; outside/run does so.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ccxt from 'ccxt';
import { client } from './client.mjs';
import { elsewhere, person, start } from './sallyport.mjs';

const symbols = ['BTC/USDT', 'ETH/USDT'];
const plan = JSON.parse(await readFile(new URL('suite.json', import.meta.url)));

// modes are the ways in which the package is used, and the arguments that its tests know them by.
const modes = { rest: ['--private'], sync: ['--private', '--sync'], ws: ['--private', '--ws'] };

describe('ccxt\'s own exchange tests', () => {
  let venue, trading;

  before(async () => {
    const installed = process.env.SALLYPORT_CCXT;
    const certificate = process.env.NODE_EXTRA_CA_CERTS;
    assert.ok(installed, 'SALLYPORT_CCXT must name the folder of the Python package; outside/run sets it');
    venue = await start();
    const owners = [await venue.open(person('Adaline Wrenfield', 'US')), await venue.open(person('Bertram Oakhollow', 'CA'))];
    for (const o of owners) {
      for (const [asset, amount] of [['BTC', '100'], ['ETH', '1000'], ['USDT', '10000000']]) await venue.fund(o.account, asset, amount);
    }
    const makers = owners.map((o) => client('binanceus', venue.base, o));
    const [ada, bob] = makers;
    for (const m of makers) await m.loadMarkets();
    for (const [i, symbol] of symbols.entries()) {
      const price = [40000, 2500][i];
      await ada.createOrder(symbol, 'limit', 'sell', 1, price + 3);
      await bob.createOrder(symbol, 'limit', 'sell', 1, price + 50); // so that the book is never empty
      await bob.createOrder(symbol, 'limit', 'buy', 1, price - 50);
      await bob.createOrder(symbol, 'limit', 'buy', 1, price - 3);
      const gone = await ada.createOrder(symbol, 'limit', 'sell', 1, price + 9);
      await ada.cancelOrder(gone.id, symbol);
      for (let n = 0; n < 5; n++) {
        await bob.createOrder(symbol, 'market', 'buy', 0.05);
        await ada.createOrder(symbol, 'market', 'sell', 0.05);
      }
    }
    for (const asset of ['BTC', 'USDT']) await ada.withdraw(asset, asset === 'BTC' ? 0.5 : 50, elsewhere);

    // Their tests of streams wait for what a market does, so it goes on. From here on the account that they use pays no
    // fees: ccxt hands the fee of an order that it hears of on as a text, and its own test wants a number. And each of its
    // orders is done before the next one: ccxt hands several that it has heard of at once on in the order of their last
    // changes, where its own test wants that of their beginnings.
    await venue.desk('POST', `/customers/${owners[0].account}/tier`, { tier: 3 });
    trading = { on: true };
    trading.done = (async () => {
      for (let n = 0; trading.on; n++) {
        const symbol = symbols[n % 2];
        const price = [40000, 2500][n % 2];
        for (const [side, other, at, to] of [['sell', 'buy', price + (n % 3), price + 5], ['buy', 'sell', price - 1 - (n % 2), price - 5]]) {
          await ada.createOrder(symbol, 'limit', side, 0.02, at);
          for (let part = 0; part < 2; part++) await bob.createOrder(symbol, 'limit', other, 0.01, to);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    })();

    await writeFile(join(installed, 'keys.json'), JSON.stringify(Object.fromEntries(Object.keys(plan).map((kind) => {
      const ex = client(kind, venue.base, owners[0]);
      return [kind, {
        apiKey: ex.apiKey, secret: ex.secret, urls: { api: ex.urls.api }, options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false },
        has: { swap: false, future: false, option: false }, // there is spot here, and nothing else
        cafile: certificate, validateServerSsl: certificate, // by which the package's two halves are told whom to trust
      }];
    }))));
    await writeFile(join(installed, 'skip-tests.json'), JSON.stringify(Object.fromEntries(Object.entries(plan).map(
      ([kind, of]) => [kind, { skipMethods: of.not }]))));
  });

  after(async () => {
    if (trading) trading.on = false;
    try {
      await trading?.done;
    } finally {
      await venue?.stop();
    }
  });

  for (const [kind, of] of Object.entries(plan)) {
    for (const [mode, args] of Object.entries(modes)) {
      test(`${kind}, ${mode}`, async () => {
        const said = await Promise.race([run(kind, args), trading.done.then(() => assert.fail('nobody trades'))]);
        const lines = said.split('\n');
        const told = (marker) => new Set(lines.filter((l) => l.startsWith(`[INFO] ${marker} `)).map((l) => l.split(/\s+/).at(-1)));
        const failures = lines.filter((l) => /\[TEST_(FAILURE|WARNING)\]/.test(l));
        assert.deepEqual(failures, [], said);
        const tried = told('TESTING DONE');
        for (const method of of[mode]) assert.ok(tried.has(method), `${method} was not tried:\n${said}`);
        assert.deepEqual([...tried].sort(), [...of[mode]].sort(), 'what they try and what suite.json names');
        for (const method of told('SKIPPED_TEST')) assert.ok(of.not[method], method);
      });
    }
  }
});

// run is their program, and what it says.
function run(kind, args) {
  const suite = process.env.SALLYPORT_CCXT;
  const child = spawn('python3', [fileURLToPath(new URL('suite.py', import.meta.url)), kind, ...args, '--info'], {
    timeout: 300_000, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONPATH: [join(suite, 'lib'), join(suite, 'lib', 'ccxt', 'test')].join(':'), PYTHONDONTWRITEBYTECODE: '1' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { said += chunk; });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => status === 0 ? resolve(said) : reject(new Error(`their tests ended with status ${status}:\n${said}`)));
  });
}
