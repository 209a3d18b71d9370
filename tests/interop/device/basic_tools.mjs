// The tools that every server has.

import { setTimeout as sleep } from 'node:timers/promises';

import { failed, object, text } from './answers.mjs';
import { volumeUri } from './resources.mjs';

const stepMilliseconds = 20;

/** Counts at 20 ms a step and tells the progress; `told(step)` may tell more. Throws when `signal` says so. */
export async function countTo(to, { device, extra, signal = extra.signal, told = async () => {} }) {
  device.lastCancelled = false;
  const progressToken = extra._meta?.progressToken;
  try {
    for (let step = 1; step <= to; ++step) {
      await sleep(stepMilliseconds, undefined, { signal });
      await told(step);
      if (progressToken === undefined) continue;
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress: step, total: to, message: `step ${step}` },
      });
    }
  } catch (error) {
    if (signal.aborted) device.lastCancelled = true;
    throw error;
  }
}

export const basicTools = [
  {
    name: 'set_volume',
    description: 'Sets the volume',
    inputSchema: object({ volume: { type: 'integer', minimum: 0, maximum: 100 } }, ['volume']),
    async run({ volume }, { device }) {
      device.volume = volume;
      await device.updated(volumeUri);
      return text(`volume is ${volume}`);
    },
  },
  {
    name: 'display',
    description: 'Shows a message',
    inputSchema: object({ message: { type: 'string' } }, ['message']),
    run: ({ message }) => text(`displayed: ${message}`),
  },
  {
    name: 'count',
    description: 'Counts, one step every 20 ms, and tells its progress',
    inputSchema: object({ to: { type: 'integer', minimum: 1 } }, ['to']),
    async run({ to }, context) {
      await countTo(to, context);
      return text(`counted to ${to}`);
    },
  },
  {
    name: 'last_cancelled',
    description: 'Says whether the last count was cancelled',
    inputSchema: object(),
    run: (_, { device }) => text(device.lastCancelled ? 'yes' : 'no'),
  },
  {
    name: 'fail',
    description: 'Fails',
    inputSchema: object(),
    run: () => failed('it failed on purpose'),
  },
  {
    name: 'echo_types',
    description: 'Gives its arguments back as JSON',
    inputSchema: object(
      {
        n: { type: 'number' },
        list: { type: 'array', items: { type: 'string' } },
        map: { type: 'object' },
      },
      ['list', 'map'],
    ),
    run: (args) => text(JSON.stringify(args)),
  },
];
