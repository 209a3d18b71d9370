// Tools that answer with more than a text.

import { failed, icon, object, picture, sound } from './answers.mjs';
import { logo, manual } from './resources.mjs';

const measured = { celsius: 21.5, readings: [20, 21, 22] };

export const contentTools = [
  {
    name: 'contents',
    description: 'Answers with every type of content',
    inputSchema: object(),
    run: () => ({
      content: [
        {
          type: 'text', text: 'a text', _meta: { 'example.com/n': 1 },
          annotations: { audience: ['user'], priority: 0.5, lastModified: '2025-01-02T03:04:05Z' },
        },
        { type: 'image', ...picture, annotations: { audience: ['user', 'assistant'], priority: 1 } },
        { type: 'audio', ...sound },
        { type: 'resource', resource: manual, annotations: { priority: 0 } },
        { type: 'resource', resource: logo },
        {
          type: 'resource_link', uri: manual.uri, name: 'manual', title: 'The manual', description: 'How to use it',
          mimeType: manual.mimeType, size: 10, icons: [icon], annotations: { audience: ['assistant'] },
        },
      ],
    }),
  },
  {
    name: 'measure',
    title: 'Measure a room',
    description: 'Measures the temperature of a room',
    icons: [icon],
    annotations: {
      title: 'Measure', readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false,
    },
    _meta: { 'example.com/group': 'sensors' },
    inputSchema: object({ room: { type: 'string' } }, ['room']),
    outputSchema: object(
      {
        room: { type: 'string' },
        celsius: { type: 'number' },
        readings: { type: 'array', items: { type: 'integer' } },
      },
      ['room', 'celsius', 'readings'],
    ),
    run({ room }) {
      if (room === 'nowhere') return failed('there is no such room');
      const structuredContent = { room, ...measured };
      return {
        content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
        structuredContent,
        _meta: { 'example.com/sensor': 's1' },
      };
    },
  },
];
