// Tools that are called as tasks, and tools that ask the client for tasks.

import { ElicitResultSchema, GetTaskRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

import { failed, json, object, text } from './answers.mjs';
import { countTo } from './basic_tools.mjs';
import { answer } from './requests.mjs';
import { personForm } from './user_tools.mjs';

const pollInterval = 20;

/**
 * Answers a call with a task, and runs the tool behind it. The context of such a run has `task`:
 * { taskId, setStatus(status, message) }, and the signal of the task instead of the call's.
 */
export async function startTask(tool, args, params, context) {
  const { extra, tasks } = context;
  const { taskStore } = extra;
  const { taskId } = await taskStore.createTask({ ttl: params.task.ttl, pollInterval });
  const signal = tasks.signalOf(taskId);
  const task = {
    taskId,
    setStatus: (status, message) => taskStore.updateTaskStatus(taskId, status, message),
  };
  const finish = async () => {
    let result;
    try {
      result = await tool.run(args, { ...context, task, signal });
    } catch (error) {
      result = failed(error.message);
    }
    if (signal.aborted) return;
    await taskStore.storeTaskResult(taskId, result.isError ? 'failed' : 'completed', result);
  };
  setImmediate(() => void finish().catch((error) => context.server.onerror?.(error)));
  return { task: await taskStore.getTask(taskId) };
}

/** The SDK answers the rest of tasks/… by itself. */
export function offerTasks(server, { tasks }) {
  answer(server, GetTaskRequestSchema, async ({ taskId }) => {
    const task = await tasks.getTask(taskId);
    if (!task) throw new McpError(-32602, `unknown task ${taskId}`);
    return task;
  });
}

/** The last message of a stream of the SDK: the result of the task behind it. */
async function resultOf(stream) {
  let last;
  for await (const message of stream) last = message;
  if (last.type === 'error') throw last.error;
  return last.result;
}

const asTask = { task: { ttl: 60_000 } };

export const taskTools = [
  {
    name: 'render',
    description: 'Takes 20 ms a step; may be a task',
    inputSchema: object({ steps: { type: 'integer', minimum: 1 } }, ['steps']),
    execution: { taskSupport: 'optional' },
    async run({ steps }, context) {
      const told = async (step) => context.task?.setStatus('working', `step ${step}`);
      await countTo(steps, { ...context, told });
      return text(`rendered ${steps} steps`);
    },
  },
  {
    name: 'archive',
    description: 'Can only be a task',
    inputSchema: object({ broken: { type: 'boolean' } }),
    execution: { taskSupport: 'required' },
    run: ({ broken = false }) => (broken ? failed('the archive is broken') : text('archived')),
  },
  {
    name: 'ask_in_task',
    description: 'A task that asks the user who they are',
    inputSchema: object(),
    execution: { taskSupport: 'required' },
    async run(_, { extra, task }) {
      const request = { method: 'elicitation/create', params: { mode: 'form', ...personForm } };
      const { action, content } = await extra.sendRequest(request, ElicitResultSchema, { relatedTask: { taskId: task.taskId } });
      await task.setStatus('working');
      return json({ action, ...(content && { content }) });
    },
  },
  {
    name: 'ask_model_as_task',
    description: "Asks the client's model, as a task of the client",
    inputSchema: object({ prompt: { type: 'string' } }, ['prompt']),
    async run({ prompt }, { server }) {
      const params = { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 100 };
      server.assertTaskCapability('sampling/createMessage');
      const answer = await resultOf(server.experimental.tasks.createMessageStream(params, asTask));
      return text(`model said: ${answer.content.text}`);
    },
  },
  {
    name: 'ask_person_as_task',
    description: 'Asks the user who they are, as a task of the client',
    inputSchema: object(),
    async run(_, { server }) {
      server.assertTaskCapability('elicitation/create');
      const { action, content } = await resultOf(server.experimental.tasks.elicitInputStream(personForm, asTask));
      return json({ action, ...(content && { content }) });
    },
  },
  {
    name: 'cancel_model_task',
    description: "Asks the client's model, as a task of the client, and cancels that",
    inputSchema: object(),
    async run(_, { server }) {
      server.assertTaskCapability('sampling/createMessage');
      const { tasks } = server.experimental;
      const params = { messages: [{ role: 'user', content: { type: 'text', text: 'wait' } }], maxTokens: 100 };
      for await (const message of tasks.createMessageStream(params, asTask)) {
        if (message.type !== 'taskCreated') continue;
        const { taskId } = message.task;
        const listed = (await tasks.listTasks()).tasks.some((each) => each.taskId === taskId);
        const { status } = await tasks.cancelTask(taskId);
        return json({ listed, status });
      }
      throw new McpError(-32603, 'there was no task');
    },
  },
];
