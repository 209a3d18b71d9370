// Each rule that rules.mjs and witness.mjs judge, once kept and once broken.

import assert from 'node:assert/strict';
import test from 'node:test';

import { checkConnect, checkPublish, checkSubscription } from './rules.mjs';
import * as topics from './topics.mjs';
import { WitnessedConnection } from './witness.mjs';

const serverId = 'server-1';
const clientId = 'client-1';
const name = 'desk/companion';
const control = topics.serverControl(serverId, name);
const presence = topics.serverPresence(serverId, name);
const capability = topics.serverCapability(serverId, name);
const rpc = topics.rpc(clientId, serverId, name);

const from = (role, id) => ({ 'MCP-COMPONENT-TYPE': role, 'MCP-MQTT-CLIENT-ID': id });
const asServer = from('mcp-server', serverId);
const asClient = from('mcp-client', clientId);
const bytes = (message) => Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
const publish = (topic, message, userProperties, more = {}) => ({
  cmd: 'publish', topic, payload: message ? bytes(message) : Buffer.alloc(0), qos: 1, retain: false,
  properties: { userProperties }, userProperties, ...more,
});

const online = { method: 'notifications/server/online', params: { server_name: name, description: '', meta: {} } };
const initialize = { id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } };
const initialized = { method: 'notifications/initialized' };
const disconnected = { method: 'notifications/disconnected' };

const rulesOf = (breaches) => breaches.map((breach) => breach.rule);

test('well made publishes break nothing', () => {
  const good = [
    publish(control, initialize, asClient),
    publish(presence, online, asServer, { retain: true }),
    publish(presence, null, asServer, { retain: true }),
    publish(capability, { method: 'notifications/tools/list_changed' }, asServer),
    publish(capability, { method: 'notifications/resources/updated', params: { uri: 'a:b' } }, asServer),
    publish(rpc, { method: 'notifications/resources/updated', params: { uri: 'a:b' } }, asServer),
    publish(topics.clientPresence(clientId), disconnected, asClient),
    publish(topics.clientCapability(clientId), { method: 'notifications/roots/list_changed' }, asClient),
    publish(rpc, { id: 'init_1', result: {} }, asServer),
    publish(rpc, { id: 1, method: 'tools/list', params: {} }, asClient),
    publish(rpc, { id: null, error: { code: -32600, message: 'no' } }, asServer),
    publish(rpc, initialized, asClient, { payload: Buffer.from('[{"jsonrpc":"2.0","id":1,"method":"ping"}]') }),
  ];
  for (const each of good) assert.deepEqual(checkPublish(each), [], each.topic);
});

const broken = [
  ['T4', 'no user properties', publish(rpc, initialized, undefined)],
  ['T4', 'no component type', publish(rpc, initialized, { 'MCP-MQTT-CLIENT-ID': clientId })],
  ['T4', 'no client id', publish(rpc, initialized, { 'MCP-COMPONENT-TYPE': 'mcp-client' })],
  ['T4', 'an unknown component type', publish(rpc, initialized, from('server', serverId))],
  ['T4', 'a foreign client id', publish(rpc, initialized, from('mcp-client', 'other'))],
  ['T4', 'a foreign server id', publish(rpc, { id: 1, result: {} }, from('mcp-server', 'other'))],
  ['T4', 'the client id twice', publish(rpc, initialized, from('mcp-client', [clientId, clientId]))],
  ['T4', 'no properties on the empty presence', publish(presence, null, undefined, { retain: true })],
  ['T4', 'the wrong role on presence', publish(presence, online, from('mcp-client', serverId), { retain: true })],
  ['T10', 'presence that is not retained', publish(presence, online, asServer)],
  ['T11', 'clearing that is not retained', publish(presence, null, asServer)],
  ['T10', 'no server_name', publish(presence, { ...online, params: { description: '', meta: {} } }, asServer, { retain: true })],
  ['T10', 'another server_name', publish(presence, { ...online, params: { ...online.params, server_name: 'x' } }, asServer, { retain: true })],
  ['T10', 'no description', publish(presence, { ...online, params: { server_name: name, meta: {} } }, asServer, { retain: true })],
  ['T10', 'no meta', publish(presence, { ...online, params: { server_name: name, description: '' } }, asServer, { retain: true })],
  ['T10', 'a list as meta', publish(presence, { ...online, params: { ...online.params, meta: [] } }, asServer, { retain: true })],
  ['T10', 'another method on presence', publish(presence, { method: 'notifications/online' }, asServer, { retain: true })],
  ['topics', 'retained RPC', publish(rpc, initialized, asClient, { retain: true })],
  ['topics', 'initialize on RPC', publish(rpc, initialize, asClient)],
  ['topics', 'list_changed on RPC', publish(rpc, { method: 'notifications/tools/list_changed' }, asServer)],
  ['topics', 'tools/list on control', publish(control, { id: 1, method: 'tools/list' }, asClient)],
  ['topics', 'an unknown topic', publish('$mcp-server/x', initialize, asClient)],
  ['QoS', 'QoS 0', publish(rpc, initialized, asClient, { qos: 0 })],
  ['JSON-RPC', 'params null', publish(rpc, { ...disconnected, params: null }, asClient)],
  ['JSON-RPC', 'no jsonrpc', publish(rpc, { ...initialized, jsonrpc: undefined }, asClient)],
  ['JSON-RPC', 'an empty batch', publish(rpc, initialized, asClient, { payload: Buffer.from('[]') })],
  ['JSON-RPC', 'a bad message in a batch', publish(rpc, initialized, asClient, { payload: Buffer.from('[{"jsonrpc":"2.0","id":1,"method":"ping"},{}]') })],
  ['topics', 'a batch on control', publish(control, initialize, asClient, { payload: Buffer.from('[{"jsonrpc":"2.0","id":1,"method":"initialize"}]') })],
  ['topics', 'list_changed in a batch', publish(rpc, initialized, asServer, { payload: Buffer.from('[{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}]') })],
  ['JSON-RPC', 'no JSON', publish(rpc, initialized, asClient, { payload: Buffer.from('hello') })],
  ['JSON-RPC', 'no UTF-8', publish(rpc, initialized, asClient, { payload: Buffer.from([0x22, 0xff, 0x22]) })],
  ['names', 'a reserved server id', publish('$mcp-server/capability/presence/x', { method: 'notifications/tools/list_changed' }, from('mcp-server', 'presence'))],
];
for (const [rule, what, each] of broken) {
  test(`[${rule}] ${what}`, () => assert.ok(rulesOf(checkPublish(each)).includes(rule)));
}

