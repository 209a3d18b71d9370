// What a server asks of a client: nothing that the client did not declare, nothing that the revision
// lacks, and everything in the revision's own form.

import assert from 'node:assert/strict';

import { checkWhereOffered } from '../offers.mjs';
import { RawSession } from '../raw_session.mjs';
import { failsSomehowNaming, jsonOf } from './answers.mjs';

/** The result of a raw answer, or its error as it is thrown elsewhere. */
async function outcome(answer) {
  const { result, error } = await answer;
  if (error) throw Object.assign(new Error(error.message), error);
  return result;
}

async function withSession(peer, revision, capabilities, body) {
  const session = await RawSession.open(peer, revision, capabilities);
  assert.equal(session.revision, revision);
  await session.initialized();
  await body(session);
  await session.leave();
}

/** What the client declares, the tool, its arguments, and what the error names. */
const undeclared = [
  [{}, 'ask_model', { prompt: 'hello' }, 'sampling'],
  [{ sampling: {} }, 'ask_model_with_tools', {}, 'tools'],
  [{}, 'list_roots', {}, 'roots'],
  [{}, 'ask_person', {}, 'elicitation'],
  [{ elicitation: {} }, 'ask_sign_in', {}, 'url'],
  [{ sampling: {} }, 'ask_model_as_task', { prompt: 'hello' }, 'task'],
  [{ elicitation: {}, tasks: { requests: { sampling: { createMessage: {} } } } }, 'ask_person_as_task', {}, 'task'],
];

/** Revision, what the client declares all the same, tool, arguments, and what the error names. */
const lacking = [
  ['2025-06-18', { elicitation: {}, sampling: {} }, 'ask_sign_in', {}, 'url'],
  ['2025-06-18', { elicitation: {} }, 'ask_choices', {}, 'choice'],
  ['2025-06-18', { sampling: {} }, 'ask_model_with_tools', {}, 'tools'],
];

export async function checkRequestsOfServer(peer) {
  for (const [capabilities, tool, args, names] of undeclared) {
    await checkWhereOffered(peer, `tool ${tool}`)(`${tool} asks nothing of a client that did not declare it`, () =>
      withSession(peer, '2025-11-25', capabilities, async (session) => {
        await failsSomehowNaming(names, outcome(session.call(tool, args)));
        assert.deepEqual(session.asked, [], 'the server asked all the same');
      }));
  }
  for (const [revision, capabilities, tool, args, names] of lacking) {
    await checkWhereOffered(peer, `tool ${tool}`)(`${revision}: ${tool} asks nothing that the revision lacks`, () =>
      withSession(peer, revision, capabilities, async (session) => {
        await failsSomehowNaming(names, outcome(session.call(tool, args)));
        assert.deepEqual(session.asked, [], 'the server asked all the same');
      }));
  }
  await checkOldForms(peer);
  await checkOldSampling(peer);
}

async function checkOldForms(peer) {
  const check = (...features) => checkWhereOffered(peer, ...features);
  const asks = (tool, content, judge) =>
    withSession(peer, '2025-06-18', { elicitation: {} }, async (session) => {
      session.answersTo['elicitation/create'] = { action: 'accept', content };
      assert.deepEqual(jsonOf(await outcome(session.call(tool))), { action: 'accept', content });
      const [{ params }] = session.asked;
      assert.ok(!('mode' in params), 'the request has a mode');
      judge(params.requestedSchema.properties);
    });
  await check('tool ask_person')('2025-06-18: a form has the default of a yes or no alone', () =>
    asks('ask_person', { name: 'Grace', age: 85 }, (fields) => {
      const defaults = Object.keys(fields).filter((name) => 'default' in fields[name]);
      assert.deepEqual(defaults, ['member']);
      assert.equal(fields.name.minLength, 1);
    }));
  await check('tool ask_choice')('2025-06-18: a choice with titles has enumNames', () =>
    asks('ask_choice', { size: 'l', color: 'r' }, (fields) => {
      assert.deepEqual(fields.size, { type: 'string', enum: ['s', 'm', 'l'] });
      assert.deepEqual(fields.color, { type: 'string', enum: ['r', 'g'], enumNames: ['Red', 'Green'] });
    }));
}

async function checkOldSampling(peer) {
  await checkWhereOffered(peer, 'tool ask_model')('2024-11-05: a request to the model has one content a message', () =>
    withSession(peer, '2024-11-05', { sampling: {} }, async (session) => {
      const content = { type: 'text', text: 'hi' };
      session.answersTo['sampling/createMessage'] = { role: 'assistant', model: 'parrot', content };
      await outcome(session.call('ask_model', { prompt: 'hello' }));
      const [{ params }] = session.asked;
      assert.deepEqual(params.messages.map((message) => message.content), [{ type: 'text', text: 'hello' }]);
    }));
}
