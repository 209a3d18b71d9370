// The server of one session: everything that README.md says a server offers.

import { InMemoryTaskMessageQueue } from '@modelcontextprotocol/sdk/experimental/tasks';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import * as mcp from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';

import { failed, icon } from './answers.mjs';
import { batchTools } from './batch_tools.mjs';
import { basicTools } from './basic_tools.mjs';
import { offerCompletions } from './completions.mjs';
import { contentTools } from './content_tools.mjs';
import { offerLogging } from './logging.mjs';
import { modelTools } from './model_tools.mjs';
import { pageOf } from './pages.mjs';
import { offerPrompts } from './prompts.mjs';
import { answer } from './requests.mjs';
import { offerResources } from './resources.mjs';
import { grownTool, sessionTools } from './session_tools.mjs';
import { offerTasks, startTask, taskTools } from './task_tools.mjs';
import { CancellingTaskStore } from './task_store.mjs';
import { userTools } from './user_tools.mjs';

export const tools = [...basicTools, ...sessionTools, ...contentTools, ...modelTools, ...userTools, ...taskTools, ...batchTools];

const serverInfo = {
  name: 'interop-device', version: '1.0.0', title: 'The interop device', description: 'Offers everything',
  websiteUrl: 'https://example.com/device', icons: [icon],
};
const capabilities = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  logging: {},
  completions: {},
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
};
const instructions = 'Turn the volume with care';

const validators = new Map();
const checker = new AjvJsonSchemaValidator();

function problemWith(tool, args) {
  if (!validators.has(tool.name)) validators.set(tool.name, checker.getValidator(tool.inputSchema));
  const verdict = validators.get(tool.name)(args);
  return verdict.valid ? null : verdict.errorMessage;
}

function offerTools(server, context) {
  const { device } = context;
  const offered = () => (device.grown.tool ? [...tools, grownTool] : tools);

  answer(server, mcp.ListToolsRequestSchema, ({ cursor }) => {
    const { page, nextCursor } = pageOf(offered(), cursor);
    return { tools: page.map(({ run, ...tool }) => tool), nextCursor };
  });
  answer(server, mcp.CallToolRequestSchema, (params, extra) => {
    const tool = offered().find((each) => each.name === params.name);
    if (!tool) throw new mcp.McpError(-32602, `unknown tool ${params.name}`);
    const support = tool.execution?.taskSupport ?? 'forbidden';
    if (params.task && support === 'forbidden') throw new mcp.McpError(-32601, `${tool.name} is no task`);
    if (!params.task && support === 'required') throw new mcp.McpError(-32601, `${tool.name} must be called as a task`);
    const args = params.arguments ?? {};
    const problem = problemWith(tool, args);
    if (problem) return failed(problem);
    return params.task
      ? startTask(tool, args, params, { ...context, extra })
      : tool.run(args, { ...context, extra });
  });
}

/**
 * The SDK server object of one session. `link` is the session's own: hangUp() ends it soon after it
 * returned, send(message) and askBatch(messages) go around the SDK, hasBatches().
 */
export function openDevice(device, link) {
  const tasks = new CancellingTaskStore();
  const server = new Server(serverInfo, {
    capabilities, instructions, taskStore: tasks, taskMessageQueue: new InMemoryTaskMessageQueue(),
  });
  tasks.oncancelled = (task) =>
    void server.notification({ method: 'notifications/tasks/status', params: task }).catch((error) => server.onerror?.(error));
  const session = { rootChanges: 0, level: 'info', ...link };
  const context = { device, server, session, tasks };
  offerTools(server, context);
  offerResources(server, context);
  offerPrompts(server, context);
  offerCompletions(server);
  offerLogging(server, context);
  offerTasks(server, context);
  server.setNotificationHandler(mcp.RootsListChangedNotificationSchema, () => {
    ++session.rootChanges;
  });
  server.onclose = () => {
    device.forget(session);
    tasks.cleanup();
  };
  return server;
}
