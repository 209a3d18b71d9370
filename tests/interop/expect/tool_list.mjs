// What tools/list says.

import assert from 'node:assert/strict';

import { checkWhereOffered } from '../offers.mjs';
import { pagesOf } from './pages.mjs';

/** The tools that every server has; the others need what not every server offers. */
const expectedTools = ['count', 'display', 'echo_types', 'fail', 'last_cancelled', 'set_volume'];

/** { tools, pages }: the tools by name, and whether they come in more pages than one. */
export async function checkToolList({ checks, client }) {
  const tools = new Map();
  let pages = false;
  await checks.check('tools/list has each tool once', async () => {
    const listed = await pagesOf(client, 'tools');
    pages = listed.length > 1;
    for (const tool of listed.flat()) tools.set(tool.name, tool);
    assert.equal(tools.size, listed.flat().length, 'a name occurs twice');
    assert.deepEqual(expectedTools.filter((name) => !tools.has(name)), [], 'tools are missing');
    assert.ok(!tools.has('grown'), 'grown is there before grow was called');
  });
  await checks.check('each tool has a description and an object schema with properties', () => {
    for (const { name, description, inputSchema } of tools.values()) {
      assert.ok(description, `${name} has no description`);
      assert.equal(inputSchema.type, 'object', name);
      assert.equal(typeof inputSchema.properties, 'object', `${name} has no properties`);
    }
  });
  await checks.check('the schema of set_volume is an integer from 0 to 100, required', () => {
    const { properties, required } = tools.get('set_volume').inputSchema;
    const { type, minimum, maximum } = properties.volume;
    assert.deepEqual({ type, minimum, maximum }, { type: 'integer', minimum: 0, maximum: 100 });
    assert.deepEqual(required, ['volume']);
  });
  await checks.check('the schema of echo_types has a number, a list of strings and an object', () => {
    const { properties, required } = tools.get('echo_types').inputSchema;
    assert.equal(properties.n.type, 'number');
    assert.equal(properties.list.type, 'array');
    assert.equal(properties.list.items.type, 'string');
    assert.equal(properties.map.type, 'object');
    assert.deepEqual([...required].sort(), ['list', 'map']);
  });
  await checkDescription({ checks, client, tools, pages });
  return { tools, pages };
}

async function checkDescription(peer) {
  const { tools } = peer;
  await checkWhereOffered(peer, 'tool measure')('tools/list says everything about a tool', () => {
    const { title, icons, annotations, _meta, outputSchema } = tools.get('measure');
    assert.equal(title, 'Measure a room');
    assert.deepEqual(icons, [{ src: 'https://example.com/device.png', mimeType: 'image/png', sizes: ['48x48'] }]);
    assert.deepEqual(annotations, {
      title: 'Measure', readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false,
    });
    assert.deepEqual(_meta, { 'example.com/group': 'sensors' });
    assert.equal(outputSchema.type, 'object');
    // A floating point number of C++ may be null too: NaN has no other form.
    assert.ok([outputSchema.properties.celsius.type].flat().includes('number'));
    assert.equal(outputSchema.properties.readings.items.type, 'integer');
    assert.deepEqual([...outputSchema.required].sort(), ['celsius', 'readings', 'room']);
  });
  const needs = ['tool render', 'tool archive'];
  await checkWhereOffered(peer, ...needs)('tools/list says which tools may and must be tasks', () => {
    const supportOf = (name) => tools.get(name).execution?.taskSupport ?? 'forbidden';
    assert.deepEqual(['display', 'render', 'archive'].map(supportOf), ['forbidden', 'optional', 'required']);
  });
}
