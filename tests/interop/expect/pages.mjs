// Lists that come in pages.

import assert from 'node:assert/strict';

import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';

import { checkWhereOffered, offers } from '../offers.mjs';
import { timeoutOf } from '../timeouts.mjs';
import { rejectsWith } from './answers.mjs';

const pageSize = 3;

/** Method of the SDK's client, name of the method, name of the member. */
export const lists = {
  tools: ['listTools', 'tools/list', 'tools'],
  resources: ['listResources', 'resources/list', 'resources'],
  templates: ['listResourceTemplates', 'resources/templates/list', 'resourceTemplates'],
  prompts: ['listPrompts', 'prompts/list', 'prompts'],
};

export async function pagesOf(client, list) {
  const [ask, method, member] = lists[list];
  const pages = [];
  let cursor;
  // A cursor that never ends would keep a test busy for ever.
  while (pages.length < 100) {
    const answer = await client[ask](cursor === undefined ? {} : { cursor }, { timeout: timeoutOf(method) });
    pages.push(answer[member]);
    cursor = answer.nextCursor;
    if (cursor === undefined) return pages;
  }
  throw new Error(`${method} has more than 100 pages`);
}

export const allOf = async (client, list) => (await pagesOf(client, list)).flat();

export async function checkPages(peer) {
  const { client } = peer;
  for (const [list, [ask, method]] of Object.entries(lists)) {
    const capability = list === 'templates' ? 'resources' : list;
    const check = checkWhereOffered(peer, capability, 'pages');
    await check(`${method} comes in pages of ${pageSize}`, async () => {
      const sizes = (await pagesOf(client, list)).map((page) => page.length);
      assert.ok(sizes.length > 1, 'there is one page only');
      assert.deepEqual(sizes.slice(0, -1).filter((size) => size !== pageSize), [], `the sizes are ${sizes}`);
      assert.ok(sizes.at(-1) >= 1 && sizes.at(-1) <= pageSize, `the sizes are ${sizes}`);
    });
    await check(`the same page of ${method} can be asked for twice`, async () => {
      const first = await client[ask]({});
      const [second, again] = await Promise.all([1, 2].map(() => client[ask]({ cursor: first.nextCursor })));
      assert.deepEqual(again, second);
      assert.notDeepEqual(second, first);
    });
    if (!offers(peer, capability)) continue;
    await peer.checks.check(`${method} refuses an invalid cursor with -32602`, () =>
      rejectsWith(ErrorCode.InvalidParams, client[ask]({ cursor: 'no such page' })));
  }
}
