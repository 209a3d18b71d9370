// What initialize tells, and what every server answers to.

import assert from 'node:assert/strict';

import { ErrorCode, ResultSchema } from '@modelcontextprotocol/sdk/types.js';

import { timeoutOf } from '../timeouts.mjs';
import { rejectsWith } from './answers.mjs';

export async function checkHandshake({ checks, client, transport }) {
  await checks.check('the newest revision that both know is negotiated', () => {
    assert.equal(transport.protocolVersion, '2025-11-25');
  });
  const info = client.getServerVersion();
  await checks.check('the server says its name and version', () => {
    assert.ok(info.name, 'serverInfo.name is empty');
    assert.ok(info.version, 'serverInfo.version is empty');
  });
  const check = checkWhereSaid(checks, info.title !== undefined, 'serverInfo.title');
  await check('the server says more about itself', () => {
    assert.deepEqual(
      { title: info.title, description: info.description, websiteUrl: info.websiteUrl, icons: info.icons },
      {
        title: 'The interop device', description: 'Offers everything', websiteUrl: 'https://example.com/device',
        icons: [{ src: 'https://example.com/device.png', mimeType: 'image/png', sizes: ['48x48'] }],
      },
    );
  });
  const instructions = client.getInstructions();
  await checkWhereSaid(checks, instructions !== undefined, 'instructions')('the server says how to use it', () => {
    assert.equal(instructions, 'Turn the volume with care');
  });
  await checks.check('the server advertises tools', () => {
    assert.ok(client.getServerCapabilities().tools);
  });
  await checks.check('ping is answered with an empty result', async () => {
    assert.deepEqual(await client.ping({ timeout: timeoutOf('ping') }), {});
  });
  await checks.check('an unknown method is refused with -32601', () =>
    rejectsWith(ErrorCode.MethodNotFound, client.request({ method: 'no/such/method', params: {} }, ResultSchema)));
  await checks.check('an unknown notification does no harm', async () => {
    await client.notification({ method: 'notifications/no_such', params: { a: 1 } });
    assert.deepEqual(await client.ping(), {});
  });
}

/** A `check` that is left out, visibly, where initialize did not say `what`. */
function checkWhereSaid(checks, said, what) {
  return said ? (name, body) => checks.check(name, body) : (name) => checks.skip(name, `the server says no ${what}`);
}
