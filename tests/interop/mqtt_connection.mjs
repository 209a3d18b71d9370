// One MQTT 5 connection of this peer. Everything that arrives is judged by rules.mjs before it is used.

import { EventEmitter } from 'node:events';

import mqtt from 'mqtt';

import { checkPublish, clientIdProperty, componentType, metaProperty } from './rules.mjs';
import { filterMatches } from './topics.mjs';

/**
 * Events: `breach` ({ rule, text }) for each broken rule, `lost` when the connection ended and nobody
 * here asked for it. It never reconnects: a test must see the loss.
 */
export class MqttConnection extends EventEmitter {
  #client;
  #routes = new Map();
  #inbox = [];
  #ending = false;

  /** The user properties of CONNACK. */
  connackProperties = {};
  breaches = [];

  constructor({ role, clientId, onBreach }) {
    super();
    this.role = role;
    this.clientId = clientId;
    if (onBreach) this.on('breach', onBreach);
  }

  /** Connects (T1–T4). `will` is { topic, payload, retain }. */
  async open({ broker, meta = {}, will }) {
    this.#client = mqtt.connect(broker, {
      protocolVersion: 5,
      clientId: this.clientId,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      properties: {
        sessionExpiryInterval: 0,
        userProperties: { [componentType]: this.role, [metaProperty]: JSON.stringify(meta) },
      },
      will: {
        topic: will.topic,
        payload: Buffer.from(will.payload),
        qos: 1,
        retain: will.retain,
        properties: { userProperties: this.#sender() },
      },
    });
    this.#client.on('message', (topic, payload, packet) => this.#receive(topic, payload, packet));
    const connack = await new Promise((resolve, reject) => {
      this.#client.once('connect', resolve);
      this.#client.once('error', reject);
      this.#client.once('close', () => reject(new Error(`${broker} closed the connection before CONNACK`)));
    });
    // Two small packets in a row would otherwise wait for each other's acknowledgements, 44 ms each time.
    this.#client.stream.setNoDelay?.(true);
    this.connackProperties = connack.properties?.userProperties ?? {};
    this.#client.on('error', (error) => this.emit('trouble', error));
    this.#client.on('close', () => {
      if (!this.#ending) this.emit('lost');
    });
  }

  /** Subscribes { filter, noLocal, handler } each and resolves after the SUBACK that grants all. */
  async subscribe(subscriptions) {
    for (const { filter, handler } of subscriptions) this.#routes.set(filter, handler);
    const wanted = Object.fromEntries(
      // Retain As Published: the retain flag then tells what the publisher set.
      subscriptions.map(({ filter, noLocal = false }) => [filter, { qos: 1, nl: noLocal, rap: true, rh: 0 }]),
    );
    const granted = await this.#client.subscribeAsync(wanted);
    const refused = granted.filter((grant) => grant.qos >= 0x80);
    if (refused.length || granted.length < subscriptions.length) {
      throw new Error(`the broker refused ${refused.map((grant) => grant.topic).join(', ') || 'a subscription'}`);
    }
  }

  async unsubscribe(filters) {
    for (const filter of filters) this.#routes.delete(filter);
    await this.#client.unsubscribeAsync(filters);
  }

  /** Publishes an object as JSON, or nothing at all for null; resolves with the PUBACK. */
  async publish(topic, message, { retain = false } = {}) {
    const payload = message === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(message));
    await this.#client.publishAsync(topic, payload, {
      qos: 1,
      retain,
      properties: { userProperties: this.#sender() },
    });
  }

  /** DISCONNECT: the broker drops the will. */
  async end() {
    this.#ending = true;
    await this.#client.endAsync(false);
  }

  /** Closes the socket and nothing more: the broker publishes the will. */
  drop() {
    this.#ending = true;
    this.#client.stream.destroy();
  }

  breach(breach) {
    this.breaches.push(breach);
    this.emit('breach', breach);
  }

  #sender() {
    return { [componentType]: this.role, [clientIdProperty]: this.clientId };
  }

  #receive(topic, payload, packet) {
    const handlers = [...this.#routes].filter(([filter]) => filterMatches(filter, topic));
    // What was under way when we unsubscribed.
    if (handlers.length === 0) return;
    const userProperties = packet.properties?.userProperties;
    for (const breach of checkPublish({ topic, payload, qos: packet.qos, retain: packet.retain, userProperties })) {
      this.breach(breach);
    }
    if (userProperties?.[clientIdProperty] === this.clientId && userProperties?.[componentType] === this.role) {
      this.breach({ rule: 'T8', text: `${topic}: our own message came back` });
      return;
    }
    let message = null;
    if (payload.length) {
      try {
        message = JSON.parse(payload.toString());
      } catch {
        // Told as a breach above.
        return;
      }
    }
    this.#inbox.push(() => {
      for (const [, handler] of handlers) handler(topic, message, userProperties ?? {});
    });
    if (this.#inbox.length === 1) setImmediate(() => this.#deliver());
  }

  /**
   * One message in each turn of the event loop: the SDK handles a notification a little later than it
   * gets it but a response at once, so of two that arrive together the last progress would be lost.
   */
  #deliver() {
    try {
      this.#inbox[0]();
    } finally {
      this.#inbox.shift();
      if (this.#inbox.length) setImmediate(() => this.#deliver());
    }
  }
}
