// A server of the official SDK with nothing but a tool `echo`, for benchmarks (scripts/bench): what
// another implementation costs on the same broker. `echo_server.mjs NAME`, the broker's URL in
// MCP_MQTT_BROKER; ends with its standard input.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

import { McpMqttServerHost } from './mqtt_server_transport.mjs';

const serverName = process.argv[2];
if (!serverName || !process.env.MCP_MQTT_BROKER) {
  console.error('usage: MCP_MQTT_BROKER=URL echo_server.mjs SERVER_NAME');
  process.exit(2);
}

const host = new McpMqttServerHost({
  broker: process.env.MCP_MQTT_BROKER,
  serverId: `echo-${process.pid}`,
  serverName,
  description: 'Says it again',
  onBreach: ({ text }) => console.error(text),
  onLost: () => process.exit(1),
  onSessionClosed: () => {},
  async openSession(transport) {
    const server = new McpServer({ name: serverName, version: '1.0.0' });
    server.registerTool('echo', { description: 'Says it again', inputSchema: { text: z.string() } }, ({ text }) => ({
      content: [{ type: 'text', text }],
    }));
    await server.connect(transport);
  },
});

await host.start();
console.log('ready');
process.stdin.resume();
process.stdin.once('end', async () => {
  await host.stop();
  process.exit(0);
});
