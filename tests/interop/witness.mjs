// A witness between the programs and the broker: a TCP relay that reads every MQTT packet and judges
// what no peer can see: CONNECT, No Local, the order of subscribing and sending, graceful leaving.

import { EventEmitter } from 'node:events';
import net from 'node:net';

import mqttPacket from 'mqtt-packet';

import {
  checkConnect, checkPublish, checkSubscription, clientIdProperty, componentType, isListChange, readMessage,
} from './rules.mjs';
import * as topics from './topics.mjs';

const disconnectMethod = 'notifications/disconnected';
const disconnectWithWill = 0x04;

/** The JSON-RPC message of a PUBLISH; an empty object when it has none. */
const messageOf = (publish) => readMessage(publish.payload).message ?? {};

/** One connection, from CONNECT to its end. Feed it the packets of both directions in their order. */
export class WitnessedConnection {
  #granted = new Map();
  #asked = new Map();
  #releasing = new Map();
  /** Filters that must be unsubscribed: why, and whether leaving the broker settles it too. */
  #owed = new Map();
  /** Server: the id of the unanswered initialize, by client id. Client: by RPC topic. */
  #initializing = new Map();
  #sessions = new Set();
  #controls = new Set();
  #present = null;
  #saidDisconnected = false;
  #graceful = false;

  /** `given`: the user properties that the broker sends this role in CONNACK, by role. */
  constructor(breach, given = {}) {
    this.given = given;
    this.breach = (rule, text) => breach({ rule, text: `${this.role ?? 'connection'} ${this.clientId ?? ''}: ${text}` });
  }

  get owed() {
    return [...this.#owed].map(([filter, { rule }]) => `${filter} (${rule})`);
  }

  fromClient(packet) {
    const handlers = {
      connect: () => this.#connect(packet),
      subscribe: () => this.#subscribe(packet),
      unsubscribe: () => this.#releasing.set(packet.messageId, packet.unsubscriptions),
      publish: () => this.#sent(packet),
      disconnect: () => this.#disconnect(packet),
    };
    handlers[packet.cmd]?.();
  }

  fromBroker(packet) {
    const handlers = {
      suback: () => this.#suback(packet),
      unsuback: () => this.#unsuback(packet),
      publish: () => this.#received(packet),
      // The broker's own DISCONNECT: the peer has no chance to leave gracefully.
      disconnect: () => this.#owed.clear(),
    };
    handlers[packet.cmd]?.();
  }

  /** The socket closed. */
  end() {
    for (const [filter, { rule, why, settledByLeaving }] of this.#owed) {
      if (this.#graceful && !settledByLeaving) this.breach(rule, `${why}, but ${filter} was not unsubscribed`);
    }
    this.#owed.clear();
    return { role: this.role, clientId: this.clientId, graceful: this.#graceful };
  }

  #connect(packet) {
    this.clientId = packet.clientId;
    this.role = packet.properties?.userProperties?.[componentType];
    this.willTopic = packet.will?.topic;
    for (const { rule, text } of checkConnect(packet)) this.breach(rule, text);
  }

  #subscribe(packet) {
    for (const subscription of packet.subscriptions) {
      for (const { rule, text } of checkSubscription(subscription)) this.breach(rule, text);
      this.#checkGivenFilters(subscription.topic);
    }
    this.#asked.set(packet.messageId, packet.subscriptions);
  }

  /** T5: the filters that the broker gave are the only ones to look for servers with. */
  #checkGivenFilters(topic) {
    const filters = this.given[this.role]?.['MCP-SERVER-NAME-FILTERS'];
    const search = '$mcp-server/presence/+/';
    if (filters === undefined || this.role !== 'mcp-client' || !topic.startsWith(search)) return;
    if (!JSON.parse(filters).includes(topic.slice(search.length))) {
      this.breach('T5', `subscribed ${topic}, and the broker gave ${filters}`);
    }
  }

