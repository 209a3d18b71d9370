// The client's side: one MQTT connection that finds servers, and one SDK transport for each session.

import { EventEmitter } from 'node:events';

import { MqttConnection } from './mqtt_connection.mjs';
import { isListChange, resourceUpdated } from './rules.mjs';
import * as topics from './topics.mjs';

const disconnected = { jsonrpc: '2.0', method: 'notifications/disconnected' };
const presenceOf = (filter) => `$mcp-server/presence/+/${filter}`;

/** Events: `online` and `offline` ({ serverId, serverName, presence }), `lost`. */
export class McpMqttClient extends EventEmitter {
  #servers = new Map();
  #watched = new Set();
  #brokerFilters = null;
  /** Control topics on which this client id initialized (T30). */
  initialized = new Set();
  /** T5: what the broker grants, as it said it. */
  roles = [];

  constructor({ clientId, onBreach }) {
    super();
    this.setMaxListeners(0);
    const problem = topics.idProblem(clientId, 'mcp-client');
    if (problem) throw new Error(`client id ${problem}`);
    this.clientId = clientId;
    this.mqtt = new MqttConnection({ role: 'mcp-client', clientId, onBreach });
    this.mqtt.on('lost', () => this.emit('lost'));
  }

  async connect({ broker, meta = { implementation: 'interop-client', version: '1.0.0' } }) {
    await this.mqtt.open({
      broker,
      meta,
      will: {
        topic: topics.clientPresence(this.clientId),
        payload: JSON.stringify(disconnected),
        retain: false,
      },
    });
    const { 'MCP-SERVER-NAME-FILTERS': filters, 'MCP-RBAC': rbac } = this.mqtt.connackProperties;
    if (filters !== undefined) {
      this.#brokerFilters = JSON.parse(filters);
      if (!Array.isArray(this.#brokerFilters)) throw new Error(`MCP-SERVER-NAME-FILTERS is ${filters}`);
    }
    if (rbac !== undefined) this.roles = JSON.parse(rbac);
  }

  /** T12: resolves with the first instance that is online under the filter. */
  async discover(filter, { timeout = 10_000 } = {}) {
    const known = () => this.instances().find((server) => topics.filterMatches(filter, server.serverName));
    const found = new Promise((resolve, reject) => {
      const seen = () => {
        const server = known();
        if (!server) return;
        clearTimeout(timer);
        this.off('online', seen);
        resolve(server);
      };
      const timer = setTimeout(() => {
        this.off('online', seen);
        reject(new Error(`no server is online under "${filter}" after ${timeout} ms`));
      }, timeout);
      this.on('online', seen);
      seen();
    });
    // A refused subscription must not leave the wait above as an unhandled rejection.
    found.catch(() => {});
    const filters = (this.#brokerFilters ?? [filter]).filter((each) => !this.#watched.has(each));
    for (const each of filters) this.#watched.add(each);
    if (filters.length) {
      const handler = (topic, message) => this.#presence(topic, message);
      await this.mqtt.subscribe(filters.map((each) => ({ filter: presenceOf(each), handler })));
    }
    return found;
  }

  instances() {
    return [...this.#servers.values()].flatMap((byId) => [...byId.values()]);
  }

  forget({ serverId, serverName }) {
    this.#servers.get(serverName)?.delete(serverId);
  }

  /** T42: says so on the own presence topic, then DISCONNECT. */
  async leave() {
    await this.mqtt.publish(topics.clientPresence(this.clientId), disconnected);
    await this.mqtt.end();
  }

  #presence(topic, message) {
    const { serverId, serverName } = topics.parseTopic(topic) ?? {};
    if (serverId === undefined) return;
    if (message === null) {
      this.forget({ serverId, serverName });
      this.emit('offline', { serverId, serverName });
      return;
    }
    const server = { serverId, serverName, presence: message.params ?? {} };
    if (!this.#servers.has(serverName)) this.#servers.set(serverName, new Map());
    this.#servers.get(serverName).set(serverId, server);
    this.emit('online', server);
  }
}

/** The SDK's Transport over one session of a McpMqttClient with one server instance. */
export class McpMqttClientTransport {
  #client;
  #server;
  #open = false;
  #onOffline = ({ serverId, serverName }) => {
    if (serverId === this.#server.serverId && serverName === this.#server.serverName) {
      void this.#over('the presence of the server was cleared');
    }
  };
  #onLost = () => void this.#over('the connection to the broker was lost');

  onmessage;
  onclose;
  onerror;
  /** What initialize negotiated. */
  protocolVersion;
  /** How many messages came over each topic, and over which of them each update of a resource. */
  received = { rpc: 0, capability: 0, updates: [] };
  /** Why the session ended, or null. */
  ended = null;

  constructor(client, server) {
    this.#client = client;
    this.#server = server;
    const { serverId, serverName } = server;
    this.topics = {
      control: topics.serverControl(serverId, serverName),
      capability: topics.serverCapability(serverId, serverName),
      rpc: topics.rpc(client.clientId, serverId, serverName),
      ownCapability: topics.clientCapability(client.clientId),
    };
  }

  /** T20: both subscriptions are granted before anything is sent. */
  async start() {
    if (this.#open) throw new Error('the transport is open already');
    this.#open = true;
    this.#client.on('offline', this.#onOffline);
    this.#client.on('lost', this.#onLost);
    await this.#client.mqtt.subscribe([
      { filter: this.topics.rpc, noLocal: true, handler: (_, message) => this.#receiveRpc(message) },
      { filter: this.topics.capability, handler: (_, message) => this.#receive('capability', message) },
    ]);
  }

  async send(message) {
    if (!this.#open) throw new Error(`the session is over: ${this.ended ?? 'never started'}`);
    await this.#client.mqtt.publish(this.#topicFor(message), message);
  }

  setProtocolVersion(version) {
    this.protocolVersion = version;
  }

  /** T41: says so on RPC, then gives up both subscriptions. */
  async close() {
    if (!this.#open) return;
    await this.#client.mqtt.publish(this.topics.rpc, disconnected);
    await this.#over('closed here');
  }

  #topicFor(message) {
    if (message.method === 'notifications/roots/list_changed') return this.topics.ownCapability;
    if (message.method !== 'initialize') return this.topics.rpc;
    if (this.#client.initialized.has(this.topics.control)) {
      throw new Error(`T30: ${this.#client.clientId} has initialized with this server before`);
    }
    this.#client.initialized.add(this.topics.control);
    return this.topics.control;
  }

  #receiveRpc(message) {
    if (message?.method === 'notifications/disconnected') {
      this.#client.forget(this.#server);
      void this.#over('the server said disconnected');
      return;
    }
    if (isListChange(message?.method)) return;
    this.#receive('rpc', message);
  }

  #receive(where, message) {
    if (!this.#open) return;
    ++this.received[where];
    if (message?.method === resourceUpdated) this.received.updates.push(where);
    if (message !== null) this.onmessage?.(message);
  }

  /** T43: pending requests fail at once (the SDK does that on onclose), topics are given up. */
  async #over(reason) {
    if (!this.#open) return;
    this.#open = false;
    this.ended = reason;
    this.#client.off('offline', this.#onOffline);
    this.#client.off('lost', this.#onLost);
    this.onclose?.();
    try {
      await this.#client.mqtt.unsubscribe([this.topics.capability, this.topics.rpc]);
    } catch (error) {
      this.onerror?.(error);
    }
  }
}
