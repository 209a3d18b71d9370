// What completes the arguments of prompts and the variables of templates.

import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { answer } from './requests.mjs';

/** The specification's limit. */
const most = 100;

/** By what is completed, then by argument: the candidates, given the arguments that have a value. */
const candidates = {
  greet: {
    name: () => ['Ada', 'Alan', 'Grace'],
    style: ({ name }) => (name === 'Ada' ? ['formal'] : ['formal', 'friendly']),
  },
  repeat: {},
  show_manual: {},
  show_logo: {},
  'device://rooms/{room}/{reading}': {
    room: () => ['kids', 'kitchen', 'living'],
    reading: ({ room }) => (room === 'kitchen' ? ['humidity', 'temperature'] : ['temperature']),
  },
  'device://files/{+path}': {},
  'device://find{?text,limit}': {
    text: () => Array.from({ length: 150 }, (_, i) => `item ${i}`),
  },
  'device://floors{/floor}': {},
};

export function offerCompletions(server) {
  answer(server, mcp.CompleteRequestSchema, ({ ref, argument, context }) => {
    const about = candidates[ref.name ?? ref.uri];
    if (!about) throw new mcp.McpError(-32602, `nothing to complete: ${ref.name ?? ref.uri}`);
    const all = about[argument.name]?.(context?.arguments ?? {}) ?? [];
    const values = all.filter((value) => value.startsWith(argument.value));
    return { completion: { values: values.slice(0, most), total: values.length, hasMore: values.length > most } };
  });
}
