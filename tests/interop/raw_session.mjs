// A session in one certain revision, message by message: without the SDK's own handshake, which asks
// for the newest, and without its schemas, which drop what they do not know.

import { signal, within } from './checks.mjs';
import { connect } from './client_peer.mjs';
import { McpMqttClientTransport } from './mqtt_client_transport.mjs';

export class RawSession {
  #transport;
  #waiting = new Map();
  #lastId = 0;
  /** What initialize was answered with. */
  greeting;
  /** Requests of the server, and notifications. */
  asked = [];
  notified = [];
  /** Every response as it came, those in batches too. */
  answers = [];
  /** Every list that came (2025-03-26). */
  batches = [];
  /** Answers the server's requests: method → result. */
  answersTo = {};

  /** `peer` is { checks, broker, name }. */
  static async open(peer, version, capabilities = {}) {
    const session = new RawSession();
    session.mqttClient = await connect(peer);
    const server = await session.mqttClient.discover(peer.name);
    session.#transport = new McpMqttClientTransport(session.mqttClient, server);
    session.#transport.onmessage = (message) => session.#receive(message);
    await session.#transport.start();
    const answer = await session.request('initialize', {
      protocolVersion: version, capabilities, clientInfo: { name: 'raw', version: '1' },
    });
    session.greeting = answer.result ?? {};
    return session;
  }

  get revision() {
    return this.greeting.protocolVersion;
  }

  initialized() {
    return this.send({ method: 'notifications/initialized' });
  }

  send(message) {
    return this.#transport.send({ jsonrpc: '2.0', ...message });
  }

  sendBatch(messages) {
    return this.#transport.send(messages.map((message) => ({ jsonrpc: '2.0', ...message })));
  }

  /** The whole answer: a response or an error. */
  async request(method, params = {}) {
    const id = ++this.#lastId;
    this.#waiting.set(id, signal());
    await this.send({ id, method, params });
    return within(10_000, method, this.#waiting.get(id).promise);
  }

  call(name, callArguments = {}, more = {}) {
    return this.request('tools/call', { name, arguments: callArguments, ...more });
  }

  leave() {
    return this.mqttClient.leave();
  }

  #receive(message) {
    if (Array.isArray(message)) {
      this.batches.push(message);
      for (const each of message) this.#receive(each);
      return;
    }
    if (message.method === undefined) {
      this.answers.push(message);
      this.#waiting.get(message.id)?.resolve(message);
      return;
    }
    if (message.id === undefined) {
      this.notified.push(message);
      return;
    }
    this.asked.push(message);
    const result = this.answersTo[message.method];
    const body = result ? { result } : { error: { code: -32601, message: 'Method not found' } };
    void this.send({ id: message.id, ...body });
  }
}
