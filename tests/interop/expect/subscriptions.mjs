// Resources that tell when they change. An update may come over the capability topic, to all clients,
// or over RPC, to each subscriber alone.

import assert from 'node:assert/strict';

import { eventually } from '../checks.mjs';
import { checkWhereOffered } from '../offers.mjs';
import { timeoutOf } from '../timeouts.mjs';
import { call, rejectsWith } from './answers.mjs';
import { volumeUri } from './resources.mjs';

const manualUri = 'device://manual';
const readingUri = 'device://rooms/kitchen/humidity';

export async function checkSubscriptions(peer) {
  const { client, heard } = peer;
  const check = checkWhereOffered(peer, 'resources.subscribe');
  const checkTouch = checkWhereOffered(peer, 'resources.subscribe', 'tool touch');
  const subscribe = (uri) => client.subscribeResource({ uri }, { timeout: timeoutOf('resources/subscribe') });
  const updates = () => heard.updates.splice(0).map(({ uri }) => uri);
  /** What was told before this answer has arrived. */
  const settled = () => client.ping();

  await check('a subscribed resource tells its change, once', async () => {
    await subscribe(volumeUri);
    await call(client, 'set_volume', { volume: 43 });
    await eventually('resources/updated', () => heard.updates.length);
    await settled();
    assert.deepEqual(updates(), [volumeUri]);
  });
  await checkTouch('of several subscribed resources each tells its own changes', async () => {
    await subscribe(manualUri);
    await subscribe(readingUri);
    for (const uri of [readingUri, manualUri, 'device://logo']) await call(client, 'touch', { uri });
    await eventually('resources/updated', () => heard.updates.length >= 2);
    await settled();
    assert.deepEqual(updates(), [readingUri, manualUri]);
  });
  await check('a resource that was subscribed twice tells its change once', async () => {
    await subscribe(volumeUri);
    await call(client, 'set_volume', { volume: 45 });
    await eventually('resources/updated', () => heard.updates.length);
    await settled();
    assert.deepEqual(updates(), [volumeUri]);
  });
  await check('a resource that is no longer subscribed is silent', async () => {
    await client.unsubscribeResource({ uri: volumeUri });
    await call(client, 'set_volume', { volume: 44 });
    await settled();
    assert.deepEqual(updates(), []);
  });
  await checkTouch('the others go on until they are unsubscribed too', async () => {
    await call(client, 'touch', { uri: manualUri });
    await eventually('resources/updated', () => heard.updates.length);
    assert.deepEqual(updates(), [manualUri]);
    await client.unsubscribeResource({ uri: manualUri });
    await client.unsubscribeResource({ uri: readingUri });
    for (const uri of [readingUri, manualUri]) await call(client, 'touch', { uri });
    await settled();
    assert.deepEqual(updates(), []);
  });
  await check('an unknown resource cannot be subscribed: -32002', () => rejectsWith(-32002, subscribe('device://nothing')));
}

/** An update that goes over RPC reaches nobody but the subscriber. */
export async function checkForeignSubscription(first, second) {
  const check = checkWhereOffered(first, 'resources.subscribe');
  await check('a session hears nothing on RPC of what another one subscribed', async () => {
    const before = second.transport.received.updates.length;
    await first.client.subscribeResource({ uri: volumeUri });
    await call(second.client, 'set_volume', { volume: 46 });
    await eventually('resources/updated', () => first.heard.updates.length);
    await second.client.ping();
    assert.ok(!second.transport.received.updates.slice(before).includes('rpc'), 'the other session got a copy');
    await first.client.unsubscribeResource({ uri: volumeUri });
    first.heard.updates.length = 0;
  });
}
