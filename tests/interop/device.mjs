// The tools, the resource and the prompt that both interop servers offer; README.md is their contract.

import { setTimeout as sleep } from 'node:timers/promises';

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import * as mcp from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';

import { timeoutOf } from './timeouts.mjs';

const volumeUri = 'device://volume';
const resourceNotFound = -32002;
const stepMilliseconds = 20;

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const failed = (value) => ({ ...text(value), isError: true });
const object = (properties = {}, required = []) => ({ type: 'object', properties, required });

/** What the sessions of one server program share. */
export class Device {
  volume = 0;
  lastCancelled = false;
  grown = false;
  /** Sessions that subscribed the volume. */
  watchers = new Set();

  constructor({ announce }) {
    this.announce = announce;
  }
}

const grownTool = {
  name: 'grown',
  description: 'Was not there before',
  inputSchema: object(),
  run: () => text('grown'),
};

const tools = [
  {
    name: 'set_volume',
    description: 'Sets the volume',
    inputSchema: object({ volume: { type: 'integer', minimum: 0, maximum: 100 } }, ['volume']),
    async run({ volume }, { device }) {
      device.volume = volume;
      if (device.watchers.size) {
        await device.announce({
          jsonrpc: '2.0',
          method: 'notifications/resources/updated',
          params: { uri: volumeUri },
        });
      }
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
    async run({ to }, { device, extra }) {
      device.lastCancelled = false;
      const progressToken = extra._meta?.progressToken;
      try {
        for (let step = 1; step <= to; ++step) {
          await sleep(stepMilliseconds, undefined, { signal: extra.signal });
          if (progressToken === undefined) continue;
          await extra.sendNotification({
            method: 'notifications/progress',
            params: { progressToken, progress: step, total: to, message: `step ${step}` },
          });
        }
      } catch (error) {
        if (extra.signal.aborted) device.lastCancelled = true;
        throw error;
      }
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
  {
    name: 'ask_model',
    description: "Asks the client's model",
    inputSchema: object({ prompt: { type: 'string' } }, ['prompt']),
    async run({ prompt }, { server }) {
      const answer = await server.createMessage(
        { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 100 },
        { timeout: timeoutOf('sampling/createMessage') },
      );
      return text(`model said: ${answer.content.text}`);
    },
  },
  {
    name: 'list_roots',
    description: "Lists the client's roots, and how often the client said that they changed",
    inputSchema: object(),
    async run(_, { server, session }) {
      const { roots } = await server.listRoots({}, { timeout: timeoutOf('roots/list') });
      return text(JSON.stringify({ roots: roots.map((root) => root.uri), changes: session.rootChanges }));
    },
  },
  {
    name: 'grow',
    description: 'Adds the tool grown',
    inputSchema: object(),
    async run(_, { device }) {
      device.grown = true;
      await device.announce({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      return text('there is a new tool');
    },
  },
  {
    name: 'log_two',
    description: 'Logs "quiet" at level info and "loud" at level error',
    inputSchema: object(),
    async run(_, { server }) {
      await server.sendLoggingMessage({ level: 'info', data: 'quiet' });
      await server.sendLoggingMessage({ level: 'error', data: 'loud' });
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
    name: 'hang_up',
    description: 'Answers, then ends this session from the side of the server',
    inputSchema: object(),
    run(_, { session }) {
      session.hangUp();
      return text('good bye');
    },
  },
];

const validators = new Map();
const checker = new AjvJsonSchemaValidator();

function problemWith(tool, args) {
  if (!validators.has(tool.name)) validators.set(tool.name, checker.getValidator(tool.inputSchema));
  const verdict = validators.get(tool.name)(args);
  return verdict.valid ? null : verdict.errorMessage;
}

/** The SDK server object of one session. `hangUp` ends the session soon after it returned. */
export function openDevice(device, { hangUp }) {
  const server = new Server(
    { name: 'interop-device', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true },
        prompts: {},
        logging: {},
      },
    },
  );
  const session = { rootChanges: 0, hangUp };
  const offered = () => (device.grown ? [...tools, grownTool] : tools);

  server.setRequestHandler(mcp.ListToolsRequestSchema, ({ params }) => {
    if (params?.cursor !== undefined) throw new mcp.McpError(-32602, `unknown cursor ${params.cursor}`);
    return { tools: offered().map(({ run, ...tool }) => tool) };
  });
  server.setRequestHandler(mcp.CallToolRequestSchema, async ({ params }, extra) => {
    const tool = offered().find((each) => each.name === params.name);
    if (!tool) throw new mcp.McpError(-32602, `unknown tool ${params.name}`);
    const args = params.arguments ?? {};
    const problem = problemWith(tool, args);
    return problem ? failed(problem) : tool.run(args, { device, server, session, extra });
  });

  server.setRequestHandler(mcp.ListResourcesRequestSchema, () => ({
    resources: [{ uri: volumeUri, name: 'volume', mimeType: 'text/plain' }],
  }));
  server.setRequestHandler(mcp.ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [] }));
  const known = (uri) => {
    if (uri !== volumeUri) throw new mcp.McpError(resourceNotFound, 'Resource not found', { uri });
  };
  server.setRequestHandler(mcp.ReadResourceRequestSchema, ({ params }) => {
    known(params.uri);
    return { contents: [{ uri: volumeUri, mimeType: 'text/plain', text: String(device.volume) }] };
  });
  server.setRequestHandler(mcp.SubscribeRequestSchema, ({ params }) => {
    known(params.uri);
    device.watchers.add(session);
    return {};
  });
  server.setRequestHandler(mcp.UnsubscribeRequestSchema, ({ params }) => {
    known(params.uri);
    device.watchers.delete(session);
    return {};
  });

  server.setRequestHandler(mcp.ListPromptsRequestSchema, () => ({
    prompts: [{ name: 'greet', description: 'Greets', arguments: [{ name: 'name', required: true }] }],
  }));
  server.setRequestHandler(mcp.GetPromptRequestSchema, ({ params }) => {
    if (params.name !== 'greet') throw new mcp.McpError(-32602, `unknown prompt ${params.name}`);
    if (params.arguments?.name === undefined) throw new mcp.McpError(-32602, 'argument name is missing');
    return {
      messages: [{ role: 'user', content: { type: 'text', text: `Say hello to ${params.arguments.name}` } }],
    };
  });

  server.setNotificationHandler(mcp.RootsListChangedNotificationSchema, () => {
    ++session.rootChanges;
  });
  server.onclose = () => device.watchers.delete(session);
  return server;
}
