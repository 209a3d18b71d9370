// What the sessions of one server program share: its state, and who is told that it changed.

const listChanged = {
  tool: 'notifications/tools/list_changed',
  resource: 'notifications/resources/list_changed',
  prompt: 'notifications/prompts/list_changed',
};

export class Device {
  volume = 0;
  lastCancelled = false;
  /** What the grow tools added. */
  grown = { tool: false, resource: false, prompt: false };
  #announce;
  #copies;
  #watchers = new Map();

  /** `announce(message)` tells all clients (T40). `copies`: updates go to each subscriber's RPC topic instead. */
  constructor({ announce, copies = false }) {
    this.#announce = announce;
    this.#copies = copies;
  }

  async setGrown(kind, grown) {
    if (this.grown[kind] === grown) return;
    this.grown[kind] = grown;
    await this.#announce({ jsonrpc: '2.0', method: listChanged[kind] });
  }

  subscribe(session, uri) {
    if (!this.#watchers.has(uri)) this.#watchers.set(uri, new Set());
    this.#watchers.get(uri).add(session);
  }

  unsubscribe(session, uri) {
    this.#watchers.get(uri)?.delete(session);
  }

  /** The session is over. */
  forget(session) {
    for (const watchers of this.#watchers.values()) watchers.delete(session);
  }

  async updated(uri) {
    const watchers = this.#watchers.get(uri) ?? new Set();
    if (watchers.size === 0) return;
    const message = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } };
    if (this.#copies) await Promise.all([...watchers].map((session) => session.send(message)));
    else await this.#announce(message);
  }
}
