// The official SDK as a host: its stdio client starts `mcp-mqtt bridge …` and uses all that the
// server in workshop.cpp has. Usage: sdk_host.mjs NAME_PREFIX URI_PREFIX COMMAND [ARGUMENTS…]
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

const [namePrefix, uriPrefix, command, ...args] = process.argv.slice(2);
const name = (tool) => namePrefix + tool;
const uri = (resource) => uriPrefix + resource;

const heard = { log: [], updated: [], changed: 0, errors: [] };
const client = new Client(
  { name: 'sdk-host', version: '1.0.0' },
  { capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } } },
);
client.onerror = (error) => heard.errors.push(String(error));
client.setRequestHandler(CreateMessageRequestSchema, async (request) => ({
  role: 'assistant',
  model: 'a-model',
  content: { type: 'text', text: `about ${request.params.messages[0].content.text}` },
}));
client.setRequestHandler(ElicitRequestSchema, async (request) => {
  heard.elicitation = request.params.message;
  return { action: 'accept', content: { colour: 'green' } };
});
client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: [{ uri: 'file:///work' }] }));
client.setNotificationHandler(LoggingMessageNotificationSchema, (n) => void heard.log.push(n.params));
client.setNotificationHandler(ResourceUpdatedNotificationSchema, (n) => void heard.updated.push(n.params.uri));
client.setNotificationHandler(ToolListChangedNotificationSchema, () => void ++heard.changed);

const transport = new StdioClientTransport({ command, args, env: process.env, stderr: 'inherit' });
await client.connect(transport);
const text = (result) => result.content[0].text;
const call = (tool, given = {}, options = {}) =>
  client.callTool({ name: name(tool), arguments: given }, undefined, options);

const { tools } = await client.listTools();
const mine = tools.map((tool) => tool.name).filter((tool) => tool.startsWith(namePrefix));
assert.deepEqual(mine.sort(), ['ask_model', 'ask_roots', 'ask_user', 'print', 'saw', 'show', 'slow'].map(name));

await client.setLoggingLevel('info');
assert.equal(text(await call('saw', { cuts: 3 })), '3 cuts');
assert.equal(heard.log.length, 1);
assert.equal(heard.log[0].data, 'dust');

assert.equal(text(await call('ask_model')), 'about Which glue?');
// The SDK forgets progress that comes together with the answer; here the answer waits for the user.
const progress = [];
assert.equal(text(await call('ask_user', {}, { onprogress: (p) => progress.push(p.message) })), 'green');
assert.deepEqual(progress, ['asking']);
assert.ok(heard.elicitation.endsWith('Which colour?'));
assert.equal(text(await call('ask_roots')), 'file:///work');
await client.sendRootsListChanged();

const { resources } = await client.listResources();
assert.ok(resources.some((resource) => resource.uri === uri('plan://1')));
assert.equal((await client.readResource({ uri: uri('wood://elm') })).contents[0].text, 'elm is wood');
const { resourceTemplates } = await client.listResourceTemplates();
assert.ok(resourceTemplates.some((template) => template.uriTemplate === uri('wood://{kind}')));
const shown = await call('show');
assert.equal((await client.readResource({ uri: shown.content[0].uri })).contents[0].text, 'Measure once.');
await client.subscribeResource({ uri: uri('plan://1') });
await client.unsubscribeResource({ uri: uri('plan://1') });

const { prompts } = await client.listPrompts();
assert.ok(prompts.some((prompt) => prompt.name === name('build')));
const prompt = await client.getPrompt({ name: name('build'), arguments: { what: 'bench' } });
assert.equal(prompt.messages[0].content.text, 'Build a bench');
const completed = await client.complete({
  ref: { type: 'ref/prompt', name: name('build') },
  argument: { name: 'what', value: 'bo' },
});
assert.deepEqual(completed.completion.values, ['box']);

const abort = new AbortController();
const slow = call('slow', {}, { signal: abort.signal });
await client.ping();
abort.abort('enough');
await assert.rejects(slow, /enough/);
await assert.rejects(client.readResource({ uri: uri('nothing://') }), /-32002/);
await client.ping();

assert.deepEqual(heard.errors, []);
await client.close();
console.log(`all good ${heard.changed}`);
