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

/** A project with the package, of modules or of CommonJS. */
function project(t, type) {
  const temporary = folderFor(t);
  const copy = path.join(temporary, 'copy'); // npm builds in it.
  cpSync(folder, copy, {recursive: true});
  const [pack] = JSON.parse(npm(copy, 'pack', '--json', `--pack-destination=${temporary}`));
  writeFileSync(path.join(temporary, 'package.json'), JSON.stringify({private: true, type}));
  npm(temporary, 'install', path.join(temporary, pack.filename));
  return {
    pack,
    folder: temporary,
    run: (...args) => execFileSync(process.execPath, args, {cwd: temporary, encoding: 'utf8'}),
  };
}

/** Says where a client connects, and what it sends. */
const use = `
  class Socket { constructor(url) { console.log(url, encode('e', Ws.name)); } close() {} }
  new Ws('localhost/echo', null, {WebSocket: Socket}).close();
  process.exit();`;

test('C63 npm packs it, and it can be used where it is installed', {timeout: 120_000}, (t) => {
  const {pack, run} = project(t, 'module');
  assert.deepEqual(pack.files.map((x) => x.path).sort(),
                   ['LICENSE', 'README.md', 'client.cjs', 'client.d.cts', 'client.d.ts',
                    'package.json', ...modules].sort());
  const says = run('--input-type=module', '-e',
                   `import {Ws, encode} from 'troupe-client'; ${use}`);
  assert.equal(says, 'ws://localhost/echo m:e;0;Ws\n');
});

test('C63 CommonJS can require it, also where there is next to nothing', {timeout: 120_000}, (t) => {
  const {folder, run} = project(t, 'commonjs');
  const file = path.join(folder, 'user.js');
  writeFileSync(file, `const {Ws, encode} = require('troupe-client'); ${use}`);
  assert.equal(run(file), 'ws://localhost/echo m:e;0;Ws\n');

  // As Jest does it: in a context of its own, which lacks what jsdom lacks.
  writeFileSync(file, `
    const vm = require('node:vm');
    const {readFileSync} = require('node:fs');
    const context = vm.createContext({setTimeout, clearTimeout, queueMicrotask, URL, console});
    const module_ = {exports: {}};
    vm.runInContext('(function(module, exports, require) {'
                    + readFileSync(require.resolve('troupe-client'), 'utf8') + '})', context)(
      module_, module_.exports, require);
    const sent = [];
    class Socket { readyState = 1; send(x) { sent.push(x); } close() {} }
    let socket;
    const ws = new module_.exports.Ws('ws://localhost/', null, {
      WebSocket: class extends Socket { constructor() { super(); socket = this; } }});
    ws.on('e', (x) => console.log(x.text, sent));
    ws.emit('e', {text: 'é'});
    socket.onopen();
    socket.onmessage({data: 'm:e;4;{"text":"ü"}'});
    process.exit();`);
  assert.equal(run(file), `ü [ 'm:e;4;{"text":"é"}' ]\n`);

  const user = path.join(folder, 'user.cts');
  writeFileSync(user, `
    import {Ws} from 'troupe-client';
    new Ws<{in: {e: number}}>('/echo').on('e', (x) => x.toFixed());
    // @ts-expect-error
    new Ws<{in: {e: number}}>('/echo').on('e', (x) => x.length);`);
  assert.deepEqual(complaints(user), []);
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
    const late = new Ws(async () => new URL('https://other.test/'), null, {
      auth: () => ({token: 'x'}), idleTimeout: 30_000, heartbeat: 'ping', maxMessageSize: 65_536,
      debug: (text, ...details) => console.log(text, details),
    });
    late.onAny((event, data) => event.length + data);
    late.emit('typing', true, {volatile: true});
    export const next: Promise<number> = late.once('count');
    export const waits: number = late.bufferedAmount;
    // @ts-expect-error
    late.emit('typing', true, () => 'a callback');
  `);
  writeFileSync(path.join(path.dirname(user), 'package.json'), '{"type": "module"}');
  assert.deepEqual(complaints(user), []);
});

test('C63 who names events is checked for their names and values', {timeout: 60_000}, (t) => {
  const user = path.join(folderFor(t), 'user.ts');
  writeFileSync(user, `
    import {Ws} from '${path.join(folder, 'client.js')}';
    interface Line { from: string; text: string }
    interface Chat {
      in: {said: Line; count: number};
      out: {say: string; wave: undefined; move: {x: number; y?: number}};
      requests: {add: [number[], number]; who: [undefined, Line[]]};
    }
    const ws = new Ws<Chat>('/chat');
    ws.on('said', ({from, text}) => from + text);
    ws.once('count', (n) => n.toFixed());
    ws.On('count', (n) => n.toFixed());
    export const line: Promise<Line> = ws.once('said');
    ws.emit('say', 'hello');
    ws.emit('wave');
    ws.emit('move', {x: 1}, {volatile: true});
    ws.keep('say', 'hello');
    ws.off('said');
    export const same: Promise<Ws<Chat>> = ws.ready;
    export const sum: Promise<number> = ws.request('add', [1, 2], {timeout: 1000});
    export const who: Promise<Line[]> = ws.request('who');
    const room = ws.room('tea');
    room.on('said', ({text}) => text.length);
    room.emit('say', 'hello');
    export const same_: Promise<number> = room.request('add', [1]);
    export const joined: Promise<any> = room.join(() => ({seat: 1}));
    room.onRefused((x) => x.kind + x.after?.toFixed());
    ws.onRequest('name', async () => 'Ann');
    ws.onAdvice(({after, again}) => again && after.toFixed());
    export const id: string | undefined = ws.session?.id;
    // @ts-expect-error
    ws.request('add', 'x');
    // @ts-expect-error
    room.emit('shout', 'x');
    // @ts-expect-error
    room.state = 'in';
    // @ts-expect-error
    ws.on('sad', () => 1);
    // @ts-expect-error
    ws.on('count', (n: string) => n);
    // @ts-expect-error
    ws.emit('said', {from: 'a', text: 'b'});
    // @ts-expect-error
    ws.emit('say', 1);
    // @ts-expect-error
    ws.emit('say');
    // @ts-expect-error
    ws.emit('move', {y: 1});
    // @ts-expect-error
    ws.keep('shout', 'x');
  `);
  writeFileSync(path.join(path.dirname(user), 'package.json'), '{"type": "module"}');
  assert.deepEqual(complaints(user), []);
});
