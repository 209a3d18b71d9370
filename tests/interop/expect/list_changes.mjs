// Lists that grow and shrink while a session is open; the capability topic tells (T40).

import assert from 'node:assert/strict';

import { eventually } from '../checks.mjs';
import { checkWhereOffered } from '../offers.mjs';
import { call, rejectsWith, textOf } from './answers.mjs';
import { allOf } from './pages.mjs';

const grows = {
  tools: {
    needs: ['tools.listChanged', 'tool grow'],
    with: 'grow',
    says: 'there is a new tool',
    use: async (client) => assert.equal(textOf(await call(client, 'grown')), 'grown'),
    refusal: -32602,
  },
  resources: {
    needs: ['resources.listChanged', 'tool grow_resource'],
    with: 'grow_resource',
    says: 'there is a new resource',
    use: async (client) => assert.equal((await client.readResource({ uri: 'device://grown' })).contents[0].text, 'grown'),
    refusal: -32002,
  },
  prompts: {
    needs: ['prompts.listChanged', 'tool grow_prompt'],
    with: 'grow_prompt',
    says: 'there is a new prompt',
    use: async (client) => assert.equal((await client.getPrompt({ name: 'grown' })).messages[0].content.text, 'grown'),
    refusal: -32602,
  },
};

const hasGrown = async (client, list) => (await allOf(client, list)).some(({ name }) => name === 'grown');

export async function checkListChanges(peer) {
  const { client, transport, listChanges } = peer;
  for (const [list, grow] of Object.entries(grows)) {
    await checkWhereOffered(peer, ...grow.needs)(`what is new in ${list} is announced, listed and usable`, async () => {
      const before = transport.received.capability;
      assert.equal(textOf(await call(client, grow.with)), grow.says);
      await eventually(`${list}/list_changed`, () => listChanges[list] === 1);
      assert.equal(transport.received.capability, before + 1);
      assert.ok(await hasGrown(client, list), 'it is not listed');
      await grow.use(client);
    });
  }
  const needs = ['tool shrink', ...Object.values(grows).flatMap((grow) => grow.needs)];
  await checkWhereOffered(peer, ...needs)('what goes away is announced, no longer listed and refused', async () => {
    assert.equal(textOf(await call(client, 'shrink')), 'it is gone');
    for (const [list, { use, refusal }] of Object.entries(grows)) {
      await eventually(`${list}/list_changed`, () => listChanges[list] === 2);
      assert.ok(!(await hasGrown(client, list)), `${list} still has it`);
      await rejectsWith(refusal, use(client));
    }
  });
}
