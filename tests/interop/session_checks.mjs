// What a client expects of the interop server in one session. README.md has the contract.

import assert from 'node:assert/strict';

import { ErrorCode, ResultSchema } from '@modelcontextprotocol/sdk/types.js';

import { eventually, within } from './checks.mjs';
import { checkWhereOffered, offers } from './offers.mjs';
import { timeoutOf } from './timeouts.mjs';

/** The tools that every server has; the others need what not every server offers. */
const expectedTools = ['count', 'display', 'echo_types', 'fail', 'last_cancelled', 'set_volume'];
const volumeUri = 'device://volume';

/** `peer` is { checks, client, transport, roots, logs, updates, listChanges }, made by client.mjs. */
export async function checkSession(session) {
  await checkHandshake(session);
  const peer = { ...session, tools: await checkToolList(session) };
  await checkCalls(peer);
  await checkCallErrors(peer);
  await checkProgressAndCancel(peer);
  await checkRequestsToClient(peer);
  await checkResources(peer);
  await checkPrompts(peer);
  await checkLogging(peer);
  await checkListChanged(peer);
  await checkNotOffered(peer);
}

export function call(client, name, args = {}, options = {}) {
  return client.callTool({ name, arguments: args }, undefined, { timeout: timeoutOf('tools/call'), ...options });
}

/** The text of an answer that must hold exactly one text and no error. */
export function textOf(result) {
  assert.ok(!result.isError, `the tool failed: ${JSON.stringify(result.content)}`);
  assert.equal(result.content.length, 1, `${result.content.length} contents instead of one`);
  assert.equal(result.content[0].type, 'text');
  return result.content[0].text;
}

async function rejectsWith(code, promise) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code, `code ${error.code} (${error.message}) instead of ${code}`);
    return true;
  });
}

async function checkHandshake({ checks, client, transport }) {
  await checks.check('the newest revision that both know is negotiated', () => {
    assert.equal(transport.protocolVersion, '2025-11-25');
  });
  await checks.check('the server says its name and version', () => {
    const info = client.getServerVersion();
    assert.ok(info.name, 'serverInfo.name is empty');
    assert.ok(info.version, 'serverInfo.version is empty');
  });
  await checks.check('the server advertises tools', () => {
    assert.ok(client.getServerCapabilities().tools);
  });
  await checks.check('ping is answered with an empty result', async () => {
    assert.deepEqual(await client.ping({ timeout: timeoutOf('ping') }), {});
  });
  await checks.check('an unknown method is refused with -32601', () =>
    rejectsWith(ErrorCode.MethodNotFound, client.request({ method: 'no/such/method', params: {} }, ResultSchema)));
}

async function listAllTools(client) {
  const tools = [];
  let cursor;
  // A cursor that never ends would keep a test busy for ever.
  for (let page = 0; page < 100; ++page) {
    const answer = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: timeoutOf('tools/list') });
    tools.push(...answer.tools);
    cursor = answer.nextCursor;
    if (cursor === undefined) return tools;
  }
  throw new Error('tools/list has more than 100 pages');
}

async function checkToolList({ checks, client }) {
  const tools = new Map();
  await checks.check('tools/list has each tool once', async () => {
    const listed = await listAllTools(client);
    for (const tool of listed) tools.set(tool.name, tool);
    assert.equal(tools.size, listed.length, 'a name occurs twice');
    assert.deepEqual(expectedTools.filter((name) => !tools.has(name)), [], 'tools are missing');
    assert.ok(!tools.has('grown'), 'grown is there before grow was called');
  });
  await checks.check('each tool has a description and an object schema with properties', () => {
    for (const { name, description, inputSchema } of tools.values()) {
      assert.ok(description, `${name} has no description`);
      assert.equal(inputSchema.type, 'object', name);
      assert.equal(typeof inputSchema.properties, 'object', `${name} has no properties`);
    }
  });
  await checks.check('the schema of set_volume is an integer from 0 to 100, required', () => {
    const { properties, required } = tools.get('set_volume').inputSchema;
    const { type, minimum, maximum } = properties.volume;
    assert.deepEqual({ type, minimum, maximum }, { type: 'integer', minimum: 0, maximum: 100 });
    assert.deepEqual(required, ['volume']);
  });
  await checks.check('the schema of echo_types has a number, a list of strings and an object', () => {
    const { properties, required } = tools.get('echo_types').inputSchema;
    assert.equal(properties.n.type, 'number');
    assert.equal(properties.list.type, 'array');
    assert.equal(properties.list.items.type, 'string');
    assert.equal(properties.map.type, 'object');
    assert.deepEqual([...required].sort(), ['list', 'map']);
  });
  await checks.check('an invalid cursor is refused with -32602', () =>
    rejectsWith(ErrorCode.InvalidParams, client.listTools({ cursor: 'no such page' })));
  return tools;
}

