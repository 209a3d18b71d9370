// Tools that ask the client: its model and its roots.

import assert from 'node:assert/strict';

import { eventually, within } from '../checks.mjs';
import { checkWhereOffered } from '../offers.mjs';
import { call, failsSomehowNaming, jsonOf, textOf } from './answers.mjs';

const says = (role, ...content) => ({ role, content });
const text = (value) => ({ type: 'text', text: value });
/** One content may be told as itself or as a list of one. */
const flat = (messages) => messages.map(({ role, content }) => ({ role, content: [content].flat() }));

export async function checkRoots(peer) {
  const { client, host } = peer;
  await checkWhereOffered(peer, 'tool list_roots')('a tool may ask for the roots, and hears that they changed', async () => {
    const ask = async () => jsonOf(await call(client, 'list_roots'));
    assert.deepEqual(await ask(), { roots: ['file:///one'], changes: 0 });
    host.roots.push({ uri: 'file:///two' });
    await client.sendRootsListChanged();
    await eventually('roots/list_changed', async () => (await ask()).changes === 1);
    assert.deepEqual((await ask()).roots, ['file:///one', 'file:///two']);
  });
  await checkWhereOffered(peer, 'tool ping_client')('the server pings the client', async () => {
    assert.equal(textOf(await call(client, 'ping_client')), 'pong');
  });
}

/** `send_request` hands on what the client said. */
export async function checkUnknownRequest(peer) {
  await checkWhereOffered(peer, 'tool send_request')('a request that the client does not know is refused', () =>
    failsSomehowNaming('Method not found', call(peer.client, 'send_request', { method: 'no/such/method' })));
}

export async function checkSampling(peer) {
  const { client, host } = peer;
  const check = checkWhereOffered(peer, 'tool ask_model');
  const ask = (prompt, options) => call(client, 'ask_model', { prompt }, options);
  await check('a tool may ask the model of the client', async () => {
    assert.equal(textOf(await ask('hello')), 'model said: you wrote hello');
  });
  await check('several tools may ask the model at the same time', async () => {
    const prompts = Array.from({ length: 10 }, (_, i) => `prompt ${i}`);
    const answers = await Promise.all(prompts.map((prompt) => ask(prompt)));
    assert.deepEqual(answers.map(textOf), prompts.map((prompt) => `model said: you wrote ${prompt}`));
  });
  await check('the user may reject the request to the model', () => failsSomehowNaming('the user rejected it', ask('reject')));
  await check('cancelling a tool cancels what it asked the model', async () => {
    const before = host.cancelled;
    const abort = new AbortController();
    const asked = host.asked.model.length;
    const pending = ask('wait', { signal: abort.signal });
    // What waits below tells when it failed.
    pending.catch(() => {});
    await eventually('the request to the model', () => host.asked.model.length > asked);
    abort.abort('the user went away');
    await assert.rejects(within(10_000, 'cancelling', pending));
    await eventually('the cancellation of the request to the model', () => host.cancelled === before + 1);
  });
  await checkWhereOffered(peer, 'tool ask_model_slowly')('the client tells the progress of its model', async () => {
    const answer = jsonOf(await call(client, 'ask_model_slowly', { prompt: 'slowly now' }));
    assert.deepEqual(answer, { text: 'you wrote slowly now', progress: [[1, 2], [2, 2]] });
  });
  await checkFullRequest(peer);
  await checkToolUse(peer);
}

async function checkFullRequest(peer) {
  const { client, host } = peer;
  const check = checkWhereOffered(peer, 'tool ask_model_fully');
  await check('a request to the model says everything that can be said', async () => {
    const answer = jsonOf(await call(client, 'ask_model_fully'));
    assert.deepEqual(answer, { role: 'assistant', model: 'parrot', stopReason: 'endTurn', text: 'you wrote Which one?' });
    const { messages, _meta, ...request } = host.asked.model.at(-1);
    assert.deepEqual(flat(messages), [
      says('user', text('What is this?')),
      says('user', { type: 'image', mimeType: 'image/png', data: 'iVBORwD/' }),
      says('user', { type: 'audio', mimeType: 'audio/wav', data: 'UklGRgD/' }),
      says('assistant', text('A device')),
      says('user', text('Which one?')),
    ]);
    assert.deepEqual(request, {
      modelPreferences: {
        hints: [{ name: 'parrot' }, { name: 'bird' }], costPriority: 0.25, speedPriority: 0.5, intelligencePriority: 0.75,
      },
      systemPrompt: 'Be brief',
      includeContext: 'none',
      temperature: 0.5,
      maxTokens: 50,
      stopSequences: ['END'],
      metadata: { 'example.com/trace': 'on' },
    });
  });
}

async function checkToolUse(peer) {
  const { client, host } = peer;
  const check = checkWhereOffered(peer, 'tool ask_model_with_tools');
  await check('the model may use a tool of the server, and gets its result', async () => {
    const asked = host.asked.model.length;
    assert.equal(textOf(await call(client, 'ask_model_with_tools')), 'model said: it says weather in Paris: rain');
    const [first, second] = host.asked.model.slice(asked);
    const [tool] = first.tools;
    assert.equal(first.tools.length, 1);
    assert.equal(tool.name, 'weather');
    assert.equal(tool.description, 'Tells the weather of a city');
    assert.equal(tool.inputSchema.properties.city.type, 'string');
    assert.deepEqual(first.toolChoice, { mode: 'auto' });
    assert.deepEqual(second.toolChoice, { mode: 'none' });
    assert.deepEqual(flat(second.messages), [
      says('user', text('How is the weather in Paris?')),
      says('assistant', { type: 'tool_use', id: 'use-1', name: 'weather', input: { city: 'Paris' } }),
      says('user', { type: 'tool_result', toolUseId: 'use-1', content: [text('weather in Paris: rain')] }),
    ]);
  });
}
