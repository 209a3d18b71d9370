// What the scripted client does for servers: its model, its user, its roots.

import { once } from 'node:events';

import * as mcp from '@modelcontextprotocol/sdk/types.js';

const pollInterval = 20;

export const clientCapabilities = {
  roots: { listChanged: true },
  sampling: { tools: {}, context: {} },
  elicitation: { form: { applyDefaults: true }, url: {} },
  tasks: {
    list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } },
  },
};

export class Host {
  roots = [{ uri: 'file:///one', name: 'One' }];
  /** The params of each request of the server, in order. */
  asked = { model: [], user: [] };
  /** How many requests of the server were cancelled. */
  cancelled = 0;
  /** What the user does with the next forms and URLs. */
  user = () => ({ action: 'cancel' });

  /** Answers for an SDK client. */
  serve(client) {
    client.setRequestHandler(mcp.ListRootsRequestSchema, () => ({ roots: this.roots }));
    client.setRequestHandler(mcp.CreateMessageRequestSchema, ({ params }, extra) => {
      this.asked.model.push(params);
      return this.#maybeTask(params, extra, () => this.#think(params, extra));
    });
    client.setRequestHandler(mcp.ElicitRequestSchema, ({ params }, extra) => {
      this.asked.user.push(params);
      return this.#maybeTask(params, extra, () => this.user(params));
    });
  }

  async #think(params, extra) {
    const says = (content, stopReason = 'endTurn') => ({ model: 'parrot', role: 'assistant', content, stopReason });
    const last = [params.messages.at(-1).content].flat();
    const results = last.filter(({ type }) => type === 'tool_result');
    if (results.length) return says({ type: 'text', text: `it says ${results[0].content[0].text}` });
    if (params.tools) {
      const use = { type: 'tool_use', id: 'use-1', name: params.tools[0].name, input: { city: 'Paris' } };
      return says([use], 'toolUse');
    }
    const { text } = last[0];
    if (text === 'reject') throw new mcp.McpError(-1, 'the user rejected it');
    if (text === 'wait') {
      // Never ends by itself; a task is not cancelled through the signal of its request.
      if (!extra.signal.aborted) await once(extra.signal, 'abort');
      ++this.cancelled;
    }
    if (text.startsWith('slowly')) await this.#tellProgress(extra);
    return says({ type: 'text', text: `you wrote ${text}` });
  }

  async #tellProgress(extra) {
    const { progressToken } = extra._meta;
    for (const progress of [1, 2]) {
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 2 } });
    }
  }

  /** Answers at once with a task where one is asked for, and does the work behind it. */
  async #maybeTask(params, extra, work) {
    if (!params.task) return work();
    const { taskStore } = extra;
    const task = await taskStore.createTask({ ttl: params.task.ttl, pollInterval });
    setImmediate(async () => {
      const result = await work();
      await taskStore.storeTaskResult(task.taskId, 'completed', result);
    });
    return { task };
  }
}
