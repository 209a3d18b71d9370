// Tools that ask the client's user.

import { UrlElicitationRequiredError } from '@modelcontextprotocol/sdk/types.js';

import { json, object } from './answers.mjs';

export const personForm = {
  message: 'Who are you?',
  requestedSchema: object(
    {
      name: { type: 'string', title: 'Your name', description: 'As people call you', minLength: 1, maxLength: 20, default: 'Ada' },
      email: { type: 'string', format: 'email' },
      age: { type: 'integer', minimum: 0, maximum: 150, default: 36 },
      score: { type: 'number', default: 9.5 },
      member: { type: 'boolean', default: true },
    },
    ['name', 'age'],
  ),
};

const choiceForm = {
  message: 'Which one?',
  requestedSchema: object(
    {
      size: { type: 'string', enum: ['s', 'm', 'l'], default: 'm' },
      color: { type: 'string', oneOf: [{ const: 'r', title: 'Red' }, { const: 'g', title: 'Green' }], default: 'g' },
    },
    ['size'],
  ),
};

const choicesForm = {
  message: 'Which ones?',
  requestedSchema: object({
    days: { type: 'array', items: { type: 'string', enum: ['mon', 'tue', 'wed'] }, minItems: 1, maxItems: 2 },
    extras: {
      type: 'array', default: ['n'],
      items: { anyOf: [{ const: 'l', title: 'Light' }, { const: 'n', title: 'Noise' }] },
    },
  }),
};

const shown = ({ action, content }) => json({ action, ...(content && { content }) });

const formTool = (name, description, form) => ({
  name,
  description,
  inputSchema: object(),
  run: async (_, { server, extra }) => shown(await server.elicitInput(form, { signal: extra.signal })),
});

const signIn = (elicitationId) => ({
  mode: 'url', message: 'Sign in, please', elicitationId, url: `https://example.com/sign-in?id=${elicitationId}`,
});

export const userTools = [
  formTool('ask_person', 'Asks the user who they are', personForm),
  formTool('ask_choice', 'Asks the user for one of several', choiceForm),
  formTool('ask_choices', 'Asks the user for some of several', choicesForm),
  {
    name: 'ask_sign_in',
    description: 'Sends the user to an URL, and tells when they are done there',
    inputSchema: object(),
    async run(_, { server }) {
      const result = await server.elicitInput(signIn('sign-in-1'));
      if (result.action === 'accept') await server.createElicitationCompletionNotifier('sign-in-1')();
      return shown(result);
    },
  },
  {
    name: 'needs_sign_in',
    description: 'Refuses until the user signed in, and nobody ever does',
    inputSchema: object(),
    run() {
      throw new UrlElicitationRequiredError([signIn('sign-in-2')], 'sign in first');
    },
  },
];
