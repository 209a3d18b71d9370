// The official SDK as a host of MCP's reference server, over two transports that the SDK knows
// nothing of: SDK client - mcp-mqtt bridge - broker - mcp-mqtt expose - server-everything.
// Usage: everything_host.mjs COMMAND [ARGUMENTS…]
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

const [command, ...args] = process.argv.slice(2);
const errors = [];
let updated;
const wasUpdated = new Promise((resolve) => (updated = resolve));
const client = new Client(
  { name: 'sdk-host', version: '1.0.0' },
  { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
);
client.onerror = (error) => errors.push(String(error));
client.setRequestHandler(CreateMessageRequestSchema, async () => ({
  role: 'assistant',
  model: 'parrot',
  content: { type: 'text', text: 'a model speaks' },
}));
client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'decline' }));
client.setRequestHandler(ListRootsRequestSchema, async () => ({
  roots: [{ uri: 'file:///garden', name: 'Garden' }],
}));
client.setNotificationHandler(ResourceUpdatedNotificationSchema, (n) => updated(n.params.uri));

const transport = new StdioClientTransport({ command, args, env: process.env, stderr: 'inherit' });
await client.connect(transport);
// As it arrives: the SDK forgets progress that comes in one piece with the answer.
const steps = [];
const hear = transport.onmessage;
transport.onmessage = (message, ...more) => {
  if (message.method === 'notifications/progress') steps.push(message.params.progress);
  hear(message, ...more);
};
assert.equal(client.getServerVersion().name, 'mcp-servers/everything');
assert.match(client.getInstructions(), /Everything Server/);

const { tools } = await client.listTools();
for (const name of ['echo', 'get-sum', 'trigger-long-running-operation', 'trigger-sampling-request']) {
  assert.ok(tools.some((tool) => tool.name === name), name);
}
const call = async (name, given = {}, options = {}) =>
  (await client.callTool({ name, arguments: given }, undefined, options)).content;
assert.equal((await call('echo', { message: 'hello' }))[0].text, 'Echo: hello');
assert.match((await call('get-sum', { a: 2, b: 3 }))[0].text, /is 5/);
await call('trigger-long-running-operation', { duration: 1, steps: 4 }, { onprogress: () => {} });
assert.deepEqual(steps, [1, 2, 3, 4]);
assert.match(JSON.stringify(await call('trigger-sampling-request', { prompt: 'x', maxTokens: 9 })), /a model speaks/);
assert.match(JSON.stringify(await call('trigger-elicitation-request')), /declin/);
assert.match(JSON.stringify(await call('get-roots-list')), /file:\/\/\/garden/);

const { resources } = await client.listResources();
const read = await client.readResource({ uri: resources[0].uri });
assert.ok(read.contents[0].text || read.contents[0].blob);
const { prompts } = await client.listPrompts();
assert.ok(prompts.length >= 2);
const { messages } = await client.getPrompt({ name: prompts[0].name });
assert.ok(messages.length > 0);

await client.subscribeResource({ uri: 'demo://resource/dynamic/text/1' });
await call('toggle-subscriber-updates');
assert.equal(await wasUpdated, 'demo://resource/dynamic/text/1');
await assert.rejects(client.callTool({ name: 'echo', arguments: {} }).then((result) => {
  assert.ok(result.isError);
  throw new Error('as it should be');
}), /as it should be/);
// What the SDK says of the progress that it forgot.
const forgotten = /unknown token: .*"progress":4,/;
assert.deepEqual(errors.filter((error) => !forgotten.test(error)), []);
await client.close();
console.log('all good');
