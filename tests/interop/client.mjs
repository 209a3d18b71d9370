// A scripted MCP client made of the official SDK over MQTT: checks everything that the interop server
// must do, one "ok - …" or "not ok - …" line each, and exits with 1 when something was not ok.
//
// With --leave graceful or --leave killed it checks instead how the end of the server is noticed: it
// prints "waiting for the server to leave" when a call is under way, and then somebody must end it.

import assert from 'node:assert/strict';

import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { readArguments } from './arguments.mjs';
import { Checks, eventually, signal, within } from './checks.mjs';
import * as peers from './client_peer.mjs';
import { call, textOf } from './expect/answers.mjs';
import { checkBatches } from './expect/batches.mjs';
import { checkRequestIds } from './expect/request_ids.mjs';
import { checkRequestsOfServer } from './expect/revision_requests.mjs';
import { checkRevisions } from './expect/revisions.mjs';
import { checkBesideAnother, checkSession } from './expect/session.mjs';
import { checkWhereOffered } from './offers.mjs';

const args = readArguments(
  'client.mjs --broker URL --name SERVER_NAME [--leave graceful|killed] [--time-limit SECONDS]',
  { broker: undefined, name: undefined, leave: '', 'time-limit': '60' },
);
const checks = new Checks();

const watchdog = setTimeout(() => {
  checks.fail(`everything is done within ${args['time-limit']} s`);
  process.exit(1);
}, Number(args['time-limit']) * 1000);

const { broker, name } = args;
const connect = () => peers.connect({ checks, broker });
const openSession = (mqttClient, server) => peers.openSession({ checks }, mqttClient, server);

async function checkTwoClients(first) {
  const other = await connect();
  await checks.check('a second client has a session of its own at the same time', async () => {
    const second = await openSession(other, await other.discover(name));
    const [mine, theirs] = await Promise.all([
      call(first.client, 'display', { message: 'first' }),
      call(second.client, 'display', { message: 'second' }),
    ]);
    assert.deepEqual([textOf(mine), textOf(theirs)], ['displayed: first', 'displayed: second']);
    await checkBesideAnother(first, second);
    await checkHangUp(first, second);
  });
  await checks.check('the second client leaves the broker (T42), the first goes on', async () => {
    await other.leave();
    assert.deepEqual(await first.client.ping(), {});
    assert.ok(first.transport.ended === null, 'the first session ended');
  });
}

/** `first` knows what the server offers, `second` is hung up. */
async function checkHangUp(first, { client, transport }) {
  const check = checkWhereOffered(first, 'tool hang_up');
  await check('the server ends a session with disconnected on RPC (T41, T43)', async () => {
    const closed = signal();
    client.onclose = closed.resolve;
    assert.equal(textOf(await call(client, 'hang_up')), 'good bye');
    await within(5_000, 'the end of the session', closed.promise);
    assert.equal(transport.ended, 'the server said disconnected');
  });
}

async function checkEverything() {
  const mqttClient = await connect();
  let server;
  await checks.check('the server is discovered by its presence (T10, T12)', async () => {
    server = await mqttClient.discover(name);
    assert.equal(server.serverName, name);
    assert.ok(server.presence.description, 'the description is empty');
  });
  if (!server) return;
  let peer;
  await checks.check('a session opens (T20 to T22)', async () => {
    peer = await openSession(mqttClient, server);
  });
  if (!peer) return;
  peer = await checkSession(peer);
  await checkTwoClients(peer);
  await checks.check('the client ends its session with disconnected on RPC (T41)', async () => {
    await peer.client.close();
    assert.equal(peer.transport.ended, 'closed here');
  });
  const offered = { ...peer, broker, name };
  await checkRequestIds(offered);
  await checkRevisions(offered);
  await checkRequestsOfServer(offered);
  await checkBatches(offered);
  await checks.check('the client leaves the broker (T42)', () => mqttClient.leave());
  await checks.check('the server sent nothing that the SDK could not place', () => {
    // Progress of the call that was cancelled may still have been under way.
    const rest = peer.troubles.filter((text) => !text.includes('progress notification for an unknown token'));
    assert.deepEqual(rest, []);
  });
}

async function checkServerLeaving() {
  const mqttClient = await connect();
  const server = await mqttClient.discover(name);
  const peer = await openSession(mqttClient, server);
  const offline = signal();
  mqttClient.on('offline', ({ serverId }) => {
    if (serverId === server.serverId) offline.resolve();
  });
  const started = signal();
  const pending = call(peer.client, 'count', { to: 100_000 }, { onprogress: started.resolve });
  const ended = pending.then(
    () => assert.fail('the call was answered as if nothing had happened'),
    (error) => error,
  );
  await within(10_000, 'the first progress', Promise.race([started.promise, pending]));
  console.log('waiting for the server to leave');
  await checks.check(`the presence of the server is cleared (${args.leave === 'killed' ? 'T6' : 'T11'})`, () =>
    within(20_000, 'the end of the presence', offline.promise));
  await checks.check('the pending call fails at once, with an error (T43)', async () => {
    const error = await within(1_000, 'the error', ended);
    assert.ok(error instanceof mcp.McpError, `${error}`);
  });
  await checks.check('the session is over and the instance forgotten (T43)', async () => {
    await eventually('the end of the session', () => peer.transport.ended !== null);
    assert.deepEqual(mqttClient.instances(), []);
    await assert.rejects(peer.client.ping());
  });
  await checks.check('the client leaves the broker (T42)', () => mqttClient.leave());
}

try {
  if (args.leave) await checkServerLeaving();
  else await checkEverything();
} catch (error) {
  checks.fail(error.message);
}
clearTimeout(watchdog);
checks.summary();
process.exit(checks.status);