const connectOf = (role) => {
  const server = role === 'mcp-server';
  const id = server ? serverId : clientId;
  return {
    cmd: 'connect', protocolVersion: 5, clean: true, clientId: id,
    properties: { userProperties: { 'MCP-COMPONENT-TYPE': role, 'MCP-META': '{}' } },
    will: {
      topic: server ? presence : topics.clientPresence(clientId),
      payload: server ? Buffer.alloc(0) : bytes(disconnected),
      qos: 1, retain: server, properties: { userProperties: from(role, id) },
    },
  };
};

test('well made CONNECTs break nothing', () => {
  for (const role of ['mcp-server', 'mcp-client']) assert.deepEqual(checkConnect(connectOf(role)), []);
});

const brokenConnects = [
  ['T1', 'mcp-client', (connect) => { connect.protocolVersion = 4; }],
  ['T2', 'mcp-client', (connect) => { connect.clean = false; }],
  ['T2', 'mcp-client', (connect) => { connect.properties.sessionExpiryInterval = 60; }],
  ['T3', 'mcp-client', (connect) => { delete connect.properties; }],
  ['T3', 'mcp-client', (connect) => { delete connect.properties.userProperties['MCP-META']; }],
  ['T3', 'mcp-client', (connect) => { connect.properties.userProperties['MCP-META'] = '[]'; }],
  ['T4', 'mcp-client', (connect) => { delete connect.will.properties; }],
  ['T6', 'mcp-server', (connect) => { delete connect.will; }],
  ['T6', 'mcp-server', (connect) => { connect.will.payload = Buffer.from('x'); }],
  ['T6', 'mcp-server', (connect) => { connect.will.topic = topics.serverPresence('other', name); }],
  ['T11', 'mcp-server', (connect) => { connect.will.retain = false; }],
  ['T7', 'mcp-client', (connect) => { connect.will.topic = topics.clientPresence('other'); }],
  ['topics', 'mcp-client', (connect) => { connect.will.retain = true; }],
  ['names', 'mcp-client', (connect) => { connect.clientId = 'a/b'; }],
];
for (const [rule, role, spoil] of brokenConnects) {
  test(`[${rule}] CONNECT of a ${role}: ${spoil}`, () => {
    const connect = connectOf(role);
    spoil(connect);
    assert.ok(rulesOf(checkConnect(connect)).includes(rule));
  });
}

test('[T8] RPC without No Local', () => {
  assert.deepEqual(checkSubscription({ topic: rpc, nl: true }), []);
  assert.deepEqual(rulesOf(checkSubscription({ topic: rpc, nl: false })), ['T8']);
});

/** Plays a script of packets; `>` from the program, `<` from the broker. */
function play(role, packets, given) {
  const breaches = [];
  const connection = new WitnessedConnection((breach) => breaches.push(breach), given);
  connection.fromClient(connectOf(role));
  for (const [way, packet] of packets) {
    if (way === '>') connection.fromClient(packet);
    else connection.fromBroker(packet);
  }
  connection.end();
  return rulesOf(breaches);
}