  #suback({ messageId, granted }) {
    (this.#asked.get(messageId) ?? []).forEach((subscription, i) => {
      const code = typeof granted[i] === 'object' ? granted[i].qos : granted[i];
      if (code < 0x80) this.#granted.set(subscription.topic, subscription);
    });
    this.#asked.delete(messageId);
  }

  #unsuback({ messageId }) {
    for (const filter of this.#releasing.get(messageId) ?? []) {
      this.#granted.delete(filter);
      this.#owed.delete(filter);
    }
    this.#releasing.delete(messageId);
  }

  #sent(packet) {
    const publish = { ...packet, userProperties: packet.properties?.userProperties };
    for (const { rule, text } of checkPublish(publish, { role: this.role, clientId: this.clientId })) {
      this.breach(rule, text);
    }
    const place = topics.parseTopic(packet.topic);
    if (!place) return;
    const message = messageOf(packet);
    if (this.role === 'mcp-server') this.#serverSent(place, packet, message);
    if (this.role === 'mcp-client') this.#clientSent(place, packet.topic, message);
  }

  #serverSent(place, packet, message) {
    if (place.kind === 'server-presence') {
      if (packet.payload.length === 0) {
        this.#present = null;
        return;
      }
      this.#present = packet.topic;
      this.#require('T10', 'online', [topics.serverControl(place.serverId, place.serverName)]);
      const name = this.given[this.role]?.['MCP-SERVER-NAME'];
      if (name !== undefined && place.serverName !== name) {
        this.breach('T5', `online as ${place.serverName}, and the broker gave the name ${name}`);
      }
      if (this.willTopic !== packet.topic) this.breach('T6', `online on ${packet.topic}, will on ${this.willTopic}`);
    }
    if (place.kind !== 'rpc') return;
    const asked = this.#initializing.get(place.clientId);
    if (asked !== undefined && message.id === asked && !('method' in message)) {
      this.#initializing.delete(place.clientId);
      this.#require('T21', `initialize of ${place.clientId} answered`, this.#topicsOfClient(place));
      this.#sessions.add(packet.topic);
    } else if (!this.#sessions.has(packet.topic) && message.method !== disconnectMethod) {
      this.breach('T21', `${message.method ?? 'a response'} on ${packet.topic} outside of a session`);
    }
    if (message.method === disconnectMethod) {
      this.#sessions.delete(packet.topic);
      this.#owe('T41', 'said disconnected', this.#topicsOfClient(place), true);
    }
  }

  #clientSent(place, topic, message) {
    if (place.kind === 'control') {
      const rpc = topics.rpc(this.clientId, place.serverId, place.serverName);
      this.#require('T20', 'initialize sent', [rpc, topics.serverCapability(place.serverId, place.serverName)]);
      if (this.#controls.has(topic)) this.breach('T30', `initialized twice on ${topic}`);
      this.#controls.add(topic);
      this.#initializing.set(rpc, message.id);
    }
    if (place.kind === 'client-presence') this.#saidDisconnected = true;
    if (place.kind !== 'rpc') return;
    if (message.method === 'notifications/initialized') {
      if (this.#initializing.has(topic)) this.breach('T22', 'initialized sent before initialize was answered');
      this.#sessions.add(topic);
    } else if (!this.#sessions.has(topic) && message.method !== disconnectMethod && message.method !== 'ping') {
      this.breach('T22', `${message.method ?? 'a response'} on ${topic} outside of a session`);
    }
    if (message.method === disconnectMethod) {
      this.#sessions.delete(topic);
      this.#owe('T41', 'said disconnected', this.#topicsOfServer(place), false);
    }
  }

  #received(packet) {
    const place = topics.parseTopic(packet.topic);
    if (!place) return;
    const message = messageOf(packet);
    const gone = message.method === disconnectMethod;
    if (this.role === 'mcp-server') {
      const clientId = packet.properties?.userProperties?.[clientIdProperty];
      if (place.kind === 'control' && message.method === 'initialize') this.#initializing.set(clientId, message.id);
      if (place.kind === 'client-presence') {
        const filters = [...this.#granted.keys()].filter((filter) => topics.parseTopic(filter)?.clientId === place.clientId);
        this.#owe('T42', `${place.clientId} left the broker`, filters, true);
      }
      if (place.kind === 'rpc' && gone) this.#owe('T41', `${place.clientId} left`, this.#topicsOfClient(place), true);
    }
    if (this.role === 'mcp-client') {
      if (place.kind === 'rpc' && this.#initializing.get(packet.topic) === message.id && !('method' in message)) {
        this.#initializing.delete(packet.topic);
      }
      const cleared = place.kind === 'server-presence' && packet.payload.length === 0;
      if (cleared || (place.kind === 'rpc' && gone)) {
        this.#owe('T43', `${place.serverId} left`, this.#topicsOfServer(place), true);
      }
      if (place.kind === 'rpc' && isListChange(message.method)) this.breach('T40', `${message.method} came over RPC`);
    }
  }

  #disconnect(packet) {
    if (packet.reasonCode === disconnectWithWill) return;
    this.#graceful = true;
    if (this.role === 'mcp-server' && this.#present) {
      this.breach('T11', `DISCONNECT while ${this.#present} still says online`);
    }
    if (this.role === 'mcp-client' && !this.#saidDisconnected) this.breach('T42', 'DISCONNECT without disconnected');
  }

  #require(rule, what, filters) {
    const missing = filters.filter((filter) => !this.#granted.has(filter));
    if (missing.length) this.breach(rule, `${what} before the SUBACK of ${missing.join(', ')}`);
  }

  #owe(rule, why, filters, settledByLeaving) {
    for (const filter of filters) {
      if (this.#granted.has(filter)) this.#owed.set(filter, { rule, why, settledByLeaving });
    }
  }

  #topicsOfClient({ clientId, serverId, serverName }) {
    return [
      topics.rpc(clientId, serverId, serverName), topics.clientCapability(clientId), topics.clientPresence(clientId),
    ];
  }

  #topicsOfServer({ serverId, serverName }) {
    return [topics.rpc(this.clientId, serverId, serverName), topics.serverCapability(serverId, serverName)];
  }
}

