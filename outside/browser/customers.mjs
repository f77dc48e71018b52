// The customer's own pages in a real Chromium: a person signs up, is told why, signs in with
// an authenticator, hands in a document, makes a key; the desk says yes in between.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import jsQR from 'jsqr';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';

let exchange, browser, base, data;
const problems = []; // what the browser complained of: errors of scripts, the content policy
const password = 'six wet otters juggle';

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'sallyport-customers-'));
  exchange = spawn(process.env.SALLYPORT, ['serve', '--data', join(data, 'x'), '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  base = await new Promise((found, gone) => {
    let said = '';
    exchange.stdout.on('data', (text) => {
      said += text;
      const at = said.match(/listening on (https:\S+)/);
      if (at) found(at[1].replace('127.0.0.1', 'localhost')); // passkeys are of a name
    });
    exchange.on('exit', (code) => gone(new Error(`serve ended with ${code}: ${said}`)));
  });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});

after(async () => {
  await browser?.close();
  if (exchange && exchange.exitCode === null) {
    const ended = new Promise((done) => exchange.on('exit', done));
    exchange.kill('SIGINT');
    assert.equal(await ended, 0, 'serve ends well when it is interrupted');
  }
  rmSync(data, { recursive: true, force: true });
});

// person is a browser of one person: nothing is shared with another's.
async function person(options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on('console', (m) => { if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) problems.push(m.text()); });
  page.on('pageerror', (e) => problems.push(String(e)));
  return page;
}

async function signUp(page, { mail, name, birth, country, town }) {
  await page.goto(base + '/me/sign-up');
  await page.getByLabel('E-mail address').fill(mail);
  await page.getByRole('button', { name: 'Send the letter' }).click();
  await page.getByRole('heading', { name: 'A letter is on its way' }).waitFor();
  await page.goto(await letter(mail, 'Your application'));
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'me-application.png'), fullPage: true });
  await narrow(page);
  await page.getByLabel('Password').fill(password);
  await page.getByLabel('With whom').selectOption('us');
  await page.getByLabel('Whole name').fill(name);
  await page.getByLabel('Born on').fill(birth);
  await page.getByLabel('Citizen of').fill(country);
  await page.getByLabel('Town').fill(town);
  await page.getByLabel('Country', { exact: true }).fill(country);
  await page.getByLabel('Number', { exact: true }).fill('X1234567');
  await page.getByLabel('Issued by').fill(country);
  await page.getByRole('button', { name: 'Sign up' }).click();
}

async function signIn(page, mail, code = '') {
  await page.goto(base + '/me/sign-in');
  await page.getByLabel('E-mail address').fill(mail);
  await page.getByLabel('Password').fill(password);
  await page.getByLabel('Code of your authenticator').fill(code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

// desk asks the desk's API as staff does.
function desk(method, path, body) {
  const token = readFileSync(join(data, 'x', 'keys', 'desk.token'), 'utf8').trim();
  return new Promise((found, gone) => {
    const r = request(base + path, { method, rejectUnauthorized: false, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => found(JSON.parse(text)));
    });
    r.on('error', gone);
    r.end(body && JSON.stringify(body));
  });
}

// totp is what an authenticator shows (RFC 6238), by Node's own HMAC.
function totp(secret, at = Date.now()) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(Math.floor(at / 30000)));
  const sum = createHmac('sha1', key).update(counter).digest();
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const main = (page) => page.locator('main').innerText();
const says = async (page, ...words) => {
  const text = await main(page);
  for (const w of words) assert.ok(text.includes(w), `the page does not say "${w}":\n${text}`);
};

// narrow reports a page that is wider than its screen.
async function narrow(page) {
  const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= seen, `${page.url()} is ${wide} px wide on a screen of ${seen}`);
}

test('who is refused is told why, in two languages', async () => {
  const page = await person();
  await signUp(page, { mail: 'two@example.org', name: 'Farhad Ordinary', birth: '1985-05-17', country: 'Iran', town: 'Tehran' });
  await page.getByRole('heading', { name: 'No account was opened' }).waitFor();
  await says(page, 'The rules it rests on', 'Русский', 'Decision');
  assert.ok(await page.locator('[lang=ru]').count() > 0);
  await signIn(page, 'two@example.org');
  await page.getByRole('alert').waitFor();
  await says(page, 'is wrong');
  await page.context().close();
});

