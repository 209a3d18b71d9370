// Log messages, from the level on that each session asked for.

import assert from 'node:assert/strict';

import { LoggingLevelSchema } from '@modelcontextprotocol/sdk/types.js';

import { checkWhereOffered } from '../offers.mjs';
import { timeoutOf } from '../timeouts.mjs';
import { call, rejectsWith, textOf } from './answers.mjs';

const levels = LoggingLevelSchema.options;

async function logAll({ client, heard }) {
  heard.logs.length = 0;
  assert.equal(textOf(await call(client, 'log_all')), 'logged');
  await client.ping();
  return heard.logs.splice(0);
}

export async function checkLogging(peer) {
  const { checks, client, heard } = peer;
  const setLevel = (level) => client.setLoggingLevel(level, { timeout: timeoutOf('logging/setLevel') });
  await checkWhereOffered(peer, 'logging', 'tool log_two')('log messages come from the level on that was asked for', async () => {
    await setLevel('debug');
    await call(client, 'log_two');
    await setLevel('error');
    await call(client, 'log_two');
    await client.ping();
    assert.deepEqual(
      heard.logs.splice(0).map(({ level, data }) => ({ level, data })),
      [{ level: 'info', data: 'quiet' }, { level: 'error', data: 'loud' }, { level: 'error', data: 'loud' }],
    );
  });
  const check = checkWhereOffered(peer, 'logging', 'tool log_all');
  await check('all eight levels are told, with their logger and their data', async () => {
    await setLevel('debug');
    assert.deepEqual(await logAll(peer), levels.map((level) => ({ level, logger: 'device', data: { at: level } })));
  });
  await check('each level silences those below it', async () => {
    for (const [i, level] of levels.entries()) {
      await setLevel(level);
      assert.deepEqual((await logAll(peer)).map((log) => log.level), levels.slice(i), `from ${level} on`);
    }
  });
  await checkWhereOffered(peer, 'logging')('an unknown level is refused with -32602', () =>
    rejectsWith(-32602, client.setLoggingLevel('loud')));
}

/** Each session has a level of its own. */
export async function checkForeignLogging(first, second) {
  const check = checkWhereOffered(first, 'logging', 'tool log_all');
  await check('the level of one session is none of the other', async () => {
    await first.client.setLoggingLevel('emergency');
    await second.client.setLoggingLevel('alert');
    assert.equal((await logAll(second)).length, 2);
    assert.equal((await logAll(first)).length, 1);
    assert.deepEqual(second.heard.logs, [], 'what one session caused was told to the other');
  });
}
