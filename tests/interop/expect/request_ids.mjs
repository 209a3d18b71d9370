// Ids of requests: any type, and not twice at a time.

import assert from 'node:assert/strict';

import { eventually } from '../checks.mjs';
import { RawSession } from '../raw_session.mjs';
import { textOf } from './answers.mjs';

export async function checkRequestIds(peer) {
  const session = await RawSession.open(peer, '2025-11-25');
  await session.initialized();
  const call = (id, name, args) => session.send({ id, method: 'tools/call', params: { name, arguments: args } });
  const answersTo = (id) => session.answers.filter((answer) => answer.id === id);
  const answered = (id, times = 1) => eventually(`the answer to ${id}`, () => answersTo(id).length >= times);

  await peer.checks.check('an id is a number or a string, and comes back as it was', async () => {
    for (const id of ['7', 7_000, 0, -5, 'ü', '']) {
      await call(id, 'display', { message: String(id) });
      await answered(id);
      assert.equal(textOf(answersTo(id)[0].result), `displayed: ${id}`);
    }
  });
  await peer.checks.check('an id that is in flight is refused with -32600, and the first request goes on', async () => {
    await call('twice', 'count', { to: 20 });
    await call('twice', 'display', { message: 'no' });
    await answered('twice', 2);
    const [refused, counted] = answersTo('twice');
    assert.equal(refused.error?.code, -32600, JSON.stringify(refused));
    assert.equal(textOf(counted.result), 'counted to 20');
  });
  await peer.checks.check('an id that was answered may be used again', async () => {
    const before = answersTo('twice').length;
    await call('twice', 'display', { message: 'again' });
    await answered('twice', before + 1);
    assert.equal(textOf(answersTo('twice').at(-1).result), 'displayed: again');
  });
  await session.leave();
}
