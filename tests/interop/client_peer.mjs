// An SDK client in a session with the server under test, and all that arrived beside answers.

import { randomBytes } from 'node:crypto';

import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { clientCapabilities, Host } from './client_host.mjs';
import { McpMqttClient, McpMqttClientTransport } from './mqtt_client_transport.mjs';
import { timeoutOf } from './timeouts.mjs';

/** T30: an id of its own for each connection, all of the same length. */
const freshClientId = () => `interop-${randomBytes(8).toString('hex')}`;

export async function connect({ checks, broker }) {
  const client = new McpMqttClient({
    clientId: freshClientId(),
    onBreach: ({ rule, text }) => checks.fail(`[${rule}] ${text}`),
  });
  await client.connect({ broker });
  return client;
}

const heard = {
  logs: mcp.LoggingMessageNotificationSchema,
  updates: mcp.ResourceUpdatedNotificationSchema,
  completed: mcp.ElicitationCompleteNotificationSchema,
  taskStatus: mcp.TaskStatusNotificationSchema,
};

const listChanges = {
  tools: mcp.ToolListChangedNotificationSchema,
  resources: mcp.ResourceListChangedNotificationSchema,
  prompts: mcp.PromptListChangedNotificationSchema,
};

/**
 * { checks, client, transport, host, heard, listChanges, troubles }: `heard` has the params of
 * notifications by kind, `listChanges` how often each list was said to have changed.
 */
export async function openSession({ checks }, mqttClient, server) {
  const host = new Host();
  const peer = {
    checks,
    host,
    heard: Object.fromEntries(Object.keys(heard).map((kind) => [kind, []])),
    listChanges: { tools: 0, resources: 0, prompts: 0 },
    troubles: [],
    transport: new McpMqttClientTransport(mqttClient, server),
    client: new Client(
      { name: 'interop-client', version: '1.0.0', title: 'The interop client' },
      { capabilities: clientCapabilities, taskStore: new InMemoryTaskStore() },
    ),
  };
  const { client } = peer;
  client.onerror = (error) => peer.troubles.push(error.message);
  host.serve(client);
  for (const [kind, schema] of Object.entries(heard)) {
    client.setNotificationHandler(schema, ({ params }) => {
      peer.heard[kind].push(params);
    });
  }
  for (const [list, schema] of Object.entries(listChanges)) {
    client.setNotificationHandler(schema, () => {
      ++peer.listChanges[list];
    });
  }
  await client.connect(peer.transport, { timeout: timeoutOf('initialize') });
  return peer;
}
