// Prompts.

import assert from 'node:assert/strict';

import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';

import { checkWhereOffered } from '../offers.mjs';
import { timeoutOf } from '../timeouts.mjs';
import { rejectsWith } from './answers.mjs';
import { allOf } from './pages.mjs';

const text = (value) => ({ type: 'text', text: value });

export async function checkPrompts(peer) {
  const { client } = peer;
  const check = checkWhereOffered(peer, 'prompts');
  const get = (name, args) => client.getPrompt({ name, ...(args && { arguments: args }) }, { timeout: timeoutOf('prompts/get') });
  const messagesOf = async (name, args) => (await get(name, args)).messages;
  const refused = (name, args) => rejectsWith(ErrorCode.InvalidParams, get(name, args));

  await check('prompts/list has each prompt once', async () => {
    const names = (await allOf(client, 'prompts')).map(({ name }) => name);
    assert.deepEqual(names.sort(), ['greet', 'repeat', 'show_logo', 'show_manual']);
  });
  await check('prompts/list says everything about a prompt', async () => {
    const greet = (await allOf(client, 'prompts')).find(({ name }) => name === 'greet');
    assert.equal(greet.title, 'Greet somebody');
    assert.equal(greet.description, 'Greets');
    assert.deepEqual(greet.icons, [{ src: 'https://example.com/device.png', mimeType: 'image/png', sizes: ['48x48'] }]);
    assert.deepEqual(greet._meta, { 'example.com/kind': 'greeting' });
    const [name, style] = greet.arguments;
    assert.deepEqual([name.name, name.description, name.required], ['name', 'Who is greeted', true]);
    assert.deepEqual([style.name, style.description, style.required ?? false], ['style', 'How, if that matters', false]);
  });
  await check('a prompt is made of its arguments', async () => {
    assert.deepEqual(await messagesOf('greet', { name: 'Ada' }), [{ role: 'user', content: text('Say hello to Ada') }]);
  });
  await check('an optional argument may be given', async () => {
    const wanted = [{ role: 'user', content: text('Say hello to Ada in formal style') }];
    assert.deepEqual(await messagesOf('greet', { name: 'Ada', style: 'formal' }), wanted);
  });
  await check('the argument of a prompt may be a number, with a default', async () => {
    assert.deepEqual(await messagesOf('repeat', { word: 'ho', times: '3' }), [{ role: 'user', content: text('ho ho ho') }]);
    assert.deepEqual(await messagesOf('repeat', { word: 'ho' }), [{ role: 'user', content: text('ho ho') }]);
  });
  await check('a prompt may bring a resource along, and have several messages', async () => {
    const resource = { uri: 'device://manual', mimeType: 'text/plain', text: 'turn it on' };
    assert.deepEqual(await messagesOf('show_manual'), [
      { role: 'user', content: { type: 'resource', resource } },
      { role: 'assistant', content: text('I have read it') },
      { role: 'user', content: text('Explain it') },
    ]);
  });
  await check('a prompt may bring an image along', async () => {
    assert.deepEqual(await messagesOf('show_logo'), [
      { role: 'user', content: { type: 'image', mimeType: 'image/png', data: 'iVBORwD/' } },
      { role: 'user', content: text('What is on it?') },
    ]);
  });
  await check('a prompt without its argument is refused with -32602', async () => {
    await refused('greet', {});
    await refused('greet');
  });
  await check('an argument of the wrong type is refused with -32602 and named', async () => {
    const { message } = await refused('repeat', { word: 'ho', times: 'often' });
    assert.ok(message.includes('times'), message);
  });
  await check('an unknown prompt is refused with -32602', () => refused('no_such_prompt'));
}
