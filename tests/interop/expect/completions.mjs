// Completion of the arguments of prompts and of the variables of templates.

import assert from 'node:assert/strict';

import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';

import { checkWhereOffered } from '../offers.mjs';
import { timeoutOf } from '../timeouts.mjs';
import { rejectsWith } from './answers.mjs';

const greet = { type: 'ref/prompt', name: 'greet' };
const reading = { type: 'ref/resource', uri: 'device://rooms/{room}/{reading}' };
const find = { type: 'ref/resource', uri: 'device://find{?text,limit}' };

export async function checkCompletions(peer) {
  const { client } = peer;
  const check = checkWhereOffered(peer, 'completions');
  const complete = async (ref, name, value, known) => {
    const context = known && { context: { arguments: known } };
    const params = { ref, argument: { name, value }, ...context };
    return (await client.complete(params, { timeout: timeoutOf('completion/complete') })).completion;
  };
  const valuesOf = async (...request) => (await complete(...request)).values;

  await check('the argument of a prompt is completed', async () => {
    assert.deepEqual(await valuesOf(greet, 'name', 'A'), ['Ada', 'Alan']);
    assert.deepEqual(await valuesOf(greet, 'name', ''), ['Ada', 'Alan', 'Grace']);
    assert.deepEqual(await valuesOf(greet, 'name', 'Zoe'), []);
  });
  await check('the variable of a template is completed', async () => {
    assert.deepEqual(await valuesOf(reading, 'room', 'ki'), ['kids', 'kitchen']);
  });
  await check('completion knows the arguments that have a value already', async () => {
    assert.deepEqual(await valuesOf(greet, 'style', ''), ['formal', 'friendly']);
    assert.deepEqual(await valuesOf(greet, 'style', '', { name: 'Ada' }), ['formal']);
    assert.deepEqual(await valuesOf(reading, 'reading', '', { room: 'kitchen' }), ['humidity', 'temperature']);
    assert.deepEqual(await valuesOf(reading, 'reading', 'h', { room: 'kids' }), []);
  });
  await check('of more than 100 values the first 100 come, with the number of all', async () => {
    const { values, total, hasMore } = await complete(find, 'text', 'item ');
    assert.deepEqual([values.length, values[0], values[99], total, hasMore], [100, 'item 0', 'item 99', 150, true]);
  });
  await check('what has no values to offer completes to nothing', async () => {
    assert.deepEqual(await valuesOf({ type: 'ref/prompt', name: 'repeat' }, 'word', 'h'), []);
  });
  const nothing = (ref) => complete(ref, 'name', '');
  await check('completion for an unknown prompt is refused with -32602', () =>
    rejectsWith(ErrorCode.InvalidParams, nothing({ type: 'ref/prompt', name: 'no_such_prompt' })));
  // The specification has no code for it.
  await check('completion for an unknown template is refused with -32602 or -32002', () =>
    assert.rejects(nothing({ type: 'ref/resource', uri: 'device://{nothing}' }), ({ code }) => [-32602, -32002].includes(code)));
}
