// What the transport's rules demand of single packets. Pure functions: each returns the breaches that
// it finds as { rule, text }, so that a peer and a witness on the wire judge alike.

import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';

import { clientPresence, idProblem, nameProblem, parseTopic, serverPresence } from './topics.mjs';

export const componentType = 'MCP-COMPONENT-TYPE';
export const clientIdProperty = 'MCP-MQTT-CLIENT-ID';
export const metaProperty = 'MCP-META';

const listChanges = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
]);
export const resourceUpdated = 'notifications/resources/updated';

/** Methods that have a topic of their own, and so never travel on RPC. */
const notOnRpc = new Set([
  ...listChanges,
  'initialize',
  'notifications/server/online',
  'notifications/roots/list_changed',
]);

/** What goes to all clients at once (T40). An update of a resource may also go to each subscriber alone. */
export const isListChange = (method) => listChanges.has(method);

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const shown = (value) => JSON.stringify(value) ?? String(value);

/**
 * What the SDK's schema takes for a message. It wants no id in the error that answers nothing, where
 * JSON-RPC says null.
 */
function parseMessage(json) {
  const anonymous = isObject(json) && json.id === null && isObject(json.error);
  return JSONRPCMessageSchema.safeParse(anonymous ? { jsonrpc: json.jsonrpc, error: json.error } : json);
}

