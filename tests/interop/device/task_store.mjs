// The SDK's store of tasks, which also tells a task's handler and the client that it was cancelled.

import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks';

export class CancellingTaskStore extends InMemoryTaskStore {
  #running = new Map();
  /** Called with each task that was cancelled. */
  oncancelled = () => {};

  /** A signal that says that the task was cancelled, or that everything ends. */
  signalOf(taskId) {
    const abort = new AbortController();
    this.#running.set(taskId, abort);
    return abort.signal;
  }

  async updateTaskStatus(taskId, status, statusMessage, sessionId) {
    await super.updateTaskStatus(taskId, status, statusMessage, sessionId);
    if (status !== 'cancelled') return;
    this.#running.get(taskId)?.abort();
    this.oncancelled(await this.getTask(taskId, sessionId));
  }

  cleanup() {
    super.cleanup();
    for (const abort of this.#running.values()) abort.abort();
  }
}
