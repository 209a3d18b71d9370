// The two directions of interop: a server program against client.mjs, a client program against
// server.mjs. Each scenario has a private broker and a witness in front of it.

import assert from 'node:assert/strict';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { eventually, within } from './checks.mjs';
import { Program, startBroker } from './processes.mjs';
import { Witness } from './witness.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
export const script = (name) => [process.execPath, path.join(here, name)];
const serverName = 'desk/companion';
const programLimit = 120_000;
/** What a server may lack that offers everything: no server need ever send a batch. */
const needless = 'tool send_batch';

/** Runs `body({ broker, witness })`; afterwards no rule may have been broken on the wire. */
export async function witnessed(checks, what, options, body) {
  await checks.check(what, async () => {
    const broker = await startBroker();
    const witness = new Witness(options);
    witness.on('breach', ({ rule, text }) => console.log(`witness: [${rule}] ${text}`));
    const port = await witness.listen(broker.port);
    const started = [];
    const start = (...args) => {
      started.push(new Program(...args));
      return started.at(-1);
    };
    try {
      await body({ broker: `mqtt://127.0.0.1:${port}`, witness, start });
      await eventually('the end of all connections', () => witness.live === 0);
    } finally {
      for (const program of started) program.signal('SIGKILL');
      await Promise.all(started.map((program) => program.exited));
      witness.close();
      await broker.stop();
    }
    assert.ok(witness.seen.initialized > 0, 'the witness saw no session');
    assert.deepEqual(witness.breaches.map(({ rule, text }) => `[${rule}] ${text}`), [], 'rules were broken');
  });
}

const endedWell = async (program, status) => {
  assert.deepEqual(await status, { code: 0, signal: null }, `${program.label} failed`);
};

/** {broker}, {name} and {id} in a command; they are appended as options where it has none of them. */
function filled(command, values) {
  const placeholders = Object.keys(values).map((name) => [`{${name}}`, values[name]]);
  const fill = (text) => placeholders.reduce((done, [mark, value]) => done.replaceAll(mark, value), text);
  const marked = command.some((part) => placeholders.some(([mark]) => part.includes(mark)));
  const options = Object.keys(values).flatMap((name) => [`--${name}`, `{${name}}`]);
  return (marked ? command : [...command, ...options]).map(fill);
}

const abrupt = (witness, role) => witness.endings.filter((ending) => ending.role === role && !ending.graceful);
const nothingOwed = (witness) =>
  eventually('unsubscribing the topics of sessions that are over', () => witness.owed.length === 0).catch((error) => {
    throw new Error(`${error.message}: ${witness.owed.join(', ')}`);
  });

/**
 * A server program that follows README.md, tested by client.mjs. `complete`: it offers everything, so
 * that no check may be left out.
 */
export async function testServer(checks, command, { complete = false } = {}) {
  const serve = async ({ broker, start }, name = serverName) => {
    const server = start('server', filled(command, { broker, name, id: 'interop-server-1' }));
    await server.printed(/^ready$/);
    return server;
  };
  const runClient = ({ broker, start }, ...more) =>
    start('client', [...script('client.mjs'), '--broker', broker, ...more]);

  await witnessed(checks, 'server: everything that a client expects', {}, async (stage) => {
    const server = await serve(stage);
    const client = runClient(stage, '--name', serverName);
    await endedWell(client, within(programLimit, 'the client', client.exited));
    const skipped = client.lines.filter((line) => line.startsWith('# skipped') && !line.includes(needless));
    if (complete) assert.deepEqual(skipped, [], 'checks were left out');
    await nothingOwed(stage.witness);
    await endedWell(server, server.stop());
    assert.deepEqual(abrupt(stage.witness, 'mcp-server'), [], 'the server left without DISCONNECT');
  });

  await witnessed(checks, 'server: leaves gracefully in the middle of a call (T11)', {}, async (stage) => {
    const server = await serve(stage);
    const client = runClient(stage, '--name', serverName, '--leave', 'graceful');
    await client.printed(/^waiting for the server to leave$/);
    await endedWell(server, server.stop());
    await endedWell(client, within(programLimit, 'the client', client.exited));
    assert.deepEqual(abrupt(stage.witness, 'mcp-server'), [], 'the server left without DISCONNECT');
  });

  // The will must name the topic that the server really uses, also when the broker named the server.
  const given = 'given/by the/broker';
  const options = { connackProperties: { 'mcp-server': { 'MCP-SERVER-NAME': given } } };
  await witnessed(checks, 'server: takes the name from the broker and is killed (T5, T6)', options, async (stage) => {
    const server = await serve(stage, 'own/name');
    const client = runClient(stage, '--name', given, '--leave', 'killed');
    await client.printed(/^waiting for the server to leave$/);
    server.signal('SIGKILL');
    await endedWell(client, within(programLimit, 'the client', client.exited));
  });
}

/**
 * A client program that ends with 0 when it is content, tested against server.mjs. `complete`: it uses
 * everything that the server offers.
 */
export async function testClient(checks, command, { complete = false } = {}) {
  const serve = async ({ broker, start }, ...more) => {
    const server = start('server', [
      ...script('server.mjs'), '--broker', broker, '--name', serverName, '--id', 'interop-server-1', ...more,
    ]);
    await server.printed(/^ready$/);
    return server;
  };
  const runClient = ({ broker, start }, ...more) =>
    start('client', [...filled(command, { broker, name: serverName }), ...more]);

  const run = (updates) => async (stage) => {
    const server = await serve(stage, '--updates', updates, '--usage', 'told');
    const client = runClient(stage);
    await endedWell(client, within(programLimit, 'the client', client.exited));
    const count = (what) => server.lines.filter((line) => line.startsWith(`session ${what} `)).length;
    await eventually('the end of all sessions', () => count('closed') === count('opened'));
    assert.ok(count('initialized') > 0, 'no session was initialized');
    await nothingOwed(stage.witness);
    await endedWell(server, server.stop());
    const unused = server.lines.filter((line) => line.startsWith('# not used'));
    if (complete) assert.deepEqual(unused, [], 'the client did not use everything');
    assert.deepEqual(abrupt(stage.witness, 'mcp-client'), [], 'a client left without DISCONNECT');
  };
  await witnessed(checks, 'client: is content with the server and leaves well', {}, run('copy'));
  const filters = JSON.stringify([serverName]);
  const options = { connackProperties: { 'mcp-client': { 'MCP-SERVER-NAME-FILTERS': filters, 'MCP-RBAC': '[]' } } };
  await witnessed(checks, 'client: looks only where the broker says (T5)', options, run('broadcast'));

  const seeLeaving = (how, end) => async (stage) => {
    const server = await serve(stage);
    const client = runClient(stage, '--leave', how);
    await client.printed(/^waiting for the server to leave$/);
    await end(server);
    await endedWell(client, within(programLimit, 'the client', client.exited));
    assert.deepEqual(abrupt(stage.witness, 'mcp-client'), [], 'a client left without DISCONNECT');
  };
  const gracefully = seeLeaving('graceful', (server) => endedWell(server, server.stop()));
  await witnessed(checks, 'client: sees the server leave in the middle of a call (T11, T43)', {}, gracefully);
  const killed = seeLeaving('killed', (server) => server.signal('SIGKILL'));
  await witnessed(checks, 'client: sees the server die in the middle of a call (T6, T43)', {}, killed);
}
