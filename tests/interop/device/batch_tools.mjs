// A tool that sends a batch.

import { failed, json, object } from './answers.mjs';

export const batchTools = [
  {
    name: 'send_batch',
    description: 'Sends a log message and two pings to the client as one batch (2025-03-26)',
    inputSchema: object(),
    async run(_, { session }) {
      if (!session.hasBatches()) return failed('this revision has no batches');
      const answers = await session.askBatch([
        { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'emergency', data: 'in a batch' } },
        { jsonrpc: '2.0', id: 'ping-1', method: 'ping' },
        { jsonrpc: '2.0', id: 'ping-2', method: 'ping' },
      ]);
      return json(answers.map(({ result }) => result));
    },
  },
];