let messageId = 0;
function subscribed(...filters) {
  ++messageId;
  return [
    ['>', { cmd: 'subscribe', messageId, subscriptions: filters.map((topic) => ({ topic, qos: 1, nl: topic === rpc })) }],
    ['<', { cmd: 'suback', messageId, granted: filters.map(() => 1) }],
  ];
}
function unsubscribed(...unsubscriptions) {
  ++messageId;
  return [
    ['>', { cmd: 'unsubscribe', messageId, unsubscriptions }],
    ['<', { cmd: 'unsuback', messageId }],
  ];
}
const disconnect = ['>', { cmd: 'disconnect' }];
const answer = publish(rpc, { id: 0, result: {} }, asServer);
const clientTopics = [rpc, topics.clientCapability(clientId), topics.clientPresence(clientId)];
const goOnline = [...subscribed(control), ['>', publish(presence, online, asServer, { retain: true })]];
const goOffline = [['>', publish(presence, null, asServer, { retain: true })], disconnect];
const accept = [['<', publish(control, initialize, asClient)], ...subscribed(...clientTopics), ['>', answer]];
const leave = [['>', publish(topics.clientPresence(clientId), disconnected, asClient)], disconnect];
const open = [
  ...subscribed(rpc, capability), ['>', publish(control, initialize, asClient)], ['<', answer],
  ['>', publish(rpc, initialized, asClient)],
];
const goodBye = ['>', publish(rpc, disconnected, asClient)];

test('whole lives that break nothing', () => {
  assert.deepEqual(play('mcp-server', [...goOnline, ...accept, ...goOffline]), []);
  assert.deepEqual(play('mcp-client', [...open, ...leave]), []);
  assert.deepEqual(play('mcp-client', [...open, goodBye, ...unsubscribed(rpc, capability), ...leave]), []);
});

const brokenLives = [
  ['T10', 'online before the control topic', 'mcp-server', [...goOnline.slice(2), ...goOffline]],
  ['T10', 'online before the SUBACK', 'mcp-server', [goOnline[0], goOnline[2], ...goOffline]],
  ['T11', 'DISCONNECT while online', 'mcp-server', [...goOnline, disconnect]],
  ['T20', 'initialize before the SUBACK', 'mcp-client', [...open.filter(([, packet]) => packet.cmd !== 'suback'), ...leave]],
  ['T21', 'an answer before the SUBACK', 'mcp-server', [...goOnline, accept[0], accept[1], accept[3], ...goOffline]],
  ['T21', 'a message outside of a session', 'mcp-server', [...goOnline, ['>', publish(rpc, { method: 'x' }, asServer)], ...goOffline]],
  ['T22', 'initialized before the answer', 'mcp-client', [...open.filter(([way, packet]) => way === '>' || packet.cmd === 'suback'), ...leave]],
  ['T22', 'a request before initialized', 'mcp-client', [...open.slice(0, -1), ['>', publish(rpc, { id: 1, method: 'tools/list' }, asClient)], ...leave]],
  ['T22', 'a request after disconnected', 'mcp-client', [...open, goodBye, ...unsubscribed(rpc, capability), ['>', publish(rpc, { id: 1, method: 'tools/list' }, asClient)], ...leave]],
  ['T30', 'initialize twice', 'mcp-client', [...open, ['>', publish(control, initialize, asClient)], ['<', answer], ...leave]],
  ['T40', 'list_changed over RPC', 'mcp-client', [...open, ['<', publish(rpc, { method: 'notifications/tools/list_changed' }, asServer)], ...leave]],
  ['T41', 'RPC stays subscribed', 'mcp-client', [...open, goodBye, ...unsubscribed(capability), ...leave]],
  ['T42', 'DISCONNECT without disconnected', 'mcp-client', [...open, disconnect]],
  ['T5', 'another name than the given one', 'mcp-server', [...goOnline, ...goOffline], { 'mcp-server': { 'MCP-SERVER-NAME': 'x' } }],
  ['T5', 'another filter than the given ones', 'mcp-client', [...subscribed('$mcp-server/presence/+/#'), ...leave], { 'mcp-client': { 'MCP-SERVER-NAME-FILTERS': '["x"]' } }],
  ['topics', 'a client that publishes presence', 'mcp-client', [['>', publish(presence, online, asClient, { retain: true })], ...leave]],
];
for (const [rule, what, role, packets, given] of brokenLives) {
  test(`[${rule}] ${what}`, () => assert.ok(play(role, packets, given).includes(rule), `${play(role, packets, given)}`));
}

test('what a peer that left still owes is known', () => {
  const owedAfter = (role, packets) => {
    const connection = new WitnessedConnection(() => {});
    connection.fromClient(connectOf(role));
    for (const [way, packet] of packets) (way === '>' ? connection.fromClient : connection.fromBroker).call(connection, packet);
    return connection.owed.length;
  };
  const clientLeft = ['<', publish(topics.clientPresence(clientId), disconnected, asClient)];
  assert.equal(owedAfter('mcp-server', [...goOnline, ...accept, clientLeft]), 3);
  assert.equal(owedAfter('mcp-server', [...goOnline, ...accept, clientLeft, ...unsubscribed(...clientTopics)]), 0);
  assert.equal(owedAfter('mcp-server', [...goOnline, ...accept, ['>', publish(rpc, disconnected, asServer)]]), 3);
  assert.equal(owedAfter('mcp-client', [...open, ['<', publish(presence, null, asServer, { retain: true })]]), 2);
  assert.equal(owedAfter('mcp-client', [...open, ['<', publish(rpc, disconnected, asServer)]]), 2);
});
