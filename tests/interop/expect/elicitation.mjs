// Tools that ask the client's user.

import assert from 'node:assert/strict';

import { eventually } from '../checks.mjs';
import { checkWhereOffered } from '../offers.mjs';
import { call, failsSomehowNaming, jsonOf, rejectsWith } from './answers.mjs';

const accept = (content) => () => ({ action: 'accept', content });

/** Asks through `tool` while the user does `user`: { answer, params }. */
async function ask({ client, host }, tool, user) {
  host.user = user;
  const asked = host.asked.user.length;
  const answer = jsonOf(await call(client, tool));
  assert.equal(host.asked.user.length, asked + 1, 'the user was not asked once');
  return { answer, params: host.asked.user.at(-1) };
}

export async function checkElicitation(peer) {
  await checkForms(peer);
  await checkChoices(peer);
  await checkUrls(peer);
}

async function checkForms(peer) {
  const check = checkWhereOffered(peer, 'tool ask_person');
  const full = { name: 'Grace', email: 'grace@example.com', age: 85, score: 1.5, member: false };
  await check('a form has texts, numbers and a yes or no, with bounds and defaults', async () => {
    const { answer, params } = await ask(peer, 'ask_person', accept(full));
    assert.deepEqual(answer, { action: 'accept', content: full });
    assert.equal(params.mode ?? 'form', 'form');
    assert.equal(params.message, 'Who are you?');
    const { type, properties, required } = params.requestedSchema;
    assert.equal(type, 'object');
    assert.deepEqual(properties, {
      name: { type: 'string', title: 'Your name', description: 'As people call you', minLength: 1, maxLength: 20, default: 'Ada' },
      email: { type: 'string', format: 'email' },
      age: { type: 'integer', minimum: 0, maximum: 150, default: 36 },
      score: { type: 'number', default: 9.5 },
      member: { type: 'boolean', default: true },
    });
    assert.deepEqual(required, ['name', 'age']);
  });
  await check('what the user leaves as it is has its default', async () => {
    const { answer } = await ask(peer, 'ask_person', accept({ email: 'ada@example.com' }));
    const content = { email: 'ada@example.com', name: 'Ada', age: 36, score: 9.5, member: true };
    assert.deepEqual(answer, { action: 'accept', content });
  });
  for (const action of ['decline', 'cancel']) {
    await check(`the user may ${action}`, async () => {
      assert.deepEqual((await ask(peer, 'ask_person', () => ({ action }))).answer, { action });
    });
  }
  await check('an answer that does not fit the form is refused, and its field named', async () => {
    peer.host.user = accept({ ...full, age: -1 });
    await failsSomehowNaming('age', call(peer.client, 'ask_person'));
  });
}

async function checkChoices(peer) {
  await checkWhereOffered(peer, 'tool ask_choice')('a form has choices, with titles and without', async () => {
    const { answer, params } = await ask(peer, 'ask_choice', accept({ size: 'l', color: 'r' }));
    assert.deepEqual(answer, { action: 'accept', content: { size: 'l', color: 'r' } });
    const { properties, required } = params.requestedSchema;
    assert.deepEqual(properties, {
      size: { type: 'string', enum: ['s', 'm', 'l'], default: 'm' },
      color: { type: 'string', oneOf: [{ const: 'r', title: 'Red' }, { const: 'g', title: 'Green' }], default: 'g' },
    });
    assert.deepEqual(required, ['size']);
  });
  await checkWhereOffered(peer, 'tool ask_choices')('a form has multiple choices, with titles and without', async () => {
    const { answer, params } = await ask(peer, 'ask_choices', accept({ days: ['mon', 'wed'] }));
    assert.deepEqual(answer, { action: 'accept', content: { days: ['mon', 'wed'], extras: ['n'] } });
    const { properties, required = [] } = params.requestedSchema;
    assert.deepEqual(properties, {
      days: { type: 'array', items: { type: 'string', enum: ['mon', 'tue', 'wed'] }, minItems: 1, maxItems: 2 },
      extras: {
        type: 'array', default: ['n'],
        items: { anyOf: [{ const: 'l', title: 'Light' }, { const: 'n', title: 'Noise' }] },
      },
    });
    assert.deepEqual(required, []);
  });
}

async function checkUrls(peer) {
  const { client, heard } = peer;
  const completed = () => heard.completed.splice(0).map(({ elicitationId }) => elicitationId);
  const check = checkWhereOffered(peer, 'tool ask_sign_in');
  await check('the user is sent to an URL, and the server tells when they are done there', async () => {
    const { answer, params } = await ask(peer, 'ask_sign_in', () => ({ action: 'accept' }));
    assert.deepEqual(answer, { action: 'accept' });
    const { mode, message, elicitationId, url } = params;
    assert.deepEqual({ mode, message, elicitationId, url }, {
      mode: 'url', message: 'Sign in, please', elicitationId: 'sign-in-1', url: 'https://example.com/sign-in?id=sign-in-1',
    });
    await eventually('elicitation/complete', () => heard.completed.length);
    assert.deepEqual(completed(), ['sign-in-1']);
  });
  await check('nobody is done at an URL where the user did not go', async () => {
    assert.deepEqual((await ask(peer, 'ask_sign_in', () => ({ action: 'decline' }))).answer, { action: 'decline' });
    await client.ping();
    assert.deepEqual(completed(), []);
  });
  await checkWhereOffered(peer, 'tool needs_sign_in')('a tool that needs an URL opened first is refused with -32042', async () => {
    const { message, data } = await rejectsWith(-32042, call(client, 'needs_sign_in'));
    assert.ok(message.includes('sign in first'), message);
    assert.deepEqual(data.elicitations, [{
      mode: 'url', message: 'Sign in, please', elicitationId: 'sign-in-2', url: 'https://example.com/sign-in?id=sign-in-2',
    }]);
  });
}