/** Events: `breach` ({ rule, text }), `ended` ({ role, clientId, graceful }). */
export class Witness extends EventEmitter {
  #server;
  #connections = new Map();
  #given;

  breaches = [];
  /** What was seen, so that silence is not taken for obedience. */
  seen = { connections: 0, publishes: 0, initialized: 0 };
  /** How each connection ended, in order. */
  endings = [];

  /** `connackProperties` (role → user properties) are added to each CONNACK: what a managed broker sends (T5). */
  constructor({ connackProperties = {} } = {}) {
    super();
    this.#given = connackProperties;
  }

  /** Listens on a free loopback port in front of `brokerPort`; resolves with the port. */
  async listen(brokerPort) {
    this.#server = net.createServer((socket) => this.#relay(socket, brokerPort));
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this.#server.address().port;
  }

  /** What connected programs still have to unsubscribe. */
  get owed() {
    return [...this.#connections.keys()].flatMap((connection) => connection.owed);
  }

  get live() {
    return this.#connections.size;
  }

  close() {
    this.#server.close();
    for (const sockets of this.#connections.values()) for (const socket of sockets) socket.destroy();
  }

  #breach(breach) {
    this.breaches.push(breach);
    this.emit('breach', breach);
  }

  #relay(socket, brokerPort) {
    const upstream = net.connect(brokerPort, '127.0.0.1');
    const connection = new WitnessedConnection((breach) => this.#breach(breach), this.#given);
    this.#connections.set(connection, [socket, upstream]);
    const parser = (handle) => {
      const reader = mqttPacket.parser({ protocolVersion: 5 });
      reader.on('packet', handle);
      reader.on('error', (error) => this.#breach({ rule: 'MQTT', text: `${connection.clientId}: ${error.message}` }));
      return reader;
    };
    const upward = parser((packet) => {
      if (packet.cmd === 'connect') ++this.seen.connections;
      if (packet.cmd === 'publish') {
        ++this.seen.publishes;
        if (messageOf(packet).method === 'notifications/initialized') ++this.seen.initialized;
      }
      connection.fromClient(packet);
    });
    const downward = parser((packet) => connection.fromBroker(packet));
    let connack = Buffer.alloc(0);
    socket.setNoDelay(true);
    upstream.setNoDelay(true);
    socket.on('data', (bytes) => {
      upward.parse(bytes);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      let onward = bytes;
      if (connack !== null) {
        connack = Buffer.concat([connack, bytes]);
        onward = withProperties(connack, this.#given[connection.role]);
        if (onward === null) return;
        connack = null;
      }
      downward.parse(onward);
      socket.write(onward);
    });
    const end = () => {
      socket.destroy();
      upstream.destroy();
      if (!this.#connections.delete(connection)) return;
      const ending = connection.end();
      this.endings.push(ending);
      this.emit('ended', ending);
    };
    for (const side of [socket, upstream]) {
      side.on('error', () => {});
      side.on('close', end);
    }
  }
}

/** The bytes with the first packet, the CONNACK, extended; null while that is not complete. */
function withProperties(bytes, userProperties) {
  if (!userProperties) return bytes;
  if (bytes.length < 2 || (bytes[1] & 0x80 && bytes.length < 3)) return null;
  const [header, length] = bytes[1] & 0x80 ? [3, (bytes[1] & 0x7f) + bytes[2] * 128] : [2, bytes[1]];
  if (bytes.length < header + length) return null;
  let connack;
  const reader = mqttPacket.parser({ protocolVersion: 5 });
  reader.on('packet', (packet) => {
    connack = packet;
  });
  reader.parse(bytes.subarray(0, header + length));
  const properties = { ...connack.properties, userProperties };
  const extended = mqttPacket.generate({ ...connack, properties }, { protocolVersion: 5 });
  return Buffer.concat([extended, bytes.subarray(header + length)]);
}
