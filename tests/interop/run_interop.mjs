// node run_interop.mjs server [complete] PROGRAM [ARGUMENTS…]   a server program against client.mjs
// node run_interop.mjs client [complete] PROGRAM [ARGUMENTS…]   a client program against server.mjs
// complete: nothing may be left out.
// {broker}, {name} and, for a server, {id} in the arguments are replaced; without any of them they are
// appended as --broker URL --name SERVER_NAME --id SERVER_ID.

import { Checks } from './checks.mjs';
import { testClient, testServer } from './directions.mjs';

const [direction, ...command] = process.argv.slice(2);
const test = { server: testServer, client: testClient }[direction];
const complete = command[0] === 'complete';
if (complete) command.shift();
if (!test || command.length === 0) {
  console.error('usage: run_interop.mjs server|client [complete] PROGRAM [ARGUMENTS…]');
  process.exit(2);
}

const checks = new Checks();
await test(checks, command, { complete });
checks.summary();
process.exit(checks.status);
