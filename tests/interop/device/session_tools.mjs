// Tools about the session itself: what changes, is logged, pinged and ended.

import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';

import { timeoutOf } from '../timeouts.mjs';
import { json, object, text } from './answers.mjs';
import { levels, log } from './logging.mjs';

const grow = (name, kind, what) => ({
  name,
  description: `Adds the ${kind} grown`,
  inputSchema: object(),
  async run(_, { device }) {
    await device.setGrown(kind, true);
    return text(`there is a new ${what}`);
  },
});

export const grownTool = {
  name: 'grown',
  description: 'Was not there before',
  inputSchema: object(),
  run: () => text('grown'),
};

export const sessionTools = [
  {
    name: 'list_roots',
    description: "Lists the client's roots, and how often the client said that they changed",
    inputSchema: object(),
    async run(_, { server, session }) {
      server.assertCapabilityForMethod('roots/list');
      const { roots } = await server.listRoots({}, { timeout: timeoutOf('roots/list') });
      return json({ roots: roots.map((root) => root.uri), changes: session.rootChanges });
    },
  },
  grow('grow', 'tool', 'tool'),
  grow('grow_resource', 'resource', 'resource'),
  grow('grow_prompt', 'prompt', 'prompt'),
  {
    name: 'shrink',
    description: 'Takes away what grow, grow_resource and grow_prompt added',
    inputSchema: object(),
    async run(_, { device }) {
      for (const kind of Object.keys(device.grown)) await device.setGrown(kind, false);
      return text('it is gone');
    },
  },
  {
    name: 'touch',
    description: 'Says that a resource changed',
    inputSchema: object({ uri: { type: 'string' } }, ['uri']),
    async run({ uri }, { device }) {
      await device.updated(uri);
      return text(`touched ${uri}`);
    },
  },
  {
    name: 'log_two',
    description: 'Logs "quiet" at level info and "loud" at level error',
    inputSchema: object(),
    async run(_, context) {
      await log(context, { level: 'info', data: 'quiet' });
      await log(context, { level: 'error', data: 'loud' });
      return text('logged');
    },
  },
  {
    name: 'log_all',
    description: 'Logs once at each level',
    inputSchema: object(),
    async run(_, context) {
      for (const level of levels) await log(context, { level, logger: 'device', data: { at: level } });
      return text('logged');
    },
  },
  {
    name: 'ping_client',
    description: 'Pings the client',
    inputSchema: object(),
    async run(_, { server }) {
      await server.ping();
      return text('pong');
    },
  },
  {
    name: 'send_request',
    description: 'Sends any request to the client, also what the client never declared, and gives the answer as JSON',
    inputSchema: object({ method: { type: 'string' }, params: { type: 'object' } }, ['method']),
    async run({ method, params = {} }, { server }) {
      return json(await server.request({ method, params }, ResultSchema));
    },
  },
  {
    name: 'hang_up',
    description: 'Answers, then ends this session from the side of the server',
    inputSchema: object(),
    run(_, { session }) {
      session.hangUp();
      return text('good bye');
    },
  },
];
