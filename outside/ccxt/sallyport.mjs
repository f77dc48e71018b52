// Starts `sallyport serve` on a free port with a fresh data folder and a configuration (the built-in
// one where none is given), and speaks to its desk.
// SALLYPORT names the program; outside/run builds it. SALLYPORT_KEYS is a folder with a
// certificate that this process trusts (NODE_EXTRA_CA_CERTS), for all of it to be over TLS.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

// elsewhere is an address of nobody here.
export const elsewhere = '1BoatSLRHtKNngkdXEeobR76b53LETtpyT';

function program() {
  assert.ok(process.env.SALLYPORT, 'SALLYPORT must name the program; outside/run sets it');
  return process.env.SALLYPORT;
}

// run is what the program says to a command; it throws where the command fails.
export async function run(...command) {
  const { stdout } = await promisify(execFile)(program(), command, { maxBuffer: 1 << 26 });
  return stdout;
}

export async function start(config) {
  const data = await mkdtemp(join(tmpdir(), 'sallyport-ccxt-'));
  const keys = process.env.SALLYPORT_KEYS;
  assert.ok(keys, 'SALLYPORT_KEYS must name a folder with tls.crt and tls.key; outside/run makes one');
  const more = ['--tls-certificate', join(keys, 'tls.crt'), '--tls-key', join(keys, 'tls.key')];
  if (config) {
    await writeFile(join(data, 'given.yaml'), config);
    more.push('--config', join(data, 'given.yaml'));
  }
  const child = spawn(program(), ['serve', '--data', join(data, 'exchange'), '--listen', '127.0.0.1:0', ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
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
  const token = (await readFile(join(data, 'exchange', 'keys', 'desk.token'), 'utf8')).trim();

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
    // open opens a customer of an operator and gives them an API key.
    async open(profile, operator = 'us') {
      const opened = await desk('POST', '/customers', { operator, profile });
      assert.equal(opened.refused, false, opened.explanation);
      return { ...opened, ...(await desk('POST', `/customers/${opened.account}/keys`)) };
    },
    fund: (account, asset, amount) => desk('POST', '/transfers', { account, asset, amount, from: elsewhere }),
    // stop ends the program and its folder, after the auditor has gone over it where that is wanted.
    // It gives back what the auditor said.
    async stop(audit = false) {
      child.kill('SIGTERM');
      const status = await ended;
      try {
        assert.equal(status, 0, `serve ended with status ${status}:\n${Buffer.concat(log)}`);
        return audit ? await run('verify', '--data', join(data, 'exchange'), '--json') : undefined;
      } finally {
        await rm(data, { recursive: true });
      }
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
