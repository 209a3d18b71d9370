// A scripted MCP client made of the official SDK over MQTT: checks everything that the interop server
// must do, one "ok - …" or "not ok - …" line each, and exits with 1 when something was not ok.
//
// With --leave graceful or --leave killed it checks instead how the end of the server is noticed: it
// prints "waiting for the server to leave" when a call is under way, and then somebody must end it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { readArguments } from './arguments.mjs';
import { Checks, eventually, within } from './checks.mjs';
import { McpMqttClient, McpMqttClientTransport } from './mqtt_client_transport.mjs';
import { call, checkSession, signal, textOf } from './session_checks.mjs';
import { timeoutOf } from './timeouts.mjs';

const args = readArguments(
  'client.mjs --broker URL --name SERVER_NAME [--leave graceful|killed] [--time-limit SECONDS]',
  { broker: undefined, name: undefined, leave: '', 'time-limit': '60' },
);
const checks = new Checks();

const watchdog = setTimeout(() => {
  checks.fail(`everything is done within ${args['time-limit']} s`);
  process.exit(1);
}, Number(args['time-limit']) * 1000);

/** T30: an id of its own for each connection, all of the same length. */
const freshClientId = () => `interop-${randomBytes(8).toString('hex')}`;

async function connect() {
  const client = new McpMqttClient({
    clientId: freshClientId(),
    onBreach: ({ rule, text }) => checks.fail(`[${rule}] ${text}`),
  });
  await client.connect({ broker: args.broker });
  return client;
}

/** An SDK client in a session with the server, and what arrived beside answers. */
async function openSession(mqttClient, server) {
  const peer = {
    checks,
    roots: [{ uri: 'file:///one' }],
    logs: [],
    updates: [],
    listChanges: [],
    troubles: [],
    transport: new McpMqttClientTransport(mqttClient, server),
    client: new Client(
      { name: 'interop-client', version: '1.0.0' },
      { capabilities: { roots: { listChanged: true }, sampling: {} } },
    ),
  };
  const { client } = peer;
  client.onerror = (error) => peer.troubles.push(error.message);
  client.setRequestHandler(mcp.ListRootsRequestSchema, () => ({ roots: peer.roots }));
  client.setRequestHandler(mcp.CreateMessageRequestSchema, ({ params }) => ({
    model: 'parrot',
    role: 'assistant',
    content: { type: 'text', text: `you wrote ${[params.messages[0].content].flat()[0].text}` },
  }));
  client.setNotificationHandler(mcp.LoggingMessageNotificationSchema, ({ params }) => {
    peer.logs.push(params);
  });
  client.setNotificationHandler(mcp.ResourceUpdatedNotificationSchema, ({ params }) => {
    peer.updates.push(params.uri);
  });
  client.setNotificationHandler(mcp.ToolListChangedNotificationSchema, () => {
    peer.listChanges.push('tools');
  });
  await client.connect(peer.transport, { timeout: timeoutOf('initialize') });
  return peer;
}

/** A session in one certain revision, without the SDK's own handshake, which asks for the newest. */
class RawSession {
  #transport;
  #waiting = new Map();
  #lastId = 0;

