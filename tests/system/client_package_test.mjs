/** The client as an npm package: what is in it, its language and its types. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';

import {parse} from 'acorn';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'net/browser');
const source = (x) => readFileSync(path.join(folder, x), 'utf8');
/** The modules of the package; the other one is for the scripts of servers. */
const modules = readdirSync(folder).filter((x) => x.endsWith('.js') && x !== 'script.js');

function folderFor(t) {
  const result = mkdtempSync(path.join(tmpdir(), 'troupe-client-'));
  t.after(() => rmSync(result, {recursive: true}));
  return result;
}

const npm = (cwd, ...args) => execFileSync(
  'npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'],
  {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});

test('C63 npm packs it, and it can be used where it is installed', {timeout: 120_000}, (t) => {
  const temporary = folderFor(t);
  const [pack] = JSON.parse(npm(folder, 'pack', '--json', `--pack-destination=${temporary}`));
  assert.deepEqual(pack.files.map((x) => x.path).sort(),
                   ['LICENSE', 'README.md', 'client.d.ts', 'package.json', ...modules].sort());
  writeFileSync(path.join(temporary, 'package.json'), '{"private": true, "type": "module"}');
  npm(temporary, 'install', path.join(temporary, pack.filename));
  const says = execFileSync(process.execPath, ['--input-type=module', '-e', `
    import {Ws, encode} from 'troupe-client';
    class Socket { constructor(url) { console.log(url, encode('e', Ws.name)); } close() {} }
    new Ws('localhost/echo', null, {WebSocket: Socket}).close();
    process.exit();`], {cwd: temporary, encoding: 'utf8'});
  assert.equal(says, 'ws://localhost/echo m:e;0;Ws\n');
});

test('C63 it has the version and the license of troupe', () => {
  const read = (...x) => readFileSync(path.join(root, ...x), 'utf8');
  const lines = read('include/troupe/version.hpp').matchAll(
    /^#define TROUPE_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$/gm);
  const version = [...lines].map(([, number]) => number).join('.');
  const about = JSON.parse(read('net/browser/package.json'));
  assert.equal(about.version, version);
  assert.equal(about.dependencies, undefined);
  assert.equal(read('net/browser/LICENSE'), read('LICENSE'));
});

test('C63 it is written in ES2020', () => {
  for (const x of modules)
    parse(source(x), {ecmaVersion: 2020, sourceType: 'module'});
  assert.throws(() => parse(source('client.js'), {ecmaVersion: 2018, sourceType: 'module'}));
});

const {options} = ts.getParsedCommandLineOfConfigFile(
  path.join(folder, 'tsconfig.json'), {}, ts.sys);

/** @returns what the compiler says about a file and what it imports */
function complaints(file) {
  const program = ts.createProgram([file], options);
  return ts.getPreEmitDiagnostics(program)
      .map((x) => ts.flattenDiagnosticMessageText(x.messageText, '\n'));
}

test('C63 its types are right: in themselves, and as declared', {timeout: 120_000}, (t) => {
  assert.deepEqual(complaints(path.join(folder, 'client.js')), []);

  // The class must be the declared one: this finds a method that is missing.
  const temporary = folderFor(t);
  const wrong = path.join(temporary, 'client.js');
  cpSync(folder, temporary, {recursive: true});
  writeFileSync(wrong, source('client.js').replace('  leave(/**', '  depart(/**'));
  assert.match(complaints(wrong).join('\n'), /'leave' is missing/);
});

test('C63 who uses it is checked', {timeout: 60_000}, (t) => {
  const user = path.join(folderFor(t), 'user.ts');
  writeFileSync(user, `
    import {Ws, WsError, decode, encode} from '${path.join(folder, 'client.js')}';
    const ws = new Ws('/echo', ['a'], {
      reconnect: {again: ({code}) => code !== 4001},
      maxQueue: {messages: 10},
    });
    const remove = ws.on<{text: string}>('chat', (x) => x.text.length);
    remove();
    ws.OnDisconnect(({code, reason}) => reason + code.toFixed());
    ws.onError((x) => x instanceof WsError && x.info?.retryAt);
    const sent: boolean = ws.Emit('chat', {text: 'x'});
    const message: string | Uint8Array = encode('e');
    export const all = [sent, message, decode(message)?.data, (await ws.ready).state];
    // @ts-expect-error
    ws.on('chat');
    // @ts-expect-error
    new Ws('/echo', null, {reconect: false});
    // @ts-expect-error
    ws.state = 'open';
    // @ts-expect-error
    ws.state === 'ended';
  `);
  writeFileSync(path.join(path.dirname(user), 'package.json'), '{"type": "module"}');
  assert.deepEqual(complaints(user), []);
});
