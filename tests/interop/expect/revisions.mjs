// Each older revision: it is spoken when it is asked for, and what it lacks is never sent.

import assert from 'node:assert/strict';

import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { checkWhereOffered } from '../offers.mjs';
import { RawSession } from '../raw_session.mjs';
import { textOf } from './answers.mjs';

const older = ['2024-11-05', '2025-03-26', '2025-06-18'];

/** Members by where they are, with the revision that brought them. */
const since = {
  capabilities: { completions: '2025-03-26', tasks: '2025-11-25' },
  serverInfo: { title: '2025-06-18', icons: '2025-11-25', description: '2025-11-25', websiteUrl: '2025-11-25' },
  tools: {
    annotations: '2025-03-26', title: '2025-06-18', _meta: '2025-06-18', outputSchema: '2025-06-18',
    icons: '2025-11-25', execution: '2025-11-25',
  },
  resources: { title: '2025-06-18', _meta: '2025-06-18', icons: '2025-11-25' },
  resourceTemplates: { title: '2025-06-18', _meta: '2025-06-18', icons: '2025-11-25' },
  prompts: { title: '2025-06-18', _meta: '2025-06-18', icons: '2025-11-25' },
  arguments: { title: '2025-06-18' },
  content: { title: '2025-06-18', _meta: '2025-06-18', icons: '2025-11-25' },
  annotations: { lastModified: '2025-06-18' },
  results: { structuredContent: '2025-06-18' },
};

/** What stands for a content of a type that the revision lacks: a text that names it. */
const types = {
  audio: { since: '2025-03-26', names: 'audio/wav' },
  resource_link: { since: '2025-06-18', names: 'device://manual' },
};

function lacks(revision, where, values) {
  for (const value of values) {
    for (const [member, first] of Object.entries(since[where])) {
      if (first <= revision) continue;
      assert.ok(!(member in value), `${where} has ${member}, which is new in ${first}: ${JSON.stringify(value)}`);
    }
    if (value.annotations && where !== 'annotations' && where !== 'tools') lacks(revision, 'annotations', [value.annotations]);
  }
}

async function walk(session, method, member) {
  const all = [];
  let cursor;
  for (let page = 0; page < 100; ++page) {
    const { result } = await session.request(method, cursor === undefined ? {} : { cursor });
    all.push(...result[member]);
    cursor = result.nextCursor;
    if (cursor === undefined) return all;
  }
  throw new Error(`${method} has more than 100 pages`);
}

/** `peer` knows what the server offers: { checks, client, tools, broker, name }. */
export async function checkRevisions(peer) {
  for (const revision of older) await checkRevision(peer, revision);
  await peer.checks.check('an unknown revision is answered with the newest that the server speaks (T23)', async () => {
    const session = await RawSession.open(peer, '1999-01-01');
    assert.equal(session.revision, '2025-11-25');
    await session.leave();
  });
}

async function checkRevision(peer, revision) {
  let session;
  await peer.checks.check(`revision ${revision} is spoken when it is asked for`, async () => {
    session = await RawSession.open(peer, revision);
    assert.equal(session.revision, revision);
    await session.initialized();
    const { result } = await session.call('display', { message: revision });
    assert.equal(textOf(result), `displayed: ${revision}`);
    // Before 2025-11-25 either form is in use.
    const wrong = await session.call('set_volume', { volume: 'loud' });
    const said = wrong.error ? wrong.error.message : JSON.stringify(wrong.result.content);
    if (wrong.error) assert.equal(wrong.error.code, mcp.ErrorCode.InvalidParams);
    else assert.equal(wrong.result.isError, true, `no isError: ${JSON.stringify(wrong.result)}`);
    assert.ok(said.includes('volume'), `"${said}" does not name volume`);
  });
  if (!session) return;
  await peer.checks.check(`${revision}: initialize says nothing newer`, () => {
    lacks(revision, 'capabilities', [session.greeting.capabilities]);
    lacks(revision, 'serverInfo', [session.greeting.serverInfo]);
  });
  await checkLists(peer, revision, session);
  await checkContents(peer, revision, session);
  await checkProgress(peer, revision, session);
  await session.leave();
}

async function checkLists(peer, revision, session) {
  const check = (...features) => checkWhereOffered(peer, ...features);
  const lists = [
    ['tools', 'tools/list', 'tools'],
    ['resources', 'resources/list', 'resources'],
    ['resources', 'resources/templates/list', 'resourceTemplates'],
    ['prompts', 'prompts/list', 'prompts'],
  ];
  for (const [feature, method, member] of lists) {
    await check(feature)(`${revision}: ${method} says nothing newer`, async () => {
      const listed = await walk(session, method, member);
      assert.ok(listed.length > 0, 'the list is empty');
      lacks(revision, member, listed);
      lacks(revision, 'arguments', listed.flatMap((each) => each.arguments ?? []));
    });
  }
  await check('completions')(`${revision}: arguments are completed`, async () => {
    const ref = { type: 'ref/prompt', name: 'greet' };
    const { result } = await session.request('completion/complete', { ref, argument: { name: 'name', value: 'A' } });
    assert.deepEqual(result.completion.values, ['Ada', 'Alan']);
  });
}

async function checkContents(peer, revision, session) {
  const check = (...features) => checkWhereOffered(peer, ...features);
  await check('tool contents')(`${revision}: content that it lacks becomes a text`, async () => {
    const { content } = (await session.call('contents')).result;
    const wanted = ['text', 'image', 'audio', 'resource', 'resource', 'resource_link'];
    const known = wanted.map((type) => (types[type]?.since > revision ? 'text' : type));
    assert.deepEqual(content.map(({ type }) => type), known);
    lacks(revision, 'content', content);
    for (const [i, type] of wanted.entries()) {
      if (known[i] !== type) assert.ok(content[i].text.includes(types[type].names), `"${content[i].text}" for ${type}`);
    }
  });
  await check('tool measure')(`${revision}: structured content is a text at least`, async () => {
    const { result } = await session.call('measure', { room: 'kitchen' });
    lacks(revision, 'results', [result]);
    assert.deepEqual(JSON.parse(textOf(result)), { room: 'kitchen', celsius: 21.5, readings: [20, 21, 22] });
  });
}

async function checkProgress(peer, revision, session) {
  await peer.checks.check(`${revision}: progress is told as it has it`, async () => {
    session.notified.length = 0;
    const { result } = await session.call('count', { to: 2 }, { _meta: { progressToken: 'token' } });
    assert.equal(textOf(result), 'counted to 2');
    const told = session.notified.map(({ method, params }) => ({ method, ...params }));
    const message = (step) => (revision < '2025-03-26' ? {} : { message: `step ${step}` });
    assert.deepEqual(told, [1, 2].map((step) => ({
      method: 'notifications/progress', progressToken: 'token', progress: step, total: 2, ...message(step),
    })));
  });
}
