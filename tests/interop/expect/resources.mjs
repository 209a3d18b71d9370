// Resources and their templates.

import assert from 'node:assert/strict';

import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';

import { checkWhereOffered } from '../offers.mjs';
import { timeoutOf } from '../timeouts.mjs';
import { call, rejectsWith } from './answers.mjs';
import { allOf } from './pages.mjs';

export const volumeUri = 'device://volume';
const icons = [{ src: 'https://example.com/device.png', mimeType: 'image/png', sizes: ['48x48'] }];

const expectedResources = [
  { uri: volumeUri, name: 'volume', title: 'The volume', description: 'From 0 to 100', mimeType: 'text/plain' },
  {
    uri: 'device://logo', name: 'logo', mimeType: 'image/png', size: 6, icons,
    annotations: { audience: ['user'], priority: 0.2, lastModified: '2025-01-02T03:04:05Z' },
    _meta: { 'example.com/kind': 'picture' },
  },
  { uri: 'device://manual', name: 'manual', mimeType: 'text/plain', size: 10 },
  { uri: 'device://status', name: 'status', mimeType: 'application/json' },
];

const expectedTemplates = [
  {
    uriTemplate: 'device://rooms/{room}/{reading}', name: 'reading', title: 'A reading of a room',
    description: 'What is measured in a room', mimeType: 'text/plain', icons, annotations: { priority: 0.4 },
    _meta: { 'example.com/kind': 'reading' },
  },
  { uriTemplate: 'device://files/{+path}', name: 'file' },
  { uriTemplate: 'device://find{?text,limit}', name: 'find' },
  { uriTemplate: 'device://floors{/floor}', name: 'floor' },
];

const readThrough = [
  ['device://rooms/{room}/{reading}', { room: 'kitchen', reading: 'humidity' }, 'humidity of kitchen'],
  ['device://rooms/{room}/{reading}', { room: 'Küche & Bad/2', reading: '100 %' }, '100 % of Küche & Bad/2'],
  ['device://files/{+path}', { path: 'a/b/c.txt' }, 'file a/b/c.txt'],
  ['device://find{?text,limit}', { text: 'a=b&c', limit: '5' }, 'found a=b&c, at most 5'],
  ['device://floors{/floor}', { floor: '1' }, 'floor 1'],
];

const byName = (a, b) => a.name.localeCompare(b.name);

export async function checkResources(peer) {
  const { client } = peer;
  const check = checkWhereOffered(peer, 'resources');
  const read = async (uri) => {
    const { contents } = await client.readResource({ uri }, { timeout: timeoutOf('resources/read') });
    assert.equal(contents.length, 1, `${contents.length} contents instead of one`);
    return contents[0];
  };
  await check('resources/list says everything about each resource', async () => {
    const listed = await allOf(client, 'resources');
    assert.deepEqual(listed.sort(byName), [...expectedResources].sort(byName));
  });
  await check('resources/templates/list says everything about each template', async () => {
    const listed = await allOf(client, 'templates');
    assert.deepEqual(listed.sort(byName), [...expectedTemplates].sort(byName));
  });
  await check('a computed resource is read', async () => {
    await call(client, 'set_volume', { volume: 42 });
    assert.deepEqual(await read(volumeUri), { uri: volumeUri, mimeType: 'text/plain', text: '42' });
  });
  await check('a binary resource is read as a blob', async () => {
    const logo = await read('device://logo');
    assert.deepEqual(logo, { uri: 'device://logo', mimeType: 'image/png', blob: 'iVBORwD/' });
  });
  await check('a JSON resource keeps its mime type', async () => {
    const status = await read('device://status');
    assert.equal(status.mimeType, 'application/json');
    assert.deepEqual(JSON.parse(status.text), { on: true });
  });
  for (const [template, variables, wanted] of readThrough) {
    const uri = new UriTemplate(template).expand(variables);
    await check(`${uri} is read through its template`, async () => {
      const contents = await read(uri);
      assert.equal(contents.uri, uri);
      assert.equal(contents.text, wanted);
    });
  }
  for (const uri of ['device://nothing', 'device://rooms/kitchen']) {
    await check(`the unknown resource ${uri} is refused with -32002 and its uri`, async () => {
      const { data } = await rejectsWith(-32002, client.readResource({ uri }));
      assert.equal(data?.uri, uri);
    });
  }
}
