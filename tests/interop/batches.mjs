// JSON-RPC batches, which revision 2025-03-26 alone has and the SDK never: a list of requests is
// answered with one list.

export class Batches {
  #open = [];
  #send;
  #waiting = new Map();

  /** `send(message)` publishes a message or a list of them. */
  constructor(send) {
    this.#send = send;
  }

  /** Hands each message of the client's list to `handle`. */
  receive(messages, handle) {
    const ids = messages.filter(({ id, method }) => id !== undefined && method !== undefined).map(({ id }) => id);
    if (ids.length) this.#open.push({ ids: new Set(ids), answers: [] });
    for (const message of messages) handle(message);
  }

  /** Whether the message is an answer in a batch, which goes when the last is there. */
  async collect(message) {
    const batch = message.method === undefined && this.#open.find(({ ids }) => ids.has(message.id));
    if (!batch) return false;
    batch.ids.delete(message.id);
    batch.answers.push(message);
    if (batch.ids.size === 0) {
      this.#open.splice(this.#open.indexOf(batch), 1);
      await this.#send(batch.answers);
    }
    return true;
  }

  /** Sends a list and resolves with the answers to its requests. */
  async ask(messages) {
    const answers = messages.filter(({ id }) => id !== undefined).map(
      ({ id }) => new Promise((resolve) => {
        this.#waiting.set(id, resolve);
      }),
    );
    await this.#send(messages);
    return Promise.all(answers);
  }

  /** Whether the message answers what `ask` sent. */
  answered(message) {
    const resolve = message.method === undefined && this.#waiting.get(message.id);
    if (!resolve) return false;
    this.#waiting.delete(message.id);
    resolve(message);
    return true;
  }
}
