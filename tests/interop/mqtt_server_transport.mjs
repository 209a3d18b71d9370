// The server's side: one MQTT connection with presence, and one SDK transport for each client.

import { Batches } from './batches.mjs';
import { MqttConnection } from './mqtt_connection.mjs';
import { clientIdProperty, isListChange } from './rules.mjs';
import * as topics from './topics.mjs';

const disconnected = { jsonrpc: '2.0', method: 'notifications/disconnected' };

export class McpMqttServerHost {
  #options;
  #sessions = new Map();
  #stopping = false;

  /**
   * `openSession(transport)` connects an SDK server object to the transport of a new client.
   * `onSessionClosed(clientId, reason)` and `onLost()` tell what ended.
   */
  constructor(options) {
    this.#options = options;
    const problem = topics.idProblem(options.serverId, 'mcp-server');
    if (problem) throw new Error(`server id ${problem}`);
    this.serverName = options.serverName;
  }

  get clientIds() {
    return [...this.#sessions.keys()];
  }

  /** T6, T10 and, where the broker names the server, T5. */
  async start() {
    await this.#connect();
    const suggested = this.mqtt.connackProperties['MCP-SERVER-NAME'];
    if (suggested !== undefined && suggested !== this.serverName) {
      // The will was set before CONNACK and names the wrong topic.
      await this.mqtt.end();
      this.serverName = suggested;
      await this.#connect();
      const again = this.mqtt.connackProperties['MCP-SERVER-NAME'];
      if (again !== undefined && again !== suggested) throw new Error(`the broker keeps renaming: ${again}`);
    }
    const problem = topics.nameProblem(this.serverName);
    if (problem) throw new Error(`server-name ${problem}`);
    const { serverId, description = '', meta = {} } = this.#options;
    const control = topics.serverControl(serverId, this.serverName);
    await this.mqtt.subscribe([
      { filter: control, handler: (_, message, sender) => void this.#control(message, sender) },
    ]);
    await this.mqtt.publish(
      topics.serverPresence(serverId, this.serverName),
      {
        jsonrpc: '2.0',
        method: 'notifications/server/online',
        params: { server_name: this.serverName, description, meta },
      },
      { retain: true },
    );
  }

  /** T40: one message for all clients. */
  async announce(message) {
    await this.mqtt.publish(topics.serverCapability(this.#options.serverId, this.serverName), message);
  }

  /** T11. */
  async stop() {
    this.#stopping = true;
    await this.mqtt.publish(topics.serverPresence(this.#options.serverId, this.serverName), null, { retain: true });
    for (const session of [...this.#sessions.values()]) await session.over('the server left');
    await this.mqtt.end();
  }

  ended(clientId, reason) {
    this.#sessions.delete(clientId);
    this.#options.onSessionClosed?.(clientId, reason);
  }

  async #connect() {
    const { broker, serverId, onBreach, onLost } = this.#options;
    this.mqtt = new MqttConnection({ role: 'mcp-server', clientId: serverId, onBreach });
    this.mqtt.on('lost', () => onLost?.());
    await this.mqtt.open({
      broker,
      meta: { implementation: 'interop-server', version: '1.0.0' },
      will: { topic: topics.serverPresence(serverId, this.serverName), payload: '', retain: true },
    });
  }

  /** T21: everything is subscribed before initialize reaches the SDK, and so before its answer leaves. */
  async #control(message, sender) {
    const clientId = sender[clientIdProperty];
    if (this.#stopping || message?.method !== 'initialize' || topics.idProblem(clientId, 'mcp-client')) return;
    const earlier = this.#sessions.get(clientId);
    if (earlier) {
      this.mqtt.breach({ rule: 'T30', text: `${clientId} initialized twice` });
      await earlier.over('initialized again');
    }
    const session = new McpMqttServerTransport(this, clientId, this.#options.serverId);
    this.#sessions.set(clientId, session);
    try {
      await session.subscribe();
      await this.#options.openSession(session);
      session.receive(message);
    } catch (error) {
      this.mqtt.breach({ rule: 'T21', text: `${clientId}: ${error.message}` });
    }
  }
}

/** The SDK's Transport over the session with one client. */
export class McpMqttServerTransport {
  #host;
  #open = true;
  #inFlight = new Set();

  /**
   * What judges and changes messages on their way: { incoming(message), outgoing(message) }, and
   * whether batches belong to the session's revision: hasBatches().
   */
  gate = { incoming() {}, outgoing: (message) => message, hasBatches: () => false };
  #batches = new Batches((messages) => this.#host.mqtt.publish(this.topics.rpc, messages));
  onmessage;
  onclose;
  onerror;

  constructor(host, clientId, serverId) {
    this.#host = host;
    this.clientId = clientId;
    this.topics = {
      rpc: topics.rpc(clientId, serverId, host.serverName),
      capability: topics.clientCapability(clientId),
      presence: topics.clientPresence(clientId),
    };
  }

  async subscribe() {
    await this.#host.mqtt.subscribe([
      { filter: this.topics.rpc, noLocal: true, handler: (_, message) => this.#receiveRpc(message) },
      { filter: this.topics.capability, handler: (_, message) => this.#receive(message) },
      { filter: this.topics.presence, handler: () => void this.over('the client left the broker') },
    ]);
  }

  async start() {}

  async send(message) {
    if (!this.#open) throw new Error('the session is over');
    const passed = this.gate.outgoing(message);
    if (passed.method === undefined) this.#inFlight.delete(passed.id);
    if (await this.#batches.collect(passed)) return;
    if (isListChange(passed.method)) await this.#host.announce(passed);
    else await this.#host.mqtt.publish(this.topics.rpc, passed);
  }

  /** The answers to the requests in a list of messages that is sent as one. */
  askBatch(messages) {
    return this.#batches.ask(messages);
  }

  /** T41: says so on RPC, then gives up the client's three topics. */
  async close() {
    if (!this.#open) return;
    await this.#host.mqtt.publish(this.topics.rpc, disconnected);
    await this.over('closed here');
  }

  async over(reason) {
    if (!this.#open) return;
    this.#open = false;
    this.#host.ended(this.clientId, reason);
    this.onclose?.();
    try {
      await this.#host.mqtt.unsubscribe(Object.values(this.topics));
    } catch (error) {
      this.onerror?.(error);
    }
  }

  #receiveRpc(message) {
    if (message?.method === 'notifications/disconnected') void this.over('the client said disconnected');
    else if (!Array.isArray(message)) this.#receive(message);
    else if (this.gate.hasBatches()) this.#batches.receive(message, (each) => this.#receive(each));
    else this.#refuse(null, 'this revision has no batches');
  }

  #refuse(id, message) {
    void this.#host.mqtt.publish(this.topics.rpc, { jsonrpc: '2.0', id, error: { code: -32600, message } });
  }

  #receive(message) {
    if (this.#open && message !== null) this.receive(message);
  }

  receive(message) {
    if (this.#batches.answered(message)) return;
    if (message.method === 'notifications/cancelled') this.#inFlight.delete(message.params?.requestId);
    if (message.method !== undefined && message.id !== undefined) {
      if (this.#inFlight.has(message.id)) {
        this.#refuse(message.id, `a request with the id ${message.id} is in flight`);
        return;
      }
      this.#inFlight.add(message.id);
    }
    this.gate.incoming(message);
    this.onmessage?.(message);
  }
}
