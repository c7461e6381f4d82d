/** Runs our programs as users do. */

import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';

const bin = process.env.TROUPE_BIN_DIR ?? 'build/release/bin';

const makeCa = new URL('../../../scripts/make_test_ca.sh', import.meta.url);

/** @returns options of a program with a certificate, and of who trusts it */
function makeAuthority() {
  const folder = mkdtempSync(path.join(tmpdir(), 'troupe-'));
  process.once('exit', () => rmSync(folder, {recursive: true}));
  const file = name => path.join(folder, name);
  execFileSync(makeCa.pathname, [folder, 'localhost'], {stdio: 'ignore'});
  return {
    options: [`--tls.certificate=${file('localhost.pem')}`,
              `--tls.key=${file('localhost.key')}`],
    trust: {ca: readFileSync(file('ca.pem')), servername: 'localhost'},
  };
}

/**
 * Starts a program and waits until it says where it listens, or that it runs.
 * @param {string} name e.g. `troupe-chat`
 * @param {number} [port] 0 for any
 * @param {string[]} [options] further ones
 *
 * With TROUPE_TEST_TLS, it has a certificate, which clients accept by `trust`.
 */
export async function start(name, port = 0, options = []) {
  const authority = process.env.TROUPE_TEST_TLS
    ? makeAuthority() : {options: [], trust: {}};
  const child = spawn(path.join(bin, name),
                      [`--port=${port}`, ...authority.options, ...options],
                      {stdio: ['ignore', 'pipe', 'pipe']});
  let errors = '';
  child.stderr.on('data', (x) => errors += x);
  const ended = once(child, 'exit');
  const lines = createInterface({input: child.stdout});
  const line = await Promise.race([
    once(lines, 'line').then(([x]) => x),
    ended.then(([code, signal]) => {
      throw new Error(`${name} ended with ${code ?? signal}: ${errors}`);
    }),
  ]);
  const url = /^(?:listening on (https?:\/\/\S+:(\d+))|running)$/.exec(line);
  if (!url) {
    child.kill('SIGKILL');
    throw new Error(`the first line of ${name} is: ${line}`);
  }
  return {
    url: url[1],
    port: Number(url[2]),
    trust: authority.trust,
    /** What it has logged so far. */
    log: () => errors,
    /** Waits for something in the log. @returns {Promise<RegExpExecArray>} */
    async logs(pattern) {
      const deadline = AbortSignal.timeout(20_000);
      for (;;) {
        const found = pattern.exec(errors);
        if (found)
          return found;
        await once(child.stderr, 'data', {signal: deadline});
      }
    },
    /** Sends a signal that does not end it, e.g. SIGSTOP. */
    signal: (name) => child.kill(name),
    /** @returns {Promise<number|string>} the exit code, or the signal */
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null)
        child.kill(signal);
      const [code, by] = await ended;
      return code ?? by;
    },
    /** Ends it by SIGTERM; fails with its log if the status is not 0. */
    async endsWell() {
      const status = await this.stop();
      assert.equal(status, 0, `${name} ended with ${status}: ${errors}`);
    },
  };
}
