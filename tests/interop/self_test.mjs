// The peer against itself, so that a failure against another program is the other program's; and
// against rude programs, so that it is known to fail when it must.

import assert from 'node:assert/strict';

import mqtt from 'mqtt';

import { Checks, within } from './checks.mjs';
import { script, testClient, testServer } from './directions.mjs';
import { Program, startBroker } from './processes.mjs';
import { Witness } from './witness.mjs';

const checks = new Checks();

const json = (message) => JSON.stringify({ jsonrpc: '2.0', ...message });

/** What a careless implementation does: no user properties, no will, no No Local, half a presence. */
async function rudeServer(broker) {
  const client = await mqtt.connectAsync(broker, { protocolVersion: 5, clientId: 'rude', reconnectPeriod: 0 });
  client.on('message', (topic, payload, packet) => {
    const request = JSON.parse(payload);
    if (request.id === undefined || request.method === undefined) return;
    const clientId = packet.properties.userProperties['MCP-MQTT-CLIENT-ID'];
    const answer = (body) => client.publish(`$mcp-rpc/${clientId}/rude/desk`, json({ id: request.id, ...body }), { qos: 0 });
    if (request.method !== 'initialize') {
      answer({ error: { code: -32000, message: 'no' } });
      return;
    }
    const result = {
      protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'rude', version: '0' },
    };
    answer({ result });
  });
  await client.subscribeAsync('$mcp-server/rude/desk');
  await client.subscribeAsync('$mcp-rpc/+/rude/desk');
  await client.publishAsync('$mcp-server/presence/rude/desk', json({ method: 'notifications/server/online', params: {} }), {
    retain: true,
  });
  return client;
}

async function rudeClient(broker) {
  const client = await mqtt.connectAsync(broker, { protocolVersion: 5, clientId: 'rude', reconnectPeriod: 0 });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'rude', version: '0' } };
  const control = '$mcp-server/interop-server-1/desk';
  await client.publishAsync(control, json({ id: 1, method: 'initialize', params }), { qos: 1 });
  const userProperties = { 'MCP-COMPONENT-TYPE': 'mcp-client', 'MCP-MQTT-CLIENT-ID': 'rude' };
  const answered = new Promise((resolve) => {
    client.on('message', resolve);
  });
  await client.subscribeAsync('$mcp-rpc/rude/interop-server-1/desk', { nl: true });
  for (const id of [2, 3]) {
    await client.publishAsync(control, json({ id, method: 'initialize', params }), { qos: 1, properties: { userProperties } });
  }
  await within(10_000, 'an answer', answered);
  return client;
}

const rulesIn = (breaches) => [...new Set(breaches.map((breach) => breach.rule))].sort();

async function withRudeness(body) {
  const broker = await startBroker();
  const witness = new Witness();
  const url = `mqtt://127.0.0.1:${await witness.listen(broker.port)}`;
  try {
    await body(url, witness);
  } finally {
    witness.close();
    await broker.stop();
  }
}

await checks.check('a rude server is caught by the client and by the witness', () =>
  withRudeness(async (broker, witness) => {
    const rude = await rudeServer(broker);
    const client = new Program(
      'rude', [...script('client.mjs'), '--broker', broker, '--name', 'desk'], { quiet: true },
    );
    assert.deepEqual(await client.exited, { code: 1, signal: null });
    for (const rule of ['T4', 'T10', 'QoS']) {
      assert.ok(client.lines.some((line) => line.startsWith(`not ok - [${rule}]`)), `the client missed ${rule}`);
    }
    const rules = rulesIn(witness.breaches.filter(({ text }) => text.includes('rude')));
    assert.deepEqual(rules.filter((rule) => ['T3', 'T4', 'T8', 'QoS'].includes(rule)), ['QoS', 'T3', 'T4', 'T8']);
    rude.end(true);
  }));

await checks.check('a rude client is caught by the server and by the witness', () =>
  withRudeness(async (broker, witness) => {
    const server = new Program(
      'rude', [...script('server.mjs'), '--broker', broker, '--name', 'desk', '--id', 'interop-server-1'], { quiet: true },
    );
    await server.printed(/^ready$/);
    const rude = await rudeClient(broker);
    await server.printed(/^not ok - \[T30\]/);
    assert.ok(server.lines.some((line) => line.startsWith('not ok - [T4]')), 'the server missed T4');
    assert.ok(rulesIn(witness.breaches).includes('T3'), 'the witness missed T3');
    rude.end(true);
    assert.deepEqual(await server.stop(), { code: 1, signal: null });
  }));

await testServer(checks, script('server.mjs'), { complete: true });
await testClient(checks, script('client.mjs'), { complete: true });
checks.summary();
process.exit(checks.status);
