// Answers of tools that are more than a text.

import assert from 'node:assert/strict';

import { checkWhereOffered } from '../offers.mjs';
import { call } from './answers.mjs';

const icons = [{ src: 'https://example.com/device.png', mimeType: 'image/png', sizes: ['48x48'] }];

const expectedContents = [
  [
    'a text with annotations and _meta',
    {
      type: 'text', text: 'a text', _meta: { 'example.com/n': 1 },
      annotations: { audience: ['user'], priority: 0.5, lastModified: '2025-01-02T03:04:05Z' },
    },
  ],
  [
    'an image',
    { type: 'image', mimeType: 'image/png', data: 'iVBORwD/', annotations: { audience: ['user', 'assistant'], priority: 1 } },
  ],
  ['a sound', { type: 'audio', mimeType: 'audio/wav', data: 'UklGRgD/' }],
  [
    'an embedded resource of text',
    {
      type: 'resource', annotations: { priority: 0 },
      resource: { uri: 'device://manual', mimeType: 'text/plain', text: 'turn it on' },
    },
  ],
  [
    'an embedded resource of bytes',
    { type: 'resource', resource: { uri: 'device://logo', mimeType: 'image/png', blob: 'iVBORwD/' } },
  ],
  [
    'a link to a resource',
    {
      type: 'resource_link', uri: 'device://manual', name: 'manual', title: 'The manual', description: 'How to use it',
      mimeType: 'text/plain', size: 10, icons, annotations: { audience: ['assistant'] },
    },
  ],
];

export async function checkContents(peer) {
  const { client } = peer;
  const check = checkWhereOffered(peer, 'tool contents');
  for (const [i, [what, wanted]] of expectedContents.entries()) {
    await check(`a tool answers with ${what}`, async () => {
      const { content, isError } = await call(client, 'contents');
      assert.ok(!isError, 'the tool failed');
      assert.equal(content.length, expectedContents.length);
      assert.deepEqual(content[i], wanted);
    });
  }
}

export async function checkStructured(peer) {
  const { client } = peer;
  const check = checkWhereOffered(peer, 'tool measure');
  // The SDK checks structured content against the schema of the last page of tools/list that it saw.
  const measure = async (room) => {
    await client.cacheToolMetadata([...peer.tools.values()]);
    return call(client, 'measure', { room });
  };
  await check('structured content fits the schema, and is there as a text too', async () => {
    const { content, structuredContent, isError } = await measure('kitchen');
    assert.ok(!isError, 'the tool failed');
    assert.deepEqual(structuredContent, { room: 'kitchen', celsius: 21.5, readings: [20, 21, 22] });
    assert.deepEqual(content.map(({ type }) => type), ['text']);
    assert.deepEqual(JSON.parse(content[0].text), structuredContent);
  });
  await check('a result may have _meta', async () => {
    assert.deepEqual((await measure('kitchen'))._meta, { 'example.com/sensor': 's1' });
  });
  await check('a tool with an output schema fails without structured content', async () => {
    const result = await measure('nowhere');
    assert.equal(result.isError, true);
    assert.equal(result.content[0].text, 'there is no such room');
    assert.equal(result.structuredContent, undefined);
  });
}
