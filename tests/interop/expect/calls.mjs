// Calls of tools, and what is wrong with them.

import assert from 'node:assert/strict';

import { ErrorCode, ResultSchema } from '@modelcontextprotocol/sdk/types.js';

import { checkWhereOffered, offers } from '../offers.mjs';
import { call, rejectsWith, textOf } from './answers.mjs';
import { volumeUri } from './resources.mjs';

export async function checkCalls({ checks, client }) {
  await checks.check('set_volume answers', async () => {
    assert.equal(textOf(await call(client, 'set_volume', { volume: 30 })), 'volume is 30');
  });
  await checks.check('both ends of a range are inside it', async () => {
    assert.equal(textOf(await call(client, 'set_volume', { volume: 0 })), 'volume is 0');
    assert.equal(textOf(await call(client, 'set_volume', { volume: 100 })), 'volume is 100');
  });
  await checks.check('text beyond ASCII comes back unharmed', async () => {
    const message = 'Grüße, 世界 🚀 "quoted" \\ \n\t\u0000 end';
    assert.equal(textOf(await call(client, 'display', { message })), `displayed: ${message}`);
  });
  await checks.check('a text of 200,000 characters comes back unharmed', async () => {
    const message = 'x'.repeat(200_000);
    assert.ok(textOf(await call(client, 'display', { message })) === `displayed: ${message}`);
  });
  await checks.check('numbers, lists and objects keep their types', async () => {
    const args = { n: 1.5, list: ['a', '', 'ü'], map: { k: 1, deep: { yes: true, none: null, list: [1, 'x'] } } };
    assert.deepEqual(JSON.parse(textOf(await call(client, 'echo_types', args))), args);
  });
  await checks.check('empty lists and objects stay, an argument that was not given stays away', async () => {
    const args = { list: [], map: {} };
    assert.deepEqual(JSON.parse(textOf(await call(client, 'echo_types', args))), args);
  });
  await checks.check('50 calls at once each get their own answer', async () => {
    const volumes = Array.from({ length: 50 }, (_, i) => i);
    const answers = await Promise.all(volumes.map((volume) => call(client, 'set_volume', { volume })));
    assert.deepEqual(answers.map(textOf), volumes.map((volume) => `volume is ${volume}`));
  });
  await checks.check('arguments may be left out where none is required', async () => {
    assert.equal(textOf(await client.callTool({ name: 'last_cancelled' })), 'no');
  });
}

/** From 2025-11-25 on, arguments that fail the schema give a result with isError. */
async function failsNaming(word, promise) {
  const result = await promise;
  assert.equal(result.isError, true, `no isError: ${JSON.stringify(result)}`);
  const said = result.content.map((content) => content.text).join(' ');
  assert.ok(said.includes(word), `"${said}" does not name ${word}`);
}

export async function checkCallErrors(peer) {
  const { checks, client } = peer;
  await checks.check('a failing tool gives isError and its text', async () => {
    const result = await call(client, 'fail');
    assert.equal(result.isError, true);
    assert.equal(result.content[0].text, 'it failed on purpose');
  });
  const wrong = (what, tool, args, word) =>
    checks.check(`${what} is an error that names "${word}"`, () => failsNaming(word, call(client, tool, args)));
  await wrong('an argument of the wrong type', 'set_volume', { volume: 'loud' }, 'volume');
  await wrong('a fraction for an integer', 'set_volume', { volume: 1.5 }, 'volume');
  await wrong('an argument above its range', 'set_volume', { volume: 101 }, 'volume');
  await wrong('an argument below its range', 'set_volume', { volume: -1 }, 'volume');
  await wrong('null for a string', 'display', { message: null }, 'message');
  await wrong('a missing argument', 'set_volume', {}, 'volume');
  await wrong('a wrong type inside a list', 'echo_types', { list: ['a', 1], map: {} }, 'list');
  await wrong('a list for an object', 'echo_types', { list: [], map: [] }, 'map');
  await checkWhereOffered(peer, 'resources')('a refused call changed nothing', async () => {
    assert.equal(textOf(await call(client, 'set_volume', { volume: 7 })), 'volume is 7');
    await call(client, 'set_volume', { volume: 101 });
    const { contents } = await client.readResource({ uri: volumeUri });
    assert.equal(contents[0].text, '7');
  });
  await checks.check('an unknown tool is refused with -32602', () =>
    rejectsWith(ErrorCode.InvalidParams, call(client, 'no_such_tool')));
}

/** Params that no schema allows, by what a server must offer to be asked. */
const badParams = [
  ['tools', 'tools/call', {}],
  ['tools', 'tools/call', { name: 1 }],
  ['tools', 'tools/list', { cursor: 1 }],
  ['resources', 'resources/read', {}],
  ['resources', 'resources/read', { uri: 1 }],
  ['resources.subscribe', 'resources/subscribe', {}],
  ['prompts', 'prompts/get', {}],
  ['completions', 'completion/complete', {}],
  ['completions', 'completion/complete', { ref: { type: 'ref/nothing' }, argument: { name: 'a', value: '' } }],
  ['logging', 'logging/setLevel', {}],
  ['tasks', 'tasks/get', {}],
];

export async function checkBadParams(peer) {
  const { checks, client } = peer;
  for (const [feature, method, params] of badParams) {
    if (!offers(peer, feature)) continue;
    await checks.check(`${method} with ${JSON.stringify(params)} is refused with -32602`, () =>
      rejectsWith(ErrorCode.InvalidParams, client.request({ method, params }, ResultSchema)));
  }
}

/** One request for each capability that a server may have. */
const capabilityRequests = {
  resources: ['resources/list', {}],
  'resources.subscribe': ['resources/subscribe', { uri: volumeUri }],
  prompts: ['prompts/list', {}],
  logging: ['logging/setLevel', { level: 'error' }],
  completions: ['completion/complete', { ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'name', value: '' } }],
  tasks: ['tasks/get', { taskId: 'none' }],
};

export async function checkNotOffered(peer) {
  const { checks, client } = peer;
  for (const [capability, [method, params]] of Object.entries(capabilityRequests)) {
    if (offers(peer, capability)) continue;
    await checks.check(`${method} is refused with -32601, since the server does not offer ${capability}`, () =>
      rejectsWith(ErrorCode.MethodNotFound, client.request({ method, params }, ResultSchema)));
  }
}
