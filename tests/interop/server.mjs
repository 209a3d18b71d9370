// An MCP server made of the official SDK over MQTT. Prints "ready" when it is online, a line for each
// session, and "not ok - …" for each rule that a client broke. SIGTERM: leaves gracefully (T11) and
// exits with 1 when a rule was broken.

import { readArguments } from './arguments.mjs';
import { Device, openDevice } from './device.mjs';
import { McpMqttServerHost } from './mqtt_server_transport.mjs';

const { broker, name, id } = readArguments('server.mjs --broker URL --name SERVER_NAME --id SERVER_ID', {
  broker: undefined,
  name: undefined,
  id: undefined,
});

let failures = 0;
const fail = (what) => {
  ++failures;
  console.log(`not ok - ${what}`);
};

const device = new Device({ announce: (message) => host.announce(message) });

const host = new McpMqttServerHost({
  broker,
  serverId: id,
  serverName: name,
  description: 'Interop server on the TypeScript SDK',
  meta: { location: 'test' },
  onBreach: ({ rule, text }) => fail(`[${rule}] ${text}`),
  onLost: () => {
    console.log('the connection to the broker was lost');
    process.exit(1);
  },
  onSessionClosed: (clientId, reason) => console.log(`session closed ${clientId}: ${reason}`),
  async openSession(transport) {
    console.log(`session opened ${transport.clientId}`);
    // After the answer to the call that asked for it.
    const hangUp = () => setTimeout(() => void transport.close(), 50);
    const server = openDevice(device, { hangUp });
    server.oninitialized = () => console.log(`session initialized ${transport.clientId}`);
    server.onerror = (error) => fail(`${transport.clientId}: ${error.message}`);
    await server.connect(transport);
  },
});

process.once('SIGTERM', async () => {
  await host.stop();
  console.log('left');
  process.exitCode = failures ? 1 : 0;
});

await host.start();
console.log(`serving ${host.serverName}`);
console.log('ready');