test('from signing up to a key: authenticator, document, the desk, standing', async () => {
  const page = await person();
  await signUp(page, { mail: 'ada@example.org', name: 'Adaline Wrenfield', birth: '1985-05-17', country: 'US', town: 'Springfield' });
  await page.getByRole('heading', { name: 'Your account is open, and free' }).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).last().click();
  await signIn(page, 'ada@example.org');
  await page.waitForURL(base + '/me');
  await says(page, 'is free', 'Trade: no', 'You are not identified');

  await page.getByRole('link', { name: 'Security' }).click();
  await page.locator('[aria-labelledby=h-totp]').getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Set one up' }).click();
  const secret = await page.locator('#secret').innerText();
  // The picture says what the link says, as a camera reads it, in the light and in the dark.
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    const picture = PNG.sync.read(await page.locator('#qr').screenshot());
    const read = jsQR(new Uint8ClampedArray(picture.data), picture.width, picture.height, { inversionAttempts: 'dontInvert' });
    assert.equal(read?.data, `otpauth://totp/Sallyport:ada@example.org?issuer=Sallyport&secret=${secret}`);
  }
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, 'me-security-qr.png'), fullPage: true });
  await page.getByLabel('Code', { exact: true }).fill(totp(secret, Date.now() - 30000)); // a clock that is late
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await page.getByRole('heading', { name: 'A code is asked for from now on' }).waitFor();
  assert.equal(await page.locator('.secrets li').count(), 10);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(base + '/me/sign-in');
  await signIn(page, 'ada@example.org');
  await page.getByRole('alert').waitFor();
  const used = totp(secret);
  await signIn(page, 'ada@example.org', used);
  await page.waitForURL(base + '/me');

  await page.getByRole('link', { name: 'Who I am' }).click();
  await page.getByLabel('A picture of your document').setInputFiles({ name: 'passport.png', mimeType: 'image/png', buffer: await page.screenshot() });
  await page.getByRole('button', { name: 'Hand in' }).click();
  await page.getByText('image/png').waitFor();
  await says(page, 'waiting for a person to look');
  const { identities: [waits] } = await desk('GET', '/desk/v1/identity');
  const file = await desk('GET', `/desk/v1/identity/${waits.account}/files/0`);
  assert.equal(Buffer.from(file.content_base64, 'base64').subarray(1, 4).toString(), 'PNG');
  assert.equal((await desk('POST', `/desk/v1/identity/${waits.account}`, { accept: true, by: 'm. ortiz', reason: 'The passport is theirs.' })).state, 'accepted');

  await page.getByRole('link', { name: 'My standing' }).click();
  await says(page, 'Trade: yes', 'Withdraw: yes');
  await page.getByRole('link', { name: 'My keys' }).click();
  await page.getByLabel('What you call it').fill('bot');
  await page.getByLabel('trade').check();
  await page.getByLabel('Your password').fill(password);
  await page.getByLabel('Code of your authenticator').fill(used);
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByRole('alert').waitFor(); // a code is good once
  await page.getByLabel('Your password').fill(password);
  await page.getByLabel('Code of your authenticator').fill(totp(secret, Date.now() + 30000)); // and a clock that is early
  await page.getByRole('button', { name: 'Make the key' }).click();
  const key = await page.locator('#new-key').innerText();
  const hidden = await page.locator('#new-secret').innerText();
  assert.match(key, /^[0-9a-f]{32}$/);
  await page.getByRole('link', { name: 'My keys' }).click();
  assert.ok(!(await main(page)).includes(hidden), 'the secret is shown again');
  // A bot signs with it at once.
  const query = `timestamp=${Date.now()}`;
  const account = await page.request.get(`${base}/api/v3/account?${query}&signature=${createHmac('sha256', hidden).update(query).digest('hex')}`, { headers: { 'X-MBX-APIKEY': key } });
  assert.equal((await account.json()).canTrade, true);

  for (const width of [1280, 400]) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of ['/me', '/me/identity', '/me/keys', '/me/security']) {
      await page.goto(base + path);
      await narrow(page);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${path.slice(1).replaceAll('/', '-')}-${width}.png`), fullPage: true });
    }
  }
  await page.goto(base + '/me/keys');
  await page.getByRole('button', { name: 'Take away' }).click();
  await says(page, 'None.');
  await page.goto(base + '/me/security');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.waitForURL(base + '/me/sign-in');
  await page.goto(base + '/me');
  await page.waitForURL(base + '/me/sign-in');
  await page.context().close();
});

// authenticator is a virtual one of the browser's own, that makes sure of its holder.
async function authenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    keys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    put: (credential) => cdp.send('WebAuthn.addCredential', { authenticatorId, credential }),
    clear: () => cdp.send('WebAuthn.clearCredentials', { authenticatorId }),
    sure: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

test('a passkey signs in without a password, makes a key, and a copy of it opens nothing', async () => {
  const page = await person();
  const device = await authenticator(page);
  await signUp(page, { mail: 'grace@example.org', name: 'Grace Wrenfield', birth: '1985-05-17', country: 'US', town: 'Springfield' });
  await signIn(page, 'grace@example.org');
  await page.waitForURL(base + '/me');
  await page.goto(base + '/me/security');
  const section = page.locator('[aria-labelledby=h-passkeys]');
  await section.getByLabel('Your password').fill(password);
  await section.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByLabel('What you call it').fill('laptop');
  await page.getByRole('button', { name: 'Make it on this device' }).click();
  await page.getByRole('heading', { name: 'You sign in with this passkey from now on' }).waitFor();
  assert.equal(await page.locator('.secrets li').count(), 10);
  const recovery = await page.locator('.secrets li').first().innerText();
  const [made] = await device.keys();
  assert.equal(made.isResidentCredential, true);
  assert.ok(!Buffer.from(made.userHandle, 'base64').toString('latin1').includes('grace'), 'the device is told whose it is by a name that says so');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, 'grace@example.org'); // the password alone
  await page.getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL(base + '/me');
  await page.goto(base + '/me/security');
  await says(page, 'laptop', 'last used');

  // In place of the password wherever it is asked for once more.
  await page.goto(base + '/me/keys');
  await page.getByLabel('What you call it').fill('bot');
  await page.getByRole('button', { name: 'With a passkey instead' }).click();
  await page.getByRole('heading', { name: 'The key is made' }).waitFor();

  // Who the device is not sure of is not let in.
  await page.getByRole('button', { name: 'Sign out' }).click();
  await device.sure(false);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForFunction(() => !document.querySelector('[data-passkey]').disabled);
  assert.equal(page.url(), base + '/me/sign-in');
  await device.sure(true);

  // A copy of the key lags behind.
  const [before] = await device.keys();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL(base + '/me');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await device.clear();
  await device.put(before);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('alert').waitFor();
  await says(page, 'counted backwards');
  await signIn(page, 'grace@example.org', recovery);
  await page.waitForURL(base + '/me');
  await page.goto(base + '/me/security');
  await says(page, 'it may have been copied');
  await page.context().close();
});

// letter waits for the newest letter to an address, in the folder where they lie, and gives the link in it.
async function letter(to, subject, link = /https:\S+token=\S+/) {
  const folder = join(data, 'x', 'outbox');
  for (let i = 0; i < 100; i++) {
    for (const name of (existsSync(folder) ? readdirSync(folder) : []).filter((n) => n.endsWith('.eml')).sort().reverse()) {
      const text = readFileSync(join(folder, name), 'utf8').replace(/=\r\n/g, '').replace(/=3D/g, '=');
      if (text.includes(`To: <${to}>`) && text.replace(/_/g, ' ').includes(subject)) {
        return text.match(link)[0];
      }
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter to ${to}: ${subject}`);
}

