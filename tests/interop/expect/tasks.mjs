// Tools that are called as tasks.

import assert from 'node:assert/strict';

import { CallToolResultSchema, CreateTaskResultSchema } from '@modelcontextprotocol/sdk/types.js';

import { eventually, signal, within } from '../checks.mjs';
import { checkWhereOffered } from '../offers.mjs';
import { call, jsonOf, rejectsWith, textOf } from './answers.mjs';

const relatedTask = 'io.modelcontextprotocol/related-task';
const unknownTask = 'no-such-task';
const final = ['completed', 'failed', 'cancelled'];

/** Starts a task and resolves with it. */
async function start({ client }, name, args = {}, { ttl = 60_000, ...options } = {}) {
  const request = { method: 'tools/call', params: { name, arguments: args } };
  return (await client.request(request, CreateTaskResultSchema, { task: { ttl }, ...options })).task;
}

const resultOf = ({ client }, taskId) => client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);

/** Polls until the task is over. */
const ended = ({ client }, taskId) =>
  eventually('the end of the task', async () => {
    const task = await client.experimental.tasks.getTask(taskId);
    return final.includes(task.status) && task;
  });

export async function checkTasks(peer) {
  await checkOneTask(peer);
  await checkTaskList(peer);
  await checkTaskErrors(peer);
  await checkCancelledTask(peer);
  await checkAskingTask(peer);
}

async function checkOneTask(peer) {
  const { client, heard } = peer;
  const check = checkWhereOffered(peer, 'tasks.requests.tools.call', 'tool render');
  await check('a tool that may be a task can be called without one', async () => {
    assert.equal(textOf(await call(client, 'render', { steps: 2 })), 'rendered 2 steps');
  });
  await check('a call as a task is answered at once with the task', async () => {
    const task = await start(peer, 'render', { steps: 3 });
    assert.ok(task.taskId, 'the task has no id');
    assert.equal(task.status, 'working');
    assert.equal(typeof task.ttl, 'number');
    for (const time of [task.createdAt, task.lastUpdatedAt]) assert.ok(!Number.isNaN(Date.parse(time)), `${time} is no time`);
    await resultOf(peer, task.taskId);
  });
  await check('tasks/result waits for the result, and names its task', async () => {
    const { taskId } = await start(peer, 'render', { steps: 5 });
    const result = await resultOf(peer, taskId);
    assert.equal(textOf(result), 'rendered 5 steps');
    assert.deepEqual(result._meta?.[relatedTask], { taskId });
  });
  await check('tasks/get tells how a task stands, tasks/result can be asked again', async () => {
    const { taskId } = await start(peer, 'render', { steps: 5 });
    assert.equal((await client.experimental.tasks.getTask(taskId)).taskId, taskId);
    assert.equal((await ended(peer, taskId)).status, 'completed');
    for (const _ of [1, 2]) assert.equal(textOf(await resultOf(peer, taskId)), 'rendered 5 steps');
  });
  await check('a task tells its status as it changes', async () => {
    heard.taskStatus.length = 0;
    const { taskId } = await start(peer, 'render', { steps: 2 });
    await resultOf(peer, taskId);
    await eventually('tasks/status', () => heard.taskStatus.at(-1)?.status === 'completed');
    const told = heard.taskStatus.filter((task) => task.taskId === taskId).map(({ status }) => status);
    // A server may also tell messages while the status stays as it is.
    assert.deepEqual(told.filter((status) => status !== 'working'), ['completed']);
  });
  await check('a task tells the progress of its call', async () => {
    const seen = [];
    const { taskId } = await start(peer, 'render', { steps: 3 }, { onprogress: ({ progress }) => seen.push(progress) });
    await resultOf(peer, taskId);
    await client.ping();
    assert.deepEqual(seen, [1, 2, 3]);
  });
  await checkWhereOffered(peer, 'tasks.requests.tools.call', 'tool archive')('a tool that must be a task is one', async () => {
    const done = await start(peer, 'archive');
    assert.equal(textOf(await resultOf(peer, done.taskId)), 'archived');
    const broken = await start(peer, 'archive', { broken: true });
    assert.equal((await ended(peer, broken.taskId)).status, 'failed');
    const result = await resultOf(peer, broken.taskId);
    assert.equal(result.isError, true);
    assert.equal(result.content[0].text, 'the archive is broken');
  });
}

async function checkTaskList(peer) {
  const { client } = peer;
  const check = checkWhereOffered(peer, 'tasks.list', 'tool render');
  const listed = async () => {
    const ids = [];
    let cursor;
    for (let page = 0; page < 100; ++page) {
      const answer = await client.experimental.tasks.listTasks(cursor);
      ids.push(...answer.tasks.map(({ taskId }) => taskId));
      cursor = answer.nextCursor;
      if (cursor === undefined) return ids;
    }
    throw new Error('tasks/list has more than 100 pages');
  };
  await check('tasks/list has every task', async () => {
    const started = await Promise.all(Array.from({ length: 12 }, () => start(peer, 'render', { steps: 1 })));
    const ids = await listed();
    for (const { taskId } of started) assert.ok(ids.includes(taskId), `${taskId} is not listed`);
    assert.equal(new Set(ids).size, ids.length, 'a task is listed twice');
    await Promise.all(started.map(({ taskId }) => resultOf(peer, taskId)));
  });
  await check('a task is forgotten when its time to live is over', async () => {
    const { taskId, ttl } = await start(peer, 'render', { steps: 1 }, { ttl: 200 });
    assert.equal(ttl, 200);
    await eventually('the end of the task', async () => !(await listed()).includes(taskId));
    await rejectsWith(-32602, client.experimental.tasks.getTask(taskId));
  });
}

