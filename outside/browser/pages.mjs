// The console in a real Chromium: the demo runs, and a person looks at it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

let demo, browser, base, data;
const problems = []; // what the browser complained of: errors of scripts, the content policy

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'sallyport-browser-'));
  demo = spawn(process.env.SALLYPORT, ['demo', '--data', join(data, 'story'), '--listen', '127.0.0.1:0', '--customers', '400', '--orders', '300'], { stdio: ['ignore', 'pipe', 'inherit'] });
  base = await new Promise((found, gone) => {
    let said = '';
    demo.stdout.on('data', (text) => {
      said += text;
      const at = said.match(/console: (http:\S+)/);
      if (at && said.includes('Trading goes on')) found(at[1]);
    });
    demo.on('exit', (code) => gone(new Error(`the demo ended with ${code}:\n${said}`)));
  });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});

after(async () => {
  await browser?.close();
  if (demo && demo.exitCode === null) {
    const ended = new Promise((done) => demo.on('exit', done));
    demo.kill('SIGINT');
    assert.equal(await ended, 0, 'the demo ends well when it is interrupted, and verifies');
  }
  rmSync(data, { recursive: true, force: true });
});

async function open(path, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.on('console', (m) => { if (m.type() === 'error') problems.push(m.text()); });
  page.on('pageerror', (e) => problems.push(String(e)));
  await page.goto(base + path, { waitUntil: 'domcontentloaded' });
  return page;
}

test('the desk shows who is stopped and by which rule, and goes on by itself', async () => {
  const page = await open('/');
  await page.getByRole('heading', { name: 'The desk' }).waitFor();
  const text = await page.locator('body').innerText();
  for (const words of ['STARTER', 'not the official list', 'Listed by OFAC', 'Regulation (EU) No 833/2014', 'frozen', 'leaving', 'refused at the door']) {
    assert.ok(text.includes(words), `the desk does not say "${words}"`);
  }
  // Trades go on while we look, with no reload.
  const record = () => page.locator('header').innerText().then((t) => Number(t.match(/record ([\d,]+)/)[1].replaceAll(',', '')));
  const first = await record();
  await page.waitForFunction((n) => Number(document.querySelector('header').innerText.match(/record ([\d,]+)/)[1].replaceAll(',', '')) > n, first, { timeout: 15000 });
  await page.close();
});

test('from a stop to the decision and everything it rests on', async () => {
  const page = await open('/decisions?rule=us-sdn');
  await page.locator('a[href^="/decisions/"]').first().click();
  await page.waitForURL(/\/decisions\/[0-9a-f]{64}$/);
  const text = await page.locator('main').innerText();
  for (const words of ['31 CFR', 'US Department of the Treasury', 'birth date', 'score', 'SHA-256', 'sallyport verify', 'What it means for the customer']) {
    assert.ok(text.includes(words), `the decision does not say "${words}"`);
  }
  const id = new URL(page.url()).pathname.split('/').pop();
  const json = await (await page.request.get(`${base}/decisions/${id}.json`)).json();
  assert.equal(json.id, id);
  assert.ok(json.fired.some((f) => f.rule === 'us-sdn'));
  await page.close();
});

test('a desk that is turned away at first goes on when there is room', async () => {
  const page = await browser.newPage();
  let asked = 0;
  await page.route('**/events', (route) => (asked++ === 0 ? route.fulfill({ status: 503, body: 'too many readers' }) : route.continue()));
  await page.goto(base, { waitUntil: 'domcontentloaded' });
  await page.waitForFunction(() => document.getElementById('live').textContent === 'live', null, { timeout: 20000 });
  assert.equal(asked, 2);
  await page.close();
});

test('on a small screen and in the dark', async () => {
  const page = await open('/', { viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
  await page.getByRole('heading', { name: 'The desk' }).waitFor();
  const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= seen, `the page is ${wide} px wide on a screen of ${seen}`);
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number));
  assert.ok(Math.max(...background) < 100, `in the dark the background is ${background}`);
  await page.close();
});

