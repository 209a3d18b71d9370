// Programs under test and a private broker: started here, watched line by line, ended by pid.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

import { within } from './checks.mjs';

const running = new Set();
const folders = new Set();
const remove = (folder) => {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
};
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) remove(folder);
});
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => process.exit(1));

export class Program {
  #lines = [];
  #waiting = [];

  /** Prints what the program prints, each line behind its label. */
  constructor(label, [file, ...args], { quiet = false } = {}) {
    this.label = label;
    this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ problem: error.message }));
      this.child.once('close', (code, signal) => resolve({ code, signal }));
    }).then((status) => {
      running.delete(this.child);
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${label} ended: ${JSON.stringify(status)}`));
      return status;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      readline.createInterface({ input: stream }).on('line', (line) => {
        if (!quiet) console.log(`${label}: ${line}`);
        this.#lines.push(line);
        this.#waiting = this.#waiting.filter((waiter) => {
          if (waiter.fits(line)) waiter.resolve();
          return !waiter.fits(line);
        });
      });
    }
  }

  get lines() {
    return [...this.#lines];
  }

  /** Resolves when the program printed a line that fits; fails when it ended first or took too long. */
  printed(pattern, timeout = 20_000) {
    const fits = (line) => pattern.test(line);
    if (this.#lines.some(fits)) return Promise.resolve();
    const seen = new Promise((resolve, reject) => {
      this.#waiting.push({ fits, resolve, reject });
    });
    return within(timeout, `${pattern} from ${this.label}`, seen);
  }

  signal(name) {
    this.child.kill(name);
  }

  /** SIGTERM, and SIGKILL when that does not help; resolves with the exit status. */
  async stop(timeout = 10_000) {
    this.signal('SIGTERM');
    try {
      return await within(timeout, `the end of ${this.label}`, this.exited);
    } catch (error) {
      this.signal('SIGKILL');
      await this.exited;
      throw error;
    }
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Debian puts the broker where a user's PATH does not look. */
export function findMosquitto() {
  const places = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  return places.map((folder) => path.join(folder, 'mosquitto')).find(existsSync);
}

/** A mosquitto of our own on a free loopback port: { port, stop }. */
export async function startBroker() {
  const binary = findMosquitto();
  if (!binary) throw new Error('mosquitto is not installed');
  // Another program may take the port between the look and the bind: try again with another one.
  for (let attempt = 0; attempt < 5; ++attempt) {
    const port = await freePort();
    const folder = mkdtempSync(path.join(tmpdir(), 'mcp-interop-'));
    folders.add(folder);
    const config = path.join(folder, 'mosquitto.conf');
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n`);
    const program = new Program('mosquitto', [binary, '-c', config], { quiet: true });
    const stop = async () => {
      await program.stop();
      remove(folder);
    };
    try {
      await program.printed(/mosquitto version .* running$/, 5_000);
      return { port, stop };
    } catch {
      await stop();
    }
  }
  throw new Error('mosquitto did not start');
}