  static async open(version) {
    const session = new RawSession();
    session.mqttClient = await connect();
    session.#transport = new McpMqttClientTransport(session.mqttClient, await session.mqttClient.discover(args.name));
    session.#transport.onmessage = (message) => {
      if ('id' in message && !('method' in message)) session.#waiting.get(message.id)?.resolve(message);
    };
    await session.#transport.start();
    const answer = await session.request('initialize', {
      protocolVersion: version, capabilities: {}, clientInfo: { name: 'raw', version: '1' },
    });
    session.revision = answer.result?.protocolVersion;
    return session;
  }

  initialized() {
    return this.#transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  /** The whole answer: a response or an error. */
  async request(method, params) {
    const id = ++this.#lastId;
    this.#waiting.set(id, signal());
    await this.#transport.send({ jsonrpc: '2.0', id, method, params });
    return within(10_000, method, this.#waiting.get(id).promise);
  }

  call(name, callArguments) {
    return this.request('tools/call', { name, arguments: callArguments });
  }

  leave() {
    return this.mqttClient.leave();
  }
}

async function checkNegotiation() {
  for (const version of ['2024-11-05', '2025-03-26', '2025-06-18']) {
    await checks.check(`revision ${version} is spoken when it is asked for`, async () => {
      const session = await RawSession.open(version);
      assert.equal(session.revision, version);
      await session.initialized();
      const { result } = await session.call('display', { message: version });
      assert.equal(textOf(result), `displayed: ${version}`);
      // Before 2025-11-25 either form is in use.
      const wrong = await session.call('set_volume', { volume: 'loud' });
      const said = wrong.error ? wrong.error.message : JSON.stringify(wrong.result.content);
      if (wrong.error) assert.equal(wrong.error.code, mcp.ErrorCode.InvalidParams);
      else assert.equal(wrong.result.isError, true, `no isError: ${JSON.stringify(wrong.result)}`);
      assert.ok(said.includes('volume'), `"${said}" does not name volume`);
      await session.leave();
    });
  }
  await checks.check('an unknown revision is answered with the newest that the server speaks (T23)', async () => {
    const session = await RawSession.open('1999-01-01');
    assert.equal(session.revision, '2025-11-25');
    await session.leave();
  });
}

async function checkTwoClients(first) {
  const other = await connect();
  await checks.check('a second client has a session of its own at the same time', async () => {
    const second = await openSession(other, await other.discover(args.name));
    const [mine, theirs] = await Promise.all([
      call(first.client, 'display', { message: 'first' }),
      call(second.client, 'display', { message: 'second' }),
    ]);
    assert.deepEqual([textOf(mine), textOf(theirs)], ['displayed: first', 'displayed: second']);
    const { tools } = await second.client.listTools();
    if (tools.some((tool) => tool.name === 'hang_up')) await checkHangUp(second);
    else checks.skip(hangUp, 'the server does not offer tool hang_up');
  });
  await checks.check('the second client leaves the broker (T42), the first goes on', async () => {
    await other.leave();
    assert.deepEqual(await first.client.ping(), {});
    assert.ok(first.transport.ended === null, 'the first session ended');
  });
}

const hangUp = 'the server ends a session with disconnected on RPC (T41, T43)';

async function checkHangUp(peer) {
  await checks.check(hangUp, async () => {
    const closed = signal();
    peer.client.onclose = closed.resolve;
    assert.equal(textOf(await call(peer.client, 'hang_up')), 'good bye');
    await within(5_000, 'the end of the session', closed.promise);
    assert.equal(peer.transport.ended, 'the server said disconnected');
  });
}

async function checkEverything() {
  const mqttClient = await connect();
  let server;
  await checks.check('the server is discovered by its presence (T10, T12)', async () => {
    server = await mqttClient.discover(args.name);
    assert.equal(server.serverName, args.name);
    assert.ok(server.presence.description, 'the description is empty');
  });
  if (!server) return;
  let peer;
  await checks.check('a session opens (T20 to T22)', async () => {
    peer = await openSession(mqttClient, server);
  });
  if (!peer) return;
  await checkSession(peer);
  await checkTwoClients(peer);
  await checks.check('the client ends its session with disconnected on RPC (T41)', async () => {
    await peer.client.close();
    assert.equal(peer.transport.ended, 'closed here');
  });
  await checkNegotiation();
  await checks.check('the client leaves the broker (T42)', () => mqttClient.leave());
  await checks.check('the server sent nothing that the SDK could not place', () => {
    // Progress of the call that was cancelled may still have been under way.
    const rest = peer.troubles.filter((text) => !text.includes('progress notification for an unknown token'));
    assert.deepEqual(rest, []);
  });
}

async function checkServerLeaving() {
  const mqttClient = await connect();
  const server = await mqttClient.discover(args.name);
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