// link waits for the letter of a sign-up, in the folder where letters lie, and gives the token of its link.
async function link(mail) {
  const folder = join(data, 'story', 'outbox');
  for (let i = 0; i < 100; i++) {
    for (const name of (existsSync(folder) ? readdirSync(folder) : []).filter((n) => n.endsWith('.eml'))) {
      const text = readFileSync(join(folder, name), 'utf8').replace(/=\r\n/g, '').replace(/=3D/g, '=');
      if (text.includes(`To: <${mail}>`)) return text.match(/token=(\S+)/)[1];
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter to ${mail}`);
}

// applicant signs up, signs in and hands in a picture, as their own program would.
async function applicant(browser, mail, name, picture) {
  const own = await browser.newContext();
  const send = async (path, data, headers) => {
    const answer = await own.request.post(base + path, { data, headers });
    assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
    return answer;
  };
  await send('/customer/v1/sign-up', { email: mail });
  const { account } = await (await send('/customer/v1/application', {
    token: await link(mail), password: 'six wet otters juggle', operator: 'us', name, birth: '1985-05-17', citizenships: ['US'],
    residence: { town: 'Springfield', country: 'US' }, documents: [{ type: 'passport', number: 'X1234567', country: 'US' }],
  })).json();
  const signedIn = await send('/customer/v1/sign-in', { email: mail, password: 'six wet otters juggle' });
  const cookie = signedIn.headers()['set-cookie'].split(';')[0];
  await send('/customer/v1/identity/files', picture, { 'content-type': 'image/png', cookie });
  await own.close();
  return account;
}

test('an operator user looks at documents and says yes or no', async () => {
  const first = await open('/');
  const picture = await first.screenshot();
  await first.close();
  const account = await applicant(browser, 'ada@example.org', 'Adaline Wrenfield', picture);
  const other = await applicant(browser, 'bertha@example.org', 'Bertha Holloway', picture);
  for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [390, 'dark']]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.on('console', (m) => { if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) problems.push(m.text()); });
    const fits = async (name) => {
      const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= seen, `${page.url()} is ${wide} px wide on a screen of ${seen}`);
      if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `identity-${name}-${width}-${colorScheme}.png`), fullPage: true });
    };
    await page.goto(base + '/identity');
    await fits('sign-in');
    await page.getByLabel('Your name').fill('m. ortiz');
    await page.getByLabel("The desk's token").fill('a guess');
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Your name').fill('m. ortiz');
    await page.getByLabel("The desk's token").fill(readFileSync(join(data, 'story', 'keys', 'desk.token'), 'utf8').trim());
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('heading', { name: 'Who waits, the longest first' }).waitFor();
    await fits('queue');
    await page.getByRole('link', { name: String(account) }).click();
    await page.getByText('Adaline Wrenfield').waitFor();
    const [w, h] = await page.locator('.handed img').evaluate((i) => [i.naturalWidth, i.naturalHeight]);
    assert.deepEqual([w, h], [1280, 900], 'the picture is not shown as it was handed in');
    await fits('customer');
    await context.close();
  }
  const page = await open('/identity');
  await page.getByLabel('Your name').fill('m. ortiz');
  await page.getByLabel("The desk's token").fill(readFileSync(join(data, 'story', 'keys', 'desk.token'), 'utf8').trim());
  await page.getByRole('button', { name: 'Enter' }).click();
  await page.getByRole('link', { name: String(account) }).click();
  await page.getByLabel('Why').fill('The passport is theirs.');
  await page.getByRole('button', { name: 'They are who they say' }).click();
  await page.getByRole('heading', { name: 'is identified' }).waitFor();
  await page.getByLabel('Number').fill('7');
  await page.getByLabel('Reason').fill("The fund's, as the first.");
  await page.getByRole('button', { name: 'Set the trade group' }).click();
  await page.getByText('is in trade group 7.').waitFor();
  await page.goto(base + `/identity/${other}`);
  await page.getByLabel('Why').fill('The number cannot be read.');
  await page.getByRole('button', { name: 'This does not show it' }).click();
  await page.getByText('not accepted by m. ortiz').waitFor();
  await page.goto(base + '/identity');
  await page.getByText('Nobody waits.').waitFor();
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByLabel('Your name').waitFor();
  await page.close();
});

test('an operator user answers a likeness, and records a licence, on the pages', async () => {
  const token = readFileSync(join(data, 'story', 'keys', 'desk.token'), 'utf8').trim();
  const shown = async (page, name, width, colorScheme) => {
    const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= seen, `${page.url()} is ${wide} px wide on a screen of ${seen}`);
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}-${width}-${colorScheme}.png`), fullPage: true });
  };
  const own = await browser.newContext();
  const opened = await own.request.post(base + '/desk/v1/customers', {
    headers: { authorization: `Bearer ${token}` },
    data: { operator: 'us', profile: { kind: 'person', names: [{ full: 'Maksim Yakubets', kind: 'primary' }], birth: ['1987-11-02'], nationalities: ['KZ'], residence: { town: 'Springfield', country: 'US' } } },
  });
  assert.equal((await opened.json()).verdict, 'hold', 'a namesake is not held');
  await own.close();
  for (const [width, colorScheme] of [[1280, 'light'], [390, 'dark']]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.on('console', (m) => { if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) problems.push(m.text()); });
    await page.goto(base + '/likenesses');
    assert.equal(await page.getByRole('button', { name: 'Not the same person' }).count(), 0, 'whoever looks is asked');
    await page.getByRole('link', { name: 'sign in', exact: true }).click();
    await page.getByLabel('Your name').fill('m. ortiz');
    await page.getByLabel("The desk's token").fill(token);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('heading', { name: 'Open questions' }).waitFor();
    const questions = await page.getByRole('button', { name: 'Not the same person' }).count();
    assert.ok(questions > 0, 'nobody resembles anybody');
    await shown(page, 'likenesses', width, colorScheme);
    await page.getByLabel('Why they are not the same').first().fill('another patronymic');
    await page.getByRole('button', { name: 'Not the same person' }).first().click();
    await page.getByRole('cell', { name: 'another patronymic' }).first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Not the same person' }).count(), questions - 1, 'the question is still open');
    await page.getByText('Take it back').first().click();
    await page.locator('details[open]').getByLabel('Why').fill('it was another’s');
    await page.locator('details[open]').getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('it was another’s').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Not the same person' }).count(), questions, 'the question is not open again');
    await page.getByRole('link', { name: 'Licences' }).click();
    await page.getByRole('heading', { name: 'Record one' }).waitFor();
    await page.getByLabel('Account').fill('1000');
    await page.getByLabel('Licence').fill('no-such-licence');
    await page.getByLabel('Document').fill('no. 7');
    await page.getByLabel('Reason').fill('authorised');
    await page.getByLabel('The second operator user').fill('k. brandt');
    await page.getByRole('button', { name: 'Record it' }).click();
    await page.getByRole('alert').getByText('no rule in force').waitFor();
    assert.equal(await page.getByLabel('Document').inputValue(), 'no. 7', 'what was written is lost');
    await shown(page, 'licences', width, colorScheme);
    await page.getByRole('link', { name: 'Markets' }).click();
    await page.getByText('Set the bound').first().click();
    await page.locator('details[open]').getByLabel('At the most').fill('1000000');
    await page.locator('details[open]').getByLabel('Why').fill('a slip of the finger');
    await page.locator('details[open]').getByRole('button', { name: 'Set it' }).click();
    await page.getByRole('cell', { name: '1,000,000' }).or(page.getByRole('cell', { name: '1000000' })).first().waitFor();
    await shown(page, 'markets', width, colorScheme);
    await context.close();
  }
});

test('every page of the site opens, and the browser has nothing to complain of', async () => {
  for (const path of ['/', '/decisions', '/rules', '/rules/eu-833-5b2-ban', '/lists', '/likenesses', '/licences', '/markets', '/sign-in', '/customers/1000']) {
    const page = await open(path);
    assert.ok((await page.getByRole('heading', { level: 1 }).innerText()).length > 0, path);
    await page.close();
  }
  assert.deepEqual(problems, []);
});