async function checkCalls({ checks, client }) {
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

async function checkCallErrors(peer) {
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

async function checkProgressAndCancel({ checks, client, troubles }) {
  await checks.check('a long tool tells its progress in order, all of it before the answer', async () => {
    const seen = [];
    const result = await call(client, 'count', { to: 5 }, { onprogress: (progress) => seen.push(progress) });
    assert.equal(textOf(result), 'counted to 5');
    assert.deepEqual(seen, [1, 2, 3, 4, 5].map((i) => ({ progress: i, total: 5, message: `step ${i}` })));
  });
  await checks.check('without a progress token no progress is sent', async () => {
    const before = troubles.length;
    assert.equal(textOf(await call(client, 'count', { to: 2 })), 'counted to 2');
    assert.deepEqual(troubles.slice(before), []);
  });
  await checks.check('other calls are answered while a long one runs', async () => {
    let done = false;
    const started = signal();
    const long = call(client, 'count', { to: 25 }, { onprogress: started.resolve }).then((result) => {
      done = true;
      return result;
    });
    await within(10_000, 'the first progress', Promise.race([started.promise, long]));
    assert.equal(textOf(await call(client, 'set_volume', { volume: 3 })), 'volume is 3');
    assert.equal(done, false, 'the short call waited for the long one');
    assert.equal(textOf(await long), 'counted to 25');
  });
  await checks.check('a call that is cancelled stops its handler, and gets no answer', async () => {
    const before = troubles.length;
    assert.equal(textOf(await call(client, 'last_cancelled')), 'no');
    const abort = new AbortController();
    let steps = 0;
    const cancelled = call(client, 'count', { to: 100_000 }, {
      signal: abort.signal,
      onprogress: () => {
        if (++steps === 2) abort.abort('the user went away');
      },
    });
    await assert.rejects(within(10_000, 'cancelling', cancelled));
    await eventually('the cancellation of the handler', async () => textOf(await call(client, 'last_cancelled')) === 'yes');
    await client.ping();
    // Progress that was under way when we cancelled is no fault; an answer is.
    const answers = troubles.slice(before).filter((text) => text.includes('unknown message ID'));
    assert.deepEqual(answers, []);
  });
  await checks.check('a later call of the same tool runs to its end', async () => {
    assert.equal(textOf(await call(client, 'count', { to: 2 })), 'counted to 2');
    assert.equal(textOf(await call(client, 'last_cancelled')), 'no');
  });
}

async function checkRequestsToClient(peer) {
  const { client, roots } = peer;
  await checkWhereOffered(peer, 'tool ask_model')('a tool may ask the model of the client', async () => {
    assert.equal(textOf(await call(client, 'ask_model', { prompt: 'hello' })), 'model said: you wrote hello');
  });
  const checkRoots = checkWhereOffered(peer, 'tool list_roots');
  await checkRoots('a tool may ask for the roots, and hears that they changed', async () => {
    const ask = async () => JSON.parse(textOf(await call(client, 'list_roots')));
    assert.deepEqual(await ask(), { roots: ['file:///one'], changes: 0 });
    roots.push({ uri: 'file:///two' });
    await client.sendRootsListChanged();
    await eventually('roots/list_changed', async () => (await ask()).changes === 1);
    assert.deepEqual((await ask()).roots, ['file:///one', 'file:///two']);
  });
  await checkWhereOffered(peer, 'tool ping_client')('the server pings the client', async () => {
    assert.equal(textOf(await call(client, 'ping_client')), 'pong');
  });
}

async function checkResources(peer) {
  const { client, transport, updates } = peer;
  const check = checkWhereOffered(peer, 'resources');
  await check('resources/list and resources/read', async () => {
    const { resources } = await client.listResources({}, { timeout: timeoutOf('resources/list') });
    assert.deepEqual(resources.map((resource) => resource.uri), [volumeUri]);
    await call(client, 'set_volume', { volume: 42 });
    const { contents } = await client.readResource({ uri: volumeUri }, { timeout: timeoutOf('resources/read') });
    assert.equal(contents.length, 1);
    const { uri, mimeType, text } = contents[0];
    assert.deepEqual({ uri, mimeType, text }, { uri: volumeUri, mimeType: 'text/plain', text: '42' });
  });
  await check('an unknown resource is refused with -32002', () =>
    rejectsWith(-32002, client.readResource({ uri: 'device://nothing' })));
  const checkSubscribed = checkWhereOffered(peer, 'resources.subscribe');
  await checkSubscribed('a subscribed resource tells its change over the capability topic', async () => {
    const before = transport.received.capability;
    await client.subscribeResource({ uri: volumeUri }, { timeout: timeoutOf('resources/subscribe') });
    await call(client, 'set_volume', { volume: 43 });
    await eventually('resources/updated', () => updates.length);
    assert.deepEqual(updates, [volumeUri]);
    assert.equal(transport.received.capability, before + 1);
    await client.unsubscribeResource({ uri: volumeUri });
  });
  await checkSubscribed('a resource that is no longer subscribed is silent', async () => {
    const before = transport.received.capability;
    await call(client, 'set_volume', { volume: 44 });
    await client.ping();
    assert.equal(transport.received.capability, before);
  });
}

async function checkPrompts(peer) {
  const { client } = peer;
  const check = checkWhereOffered(peer, 'prompts');
  await check('prompts/list and prompts/get', async () => {
    const { prompts } = await client.listPrompts({}, { timeout: timeoutOf('prompts/list') });
    assert.deepEqual(prompts.map((prompt) => prompt.name), ['greet']);
    assert.equal(prompts[0].arguments[0].name, 'name');
    assert.equal(prompts[0].arguments[0].required, true);
    const got = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } }, { timeout: timeoutOf('prompts/get') });
    assert.deepEqual(
      got.messages.map(({ role, content }) => ({ role, text: content.text })),
      [{ role: 'user', text: 'Say hello to Ada' }],
    );
  });
  await check('a prompt without its argument, and an unknown one, are refused with -32602', async () => {
    await rejectsWith(ErrorCode.InvalidParams, client.getPrompt({ name: 'greet', arguments: {} }));
    await rejectsWith(ErrorCode.InvalidParams, client.getPrompt({ name: 'no_such_prompt' }));
  });
}

