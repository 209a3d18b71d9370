// JSON-RPC batches: revision 2025-03-26 has them, the others refuse them.

import assert from 'node:assert/strict';

import { eventually } from '../checks.mjs';
import { checkWhereOffered } from '../offers.mjs';
import { RawSession } from '../raw_session.mjs';
import { jsonOf, textOf } from './answers.mjs';

const display = (id, message) => ({ id, method: 'tools/call', params: { name: 'display', arguments: { message } } });

async function withSession(peer, revision, body) {
  const session = await RawSession.open(peer, revision);
  await session.initialized();
  await body(session);
  await session.leave();
}

export async function checkBatches(peer) {
  await peer.checks.check('2025-03-26: a batch is answered with one batch', () =>
    withSession(peer, '2025-03-26', async (session) => {
      const unknown = { id: 'c', method: 'no/such/method' };
      const notification = { method: 'notifications/no_such' };
      await session.sendBatch([display('a', 'one'), notification, { id: 'b', method: 'ping' }, unknown, display('d', 'two')]);
      await eventually('the batch of answers', () => session.batches.length);
      const answers = new Map(session.batches[0].map((answer) => [answer.id, answer]));
      assert.deepEqual([...answers.keys()].sort(), ['a', 'b', 'c', 'd']);
      assert.equal(textOf(answers.get('a').result), 'displayed: one');
      assert.deepEqual(answers.get('b').result, {});
      assert.equal(answers.get('c').error.code, -32601);
      assert.equal(textOf(answers.get('d').result), 'displayed: two');
    }));
  await checkWhereOffered(peer, 'tool send_batch')('2025-03-26: the server sends a batch', () =>
    withSession(peer, '2025-03-26', async (session) => {
      session.answersTo.ping = {};
      const { result } = await session.call('send_batch');
      assert.deepEqual(jsonOf(result), [{}, {}]);
      assert.deepEqual(session.notified.map(({ params }) => params.data), ['in a batch']);
    }));
  for (const revision of ['2024-11-05', '2025-06-18', '2025-11-25']) {
    await peer.checks.check(`${revision}: a batch is refused, and the session goes on`, () =>
      withSession(peer, revision, async (session) => {
        await session.sendBatch([display('a', 'one'), display('b', 'two')]);
        assert.deepEqual((await session.request('ping')).result, {});
        assert.deepEqual(session.answers.filter(({ id }) => id === 'a' || id === 'b'), []);
        assert.deepEqual(session.batches, []);
      }));
  }
}