async function checkTaskErrors(peer) {
  const { client } = peer;
  const { tasks } = client.experimental;
  const check = checkWhereOffered(peer, 'tasks.requests.tools.call', 'tool render');
  await check('an unknown task is refused with -32602', async () => {
    await rejectsWith(-32602, tasks.getTask(unknownTask));
    await rejectsWith(-32602, resultOf(peer, unknownTask));
    await rejectsWith(-32602, tasks.cancelTask(unknownTask));
  });
  await check('an invalid cursor of tasks/list is refused with -32602', () => rejectsWith(-32602, tasks.listTasks('no such page')));
  await check('a tool that is no task is refused as one with -32601', () => rejectsWith(-32601, start(peer, 'display', { message: 'x' })));
  await checkWhereOffered(peer, 'tool archive')('a tool that must be a task is refused without one with -32601', () => {
    // The SDK's callTool would refuse it before it is sent.
    const request = { method: 'tools/call', params: { name: 'archive', arguments: {} } };
    return rejectsWith(-32601, client.request(request, CallToolResultSchema));
  });
}

async function checkCancelledTask(peer) {
  const { client, heard } = peer;
  const { tasks } = client.experimental;
  const check = checkWhereOffered(peer, 'tasks.cancel', 'tool render');
  await check('a task that is cancelled stops its handler', async () => {
    await call(client, 'count', { to: 1 });
    assert.equal(textOf(await call(client, 'last_cancelled')), 'no');
    const started = signal();
    const { taskId } = await start(peer, 'render', { steps: 100_000 }, { onprogress: started.resolve });
    await within(10_000, 'the first progress', started.promise);
    assert.equal((await tasks.cancelTask(taskId)).status, 'cancelled');
    assert.equal((await tasks.getTask(taskId)).status, 'cancelled');
    await eventually('the cancellation of the handler', async () => textOf(await call(client, 'last_cancelled')) === 'yes');
    const last = () => heard.taskStatus.filter((task) => task.taskId === taskId).at(-1).status;
    await eventually('tasks/status cancelled', () => last() === 'cancelled');
  });
  await check('a task that is over cannot be cancelled: -32602', async () => {
    const { taskId } = await start(peer, 'render', { steps: 1 });
    await resultOf(peer, taskId);
    await rejectsWith(-32602, tasks.cancelTask(taskId));
    assert.equal((await tasks.getTask(taskId)).status, 'completed');
  });
}

async function checkAskingTask(peer) {
  const { client, host, heard } = peer;
  const check = checkWhereOffered(peer, 'tasks.requests.tools.call', 'tool ask_in_task');
  await check('a task may ask the user, and says that it waits for input', async () => {
    host.user = () => ({ action: 'accept', content: { name: 'Grace', age: 85 } });
    heard.taskStatus.length = 0;
    const { taskId } = await start(peer, 'ask_in_task');
    const told = () => heard.taskStatus.some((task) => task.taskId === taskId && task.status === 'input_required');
    await eventually('input_required', told);
    // The SDK's server keeps the question until somebody asks for the result.
    const content = { name: 'Grace', age: 85, score: 9.5, member: true };
    assert.deepEqual(jsonOf(await resultOf(peer, taskId)), { action: 'accept', content });
    assert.deepEqual(host.asked.user.at(-1)._meta?.[relatedTask], { taskId });
    assert.equal((await client.experimental.tasks.getTask(taskId)).status, 'completed');
  });
}

/** Tasks of the client: the server asks for them. */
export async function checkClientTasks(peer) {
  const { client, host } = peer;
  const given = (params) => {
    assert.equal(params.task?.ttl, 60_000);
  };
  await checkWhereOffered(peer, 'tool ask_model_as_task')('the server asks the model as a task of the client', async () => {
    assert.equal(textOf(await call(client, 'ask_model_as_task', { prompt: 'hello' })), 'model said: you wrote hello');
    given(host.asked.model.at(-1));
  });
  await checkWhereOffered(peer, 'tool ask_person_as_task')('the server asks the user as a task of the client', async () => {
    host.user = () => ({ action: 'decline' });
    assert.deepEqual(jsonOf(await call(client, 'ask_person_as_task')), { action: 'decline' });
    given(host.asked.user.at(-1));
  });
  await checkWhereOffered(peer, 'tool cancel_model_task')('the server lists and cancels a task of the client', async () => {
    assert.deepEqual(jsonOf(await call(client, 'cancel_model_task')), { listed: true, status: 'cancelled' });
    given(host.asked.model.at(-1));
  });
}

/** Tasks belong to the session that started them. */
export async function checkForeignTask(first, second) {
  const check = checkWhereOffered(first, 'tasks.requests.tools.call', 'tool render');
  await check('a task is unknown to other sessions', async () => {
    const { taskId } = await start(first, 'render', { steps: 1 });
    await rejectsWith(-32602, second.client.experimental.tasks.getTask(taskId));
    await rejectsWith(-32602, resultOf(second, taskId));
    await resultOf(first, taskId);
  });
}