async function checkLogging(peer) {
  const { client, logs } = peer;
  const check = checkWhereOffered(peer, 'logging', 'tool log_two');
  await check('log messages come from the level on that was asked for', async () => {
    await client.setLoggingLevel('debug', { timeout: timeoutOf('logging/setLevel') });
    await call(client, 'log_two');
    await client.setLoggingLevel('error');
    await call(client, 'log_two');
    await client.ping();
    assert.deepEqual(
      logs.map(({ level, data }) => ({ level, data })),
      [{ level: 'info', data: 'quiet' }, { level: 'error', data: 'loud' }, { level: 'error', data: 'loud' }],
    );
  });
}

async function checkListChanged(peer) {
  const { client, transport, listChanges } = peer;
  const check = checkWhereOffered(peer, 'tools.listChanged', 'tool grow');
  await check('a new tool is announced over the capability topic, listed and callable', async () => {
    const before = transport.received.capability;
    await call(client, 'grow');
    await eventually('tools/list_changed', () => listChanges.length);
    assert.equal(transport.received.capability, before + 1);
    assert.ok((await listAllTools(client)).some((tool) => tool.name === 'grown'), 'grown is not listed');
    assert.equal(textOf(await call(client, 'grown')), 'grown');
  });
}

/** One request for each capability that a server may have. */
const capabilityRequests = {
  resources: ['resources/list', {}],
  'resources.subscribe': ['resources/subscribe', { uri: volumeUri }],
  prompts: ['prompts/list', {}],
  logging: ['logging/setLevel', { level: 'error' }],
  completions: ['completion/complete', { ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'name', value: '' } }],
};

async function checkNotOffered(peer) {
  const { checks, client } = peer;
  for (const [capability, [method, params]] of Object.entries(capabilityRequests)) {
    if (offers(peer, capability)) continue;
    await checks.check(`${method} is refused with -32601, since the server does not offer ${capability}`, () =>
      rejectsWith(ErrorCode.MethodNotFound, client.request({ method, params }, ResultSchema)));
  }
}

export function signal() {
  const result = {};
  result.promise = new Promise((resolve) => {
    result.resolve = resolve;
  });
  return result;
}