/** The payload as a JSON-RPC message: { message } or { problem }. */
export function readMessage(payload) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return { problem: 'the payload is not UTF-8' };
  }
  let json;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `the payload is not JSON: ${error.message}` };
  }
  const parsed = (Array.isArray(json) ? json : [json]).map(parseMessage).find(({ success }) => !success);
  if (parsed || json.length === 0) {
    const reasons = (parsed?.error.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}`);
    return { problem: `no JSON-RPC message (${reasons.join('; ')}): ${text.slice(0, 200)}` };
  }
  return { message: json };
}

/** T4: who published, as the user properties say. */
function checkSender(where, userProperties, { roles, id }) {
  const breaches = [];
  const say = (text) => breaches.push({ rule: 'T4', text: `${where}: ${text}` });
  const role = userProperties?.[componentType];
  const sender = userProperties?.[clientIdProperty];
  if (role === undefined) say(`user property ${componentType} is missing`);
  else if (!roles.includes(role)) say(`${componentType} is ${shown(role)}, not ${roles.join(' or ')}`);
  if (sender === undefined) say(`user property ${clientIdProperty} is missing`);
  else if (typeof sender !== 'string') say(`${clientIdProperty} is there more than once`);
  else if (id !== undefined && sender !== id) {
    say(`${clientIdProperty} is ${shown(sender)}, not ${shown(id)}`);
  }
  const problem = typeof sender === 'string' && idProblem(sender, role);
  if (problem) say(`${clientIdProperty} ${problem}`);
  return breaches;
}

/** T10: what an online message must hold. Empty when it is well made. */
export function checkOnline(message, serverName) {
  const breaches = [];
  const say = (text) => breaches.push({ rule: 'T10', text: `presence: ${text}` });
  if (message.method !== 'notifications/server/online') {
    say(`the method is ${shown(message.method)}`);
    return breaches;
  }
  if ('id' in message) say('it has an id, so it is no notification');
  const params = message.params ?? {};
  if (params.server_name !== serverName) {
    say(`server_name is ${shown(params.server_name)}, not ${shown(serverName)} as in the topic`);
  }
  if (typeof params.description !== 'string') say(`description is ${shown(params.description)}, no string`);
  if (!isObject(params.meta)) say(`meta is ${shown(params.meta)}, no object`);
  return breaches;
}

const homes = {
  control: { roles: ['mcp-client'], allows: (m) => m.method === 'initialize' && 'id' in m },
  'server-presence': { roles: ['mcp-server'], allows: () => true },
  'server-capability': {
    roles: ['mcp-server'],
    allows: (m) => (listChanges.has(m.method) || m.method === resourceUpdated) && !('id' in m),
  },
  'client-presence': {
    roles: ['mcp-client'],
    allows: (m) => m.method === 'notifications/disconnected' && !('id' in m),
  },
  'client-capability': {
    roles: ['mcp-client'],
    allows: (m) => m.method === 'notifications/roots/list_changed' && !('id' in m),
  },
  rpc: { roles: ['mcp-server', 'mcp-client'], allows: (m) => !notOnRpc.has(m.method) },
};

/** The id that the publisher must have by the topic alone; undefined where the topic does not tell. */
function publisherInTopic(place, role) {
  if (place.kind === 'control') return undefined;
  if (place.kind !== 'rpc') return place.serverId ?? place.clientId;
  return { 'mcp-server': place.serverId, 'mcp-client': place.clientId }[role];
}

/**
 * One PUBLISH { topic, payload, qos, retain, userProperties }, with the retain flag as published.
 * `sender` { role, clientId } where the connection that it came from is known.
 */
export function checkPublish(publish, sender = {}) {
  const place = parseTopic(publish.topic);
  const where = publish.topic;
  if (!place) return [{ rule: 'topics', text: `${where}: no topic of this transport` }];
  const breaches = [];
  const say = (rule, text) => breaches.push({ rule, text: `${where}: ${text}` });

  const home = homes[place.kind];
  const role = sender.role ?? (home.roles.length === 1 ? home.roles[0] : publish.userProperties?.[componentType]);
  if (!home.roles.includes(role) && sender.role) say('topics', `not a topic that ${role} publishes to`);
  const id = sender.clientId ?? publisherInTopic(place, role);
  breaches.push(...checkSender(where, publish.userProperties, { roles: home.roles.includes(role) ? [role] : home.roles, id }));
  for (const problem of [
    place.serverId !== undefined && idProblem(place.serverId, 'mcp-server'),
    place.clientId !== undefined && idProblem(place.clientId, 'mcp-client'),
  ]) {
    if (problem) say('names', `id ${problem}`);
  }
  if (place.serverName !== undefined) {
    const problem = nameProblem(place.serverName);
    if (problem) say('names', `server-name ${problem}`);
  }

  const presence = place.kind === 'server-presence';
  if (presence && !publish.retain) say(publish.payload.length ? 'T10' : 'T11', 'presence is not retained');
  if (!presence && publish.retain) say('topics', 'retained, and only server presence may be');
  if (publish.qos !== 1) say('QoS', `published with QoS ${publish.qos}, not 1`);

  if (presence && publish.payload.length === 0) return breaches;
  const { message, problem } = readMessage(publish.payload);
  if (problem) {
    say('JSON-RPC', problem);
    return breaches;
  }
  if (presence) breaches.push(...checkOnline(message, place.serverName));
  else if (Array.isArray(message) && place.kind !== 'rpc') say('topics', 'a batch does not belong here');
  else {
    for (const each of [message].flat()) {
      if (!home.allows(each)) say('topics', `${each.method ?? 'a response'} does not belong here`);
    }
  }
  if (place.kind === 'control' && !isObject(message.params)) say('JSON-RPC', 'initialize without params');
  return breaches;
}

/** T1–T4, T6, T7: a CONNECT { protocolVersion, clean, clientId, properties, will }. */
export function checkConnect(connect) {
  const breaches = [];
  const say = (rule, text) => breaches.push({ rule, text: `CONNECT of ${connect.clientId}: ${text}` });
  if (connect.protocolVersion !== 5) say('T1', `protocol level ${connect.protocolVersion}, not 5`);
  if (!connect.clean) say('T2', 'no clean start');
  if (connect.properties?.sessionExpiryInterval) {
    say('T2', `session expiry interval ${connect.properties.sessionExpiryInterval}, not 0`);
  }
  const properties = connect.properties?.userProperties ?? {};
  const role = properties[componentType];
  if (role !== 'mcp-server' && role !== 'mcp-client') {
    say('T3', `user property ${componentType} is ${shown(role)}`);
    return breaches;
  }
  const problem = idProblem(connect.clientId, role);
  if (problem) say('names', `client id ${problem}`);
  let meta;
  try {
    meta = JSON.parse(properties[metaProperty]);
  } catch {
    // Told below, as anything else that is no object.
  }
  if (!isObject(meta)) say('T3', `user property ${metaProperty} is ${shown(properties[metaProperty])}, no JSON object`);
  breaches.push(...checkWill(connect, role, say));
  return breaches;
}

function checkWill(connect, role, say) {
  const will = connect.will;
  const rule = role === 'mcp-server' ? 'T6' : 'T7';
  if (!will) {
    say(rule, 'no will');
    return [];
  }
  if (role === 'mcp-server') {
    const place = parseTopic(will.topic);
    const expected = serverPresence(connect.clientId, place?.serverName ?? '…');
    if (will.topic !== expected) say(rule, `the will's topic is ${will.topic}, not ${expected}`);
    if (will.payload?.length) say(rule, 'the payload of the will is not empty');
  } else {
    const expected = clientPresence(connect.clientId);
    if (will.topic !== expected) say(rule, `the will's topic is ${will.topic}, not ${expected}`);
  }
  const publish = {
    topic: will.topic,
    payload: will.payload ?? Buffer.alloc(0),
    qos: will.qos,
    retain: will.retain,
    userProperties: will.properties?.userProperties,
  };
  return checkPublish(publish, { role, clientId: connect.clientId }).map(({ rule: broken, text }) => ({
    rule: broken,
    text: `will: ${text}`,
  }));
}

/** T8: one filter of a SUBSCRIBE { topic, nl }. */
export function checkSubscription({ topic, nl }) {
  if (topic.startsWith('$mcp-rpc/') && !nl) return [{ rule: 'T8', text: `${topic}: subscribed without No Local` }];
  return [];
}
