// Starts `sallyport serve` on a free port with a fresh data folder, and speaks to its desk.
// SALLYPORT names the program; outside/run builds it. SALLYPORT_KEYS is a folder with a
// certificate that this process trusts (NODE_EXTRA_CA_CERTS), for all of it to be over TLS.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// elsewhere is an address of nobody here.
export const elsewhere = '1BoatSLRHtKNngkdXEeobR76b53LETtpyT';

export async function start() {
  const program = process.env.SALLYPORT;
  assert.ok(program, 'SALLYPORT must name the program; outside/run sets it');
  const data = await mkdtemp(join(tmpdir(), 'sallyport-ccxt-'));
  const keys = process.env.SALLYPORT_KEYS;
  assert.ok(keys, 'SALLYPORT_KEYS must name a folder with tls.crt and tls.key; outside/run makes one');
  const secure = ['--tls-certificate', join(keys, 'tls.crt'), '--tls-key', join(keys, 'tls.key')];
  const child = spawn(program, ['serve', '--data', data, '--listen', '127.0.0.1:0', ...secure], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  child.stderr.on('data', (chunk) => log.push(chunk));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const base = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^listening on (https:\/\/127\.0\.0\.1:\d+)$/.exec(line);
      if (found) resolve(found[1]);
    });
    child.on('error', reject);
    ended.then((status) => reject(new Error(`serve ended with status ${status} before it listened:\n${Buffer.concat(log)}`)));
  });
  const token = (await readFile(join(data, 'keys', 'desk.token'), 'utf8')).trim();

  async function desk(method, path, body) {
    const answer = await fetch(base + '/desk/v1' + path, {
      method, headers: { Authorization: 'Bearer ' + token }, body: body === undefined ? undefined : JSON.stringify(body),
    });
    const read = await answer.json();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${JSON.stringify(read)}`);
    return read;
  }

  return {
    base,
    desk,
    // open opens a customer of the operator "us" and gives them an API key.
    async open(profile) {
      const opened = await desk('POST', '/customers', { operator: 'us', profile });
      assert.equal(opened.refused, false, opened.explanation);
      return { ...opened, ...(await desk('POST', `/customers/${opened.account}/keys`)) };
    },
    fund: (account, asset, amount) => desk('POST', '/transfers', { account, asset, amount, from: elsewhere }),
    async stop() {
      child.kill('SIGTERM');
      const status = await ended;
      await rm(data, { recursive: true });
      assert.equal(status, 0, `serve ended with status ${status}:\n${Buffer.concat(log)}`);
    },
  };
}

// person is a profile as the desk takes it.
export function person(full, country, more = {}) {
  return {
    kind: 'person', names: [{ full, kind: 'primary' }], birth: ['1985-05-17'], birth_places: [country], nationalities: [country],
    residence: { town: 'Springfield', country }, ...more,
  };
}
