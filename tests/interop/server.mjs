// An MCP server made of the official SDK over MQTT. Prints "ready" when it is online, a line for each
// session, and "not ok - …" for each rule that a client broke. SIGTERM: leaves gracefully (T11) and
// exits with 1 when a rule was broken. With --usage told it says before what no client used.

import { readArguments } from './arguments.mjs';
import { Device } from './device/device.mjs';
import { openDevice } from './device/offer.mjs';
import { RevisionGate } from './device/revision_gate.mjs';
import { Usage } from './device/usage.mjs';
import { McpMqttServerHost } from './mqtt_server_transport.mjs';

const options = readArguments(
  'server.mjs --broker URL --name SERVER_NAME --id SERVER_ID [--updates broadcast|copy] [--usage told]',
  { broker: undefined, name: undefined, id: undefined, updates: 'broadcast', usage: '' },
);

let failures = 0;
const fail = (what) => {
  ++failures;
  console.log(`not ok - ${what}`);
};
const onBreach = ({ rule, text }) => fail(`[${rule}] ${text}`);

const usage = new Usage();
const device = new Device({ announce: (message) => host.announce(message), copies: options.updates === 'copy' });

/** The gate of one session, which also sees what the client uses. */
function gateOf(clientId) {
  const gate = new RevisionGate(({ rule, text }) => onBreach({ rule, text: `${clientId}: ${text}` }));
  return {
    incoming(message) {
      usage.note(message);
      gate.incoming(message);
    },
    outgoing: (message) => gate.outgoing(message),
    hasBatches: () => gate.hasBatches(),
  };
}

const host = new McpMqttServerHost({
  broker: options.broker,
  serverId: options.id,
  serverName: options.name,
  description: 'Interop server on the TypeScript SDK',
  meta: { location: 'test' },
  onBreach,
  onLost: () => {
    console.log('the connection to the broker was lost');
    process.exit(1);
  },
  onSessionClosed: (clientId, reason) => console.log(`session closed ${clientId}: ${reason}`),
  async openSession(transport) {
    console.log(`session opened ${transport.clientId}`);
    transport.gate = gateOf(transport.clientId);
    // After the answer to the call that asked for it.
    const hangUp = () => setTimeout(() => void transport.close(), 50);
    const server = openDevice(device, {
      hangUp,
      send: (message) => transport.send(message),
      hasBatches: () => transport.gate.hasBatches(),
      askBatch: (messages) => transport.askBatch(messages),
    });
    server.oninitialized = () => console.log(`session initialized ${transport.clientId}`);
    server.onerror = (error) => fail(`${transport.clientId}: ${error.message}`);
    await server.connect(transport);
  },
});

process.once('SIGTERM', async () => {
  await host.stop();
  if (options.usage) for (const feature of usage.missing) console.log(`# not used - ${feature}`);
  console.log('left');
  process.exitCode = failures ? 1 : 0;
});

await host.start();
console.log(`serving ${host.serverName}`);
console.log('ready');
