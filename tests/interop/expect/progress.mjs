// Progress and cancellation of the client's own calls.

import assert from 'node:assert/strict';

import { eventually, signal, within } from '../checks.mjs';
import { call, textOf } from './answers.mjs';

export async function checkProgressAndCancel({ checks, client, troubles }) {
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