test('who signs up with the address of another hears nothing of them, and they do', async () => {
  const page = await person();
  const seen = [];
  for (const mail of ['ada@example.org', 'nobody@example.org']) {
    await page.goto(base + '/me/sign-up');
    await page.getByLabel('E-mail address').fill(mail);
    await page.getByRole('button', { name: 'Send the letter' }).click();
    await page.getByRole('heading', { name: 'A letter is on its way' }).waitFor();
    seen.push(await main(page));
  }
  assert.equal(seen[0], seen[1]);
  await letter('ada@example.org', 'You have an account', /https:\S+\/me\/sign-in/);
  await letter('nobody@example.org', 'Your application');
  await page.context().close();
});

test('letters confirm an address, and bring a new password but not past a passkey; the desk invites', async () => {
  const page = await person();
  await authenticator(page);
  const mail = 'joan@example.org';
  await signUp(page, { mail, name: 'Joan Wrenfield', birth: '1985-05-17', country: 'US', town: 'Springfield' });
  await page.getByRole('heading', { name: 'Your account is open' }).waitFor();
  await signIn(page, mail);
  await page.waitForURL(base + '/me');
  await page.goto(base + '/me/security');
  await says(page, 'It is confirmed.');
  await page.locator('[aria-labelledby=h-passkeys]').getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('button', { name: 'Make it on this device' }).click();
  await page.getByRole('heading', { name: 'You sign in with this passkey from now on' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();

  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await page.getByLabel('E-mail address').fill(mail);
  await page.getByRole('button', { name: 'Send the letter' }).click();
  await page.getByRole('heading', { name: 'A letter is on its way' }).waitFor();
  await page.goto(await letter(mail, 'Choose a new password'));
  await page.getByLabel('New password').fill('nine dry herons whistle');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByRole('alert').waitFor(); // a letter is no second factor
  await page.getByLabel('New password').fill('nine dry herons whistle');
  await page.getByRole('button', { name: 'With a passkey in place of the code' }).click();
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();

  const opened = await desk('POST', '/desk/v1/customers', { operator: 'us', profile: { kind: 'person', names: [{ full: 'Bertha Holloway', kind: 'primary' }], birth: ['1985-05-17'], nationalities: ['US'], residence: { town: 'Springfield', country: 'US' } } });
  const invited = await desk('POST', `/desk/v1/customers/${opened.account}/invitation`, { email: 'bertha@example.org', by: 'm. ortiz' });
  const other = await person();
  await other.goto(invited.link);
  await other.getByLabel('New password').fill(password);
  await other.getByRole('button', { name: 'Choose' }).click();
  await other.getByRole('heading', { name: 'You can sign in' }).waitFor();
  await signIn(other, 'bertha@example.org');
  await other.waitForURL(base + '/me');
  await says(other, 'Trade: yes');
  await other.goto(base + '/me/security');
  await says(other, 'It is not confirmed');
  await other.getByRole('button', { name: 'Send me the letter' }).click();
  await other.goto(await letter('bertha@example.org', 'Confirm your e-mail'));
  await other.getByRole('button', { name: 'Confirm', exact: true }).click();
  await other.getByRole('heading', { name: 'Your e-mail address is confirmed' }).waitFor();
  await other.context().close();
  await page.context().close();
});

test('the page of another site changes nothing', async () => {
  const page = await person();
  await signUp(page, { mail: 'eve@example.org', name: 'Evelyn Harrowgate', birth: '1985-05-17', country: 'US', town: 'Springfield' });
  await signIn(page, 'eve@example.org');
  await page.waitForURL(base + '/me');
  const other = await page.context().newPage();
  await other.goto('data:text/html,<form method="post" action="' + base + '/me/sign-out"><input name="everywhere" value="yes"><button>win</button></form>');
  await other.getByRole('button').click();
  await other.getByText('another site').waitFor();
  await page.reload();
  await says(page, 'is free');
  await page.context().close();
});

test('in Russian, as the browser asks for it or the visitor chooses, on a small screen and in the dark', async () => {
  const page = await person({ locale: 'ru-RU', viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
  await page.goto(base + '/me/sign-in');
  await page.getByRole('heading', { name: 'Вход' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
  await page.getByLabel('Адрес электронной почты').fill('eve@example.org');
  await page.getByLabel('Пароль').fill('не тот пароль вовсе');
  await page.getByRole('button', { name: 'Вход', exact: true }).click();
  await page.getByText('Неверен адрес, пароль или код.').waitFor();
  await page.getByLabel('Адрес электронной почты').fill('eve@example.org');
  await page.getByLabel('Пароль').fill(password);
  await page.getByRole('button', { name: 'Вход', exact: true }).click();
  await page.waitForURL(base + '/me');
  await says(page, 'без ограничений', 'Торговать: нет');
  for (const path of ['/me', '/me/identity', '/me/keys', '/me/security']) {
    await page.goto(base + path);
    await narrow(page);
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `ru-${path.slice(1).replaceAll('/', '-')}-390.png`), fullPage: true });
  }
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Security' }).waitFor();
  await page.goto(base + '/me');
  await says(page, 'is free');
  await page.context().close();
});

test('the forms fit a small screen, and the browser has nothing to complain of', async () => {
  for (const width of [1280, 400]) {
    const page = await person({ viewport: { width, height: 900 } });
    for (const path of ['/me/sign-up', '/me/sign-in', '/me/forgotten']) {
      await page.goto(base + path);
      await narrow(page);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${path.slice(1).replaceAll('/', '-')}-${width}.png`), fullPage: true });
    }
    await page.context().close();
  }
  assert.deepEqual(problems, []);
});
