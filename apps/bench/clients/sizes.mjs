/** Prints how large the clients of troupe and of others are in a page: see ../README.md. */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';

const here = import.meta.dirname;

/** What a page imports of each package. */
const IMPORTS = {
  'phoenix': 'Socket',
  'socket.io-client': 'io',
  'centrifuge': 'Centrifuge',
  '@microsoft/signalr': 'HubConnectionBuilder',
  '@colyseus/sdk': 'Client',
};

/** @returns {Buffer} a module with all that it needs, minified */
function bundle(source, ...options) {
  return execFileSync('esbuild', ['--bundle', '--minify', '--format=esm', '--target=es2020',
                                  '--log-level=error', ...options], {cwd: here, input: source});
}

function row(name, folder, bytes) {
  const {version} = JSON.parse(readFileSync(path.join(here, folder, 'package.json'), 'utf8'));
  return {name, version, minified: bytes.length, gzip: gzipSync(bytes, {level: 9}).length};
}

export function sizes() {
  const troupe = '../../../net/browser';
  const own = bundle(`export * from '${troupe}/client.js'`,
                     '--mangle-props=^_[a-z]'); // As in net/CMakeLists.txt.
  return [
    row('troupe-client', troupe, own),
    ...Object.entries(IMPORTS).map(([name, x]) =>
      row(name, `node_modules/${name}`, bundle(`export {${x}} from '${name}'`))),
  ];
}

/** @returns {string} in Markdown */
export function table() {
  const rows = sizes().map((x) => [x.name, x.version, x.minified, x.gzip]);
  const lines = [['client', 'version', 'minified', 'gzip -9'],
                 ['---', '---', '---:', '---:'], ...rows];
  return lines.map((x) => `| ${x.join(' | ')} |\n`).join('');
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(table());
