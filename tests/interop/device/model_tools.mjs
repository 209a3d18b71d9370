// Tools that ask the client's model.

import { json, object, picture, sound, text } from './answers.mjs';
import { timeoutOf } from '../timeouts.mjs';

const timeout = timeoutOf('sampling/createMessage');

/** Refuses before anything is sent what the client did not declare. */
function ask(server, params, options) {
  server.assertCapabilityForMethod('sampling/createMessage');
  return server.createMessage({ maxTokens: 100, ...params }, { timeout, ...options });
}

const says = (role, content) => ({ role, content });
const asks = (prompt) => says('user', { type: 'text', text: prompt });

const weather = {
  name: 'weather',
  description: 'Tells the weather of a city',
  inputSchema: object({ city: { type: 'string' } }, ['city']),
};

export const modelTools = [
  {
    name: 'ask_model',
    description: "Asks the client's model",
    inputSchema: object({ prompt: { type: 'string' } }, ['prompt']),
    async run({ prompt }, { server, extra }) {
      const answer = await ask(server, { messages: [asks(prompt)] }, { signal: extra.signal });
      return text(`model said: ${answer.content.text}`);
    },
  },
  {
    name: 'ask_model_slowly',
    description: "Asks the client's model, and says which progress it told",
    inputSchema: object({ prompt: { type: 'string' } }, ['prompt']),
    async run({ prompt }, { server }) {
      const progress = [];
      const onprogress = (step) => progress.push([step.progress, step.total]);
      const answer = await ask(server, { messages: [asks(prompt)] }, { onprogress });
      return json({ text: answer.content.text, progress });
    },
  },
  {
    name: 'ask_model_fully',
    description: "Asks the client's model with everything that can be said",
    inputSchema: object(),
    async run(_, { server }) {
      const { role, model, stopReason, content } = await ask(server, {
        messages: [
          asks('What is this?'),
          says('user', { type: 'image', ...picture }),
          says('user', { type: 'audio', ...sound }),
          says('assistant', { type: 'text', text: 'A device' }),
          asks('Which one?'),
        ],
        modelPreferences: {
          hints: [{ name: 'parrot' }, { name: 'bird' }], costPriority: 0.25, speedPriority: 0.5, intelligencePriority: 0.75,
        },
        systemPrompt: 'Be brief',
        includeContext: 'none',
        temperature: 0.5,
        maxTokens: 50,
        stopSequences: ['END'],
        metadata: { 'example.com/trace': 'on' },
      });
      return json({ role, model, stopReason, text: content.text });
    },
  },
  {
    name: 'ask_model_with_tools',
    description: "Lets the client's model use a tool",
    inputSchema: object(),
    async run(_, { server }) {
      const offer = { tools: [weather], toolChoice: { mode: 'auto' } };
      const question = asks('How is the weather in Paris?');
      const wish = await ask(server, { messages: [question], ...offer });
      const uses = [wish.content].flat().filter((content) => content.type === 'tool_use');
      const results = uses.map(({ id, name, input }) => ({
        type: 'tool_result', toolUseId: id, content: [{ type: 'text', text: `${name} in ${input.city}: rain` }],
      }));
      const messages = [question, says('assistant', uses), says('user', results)];
      const answer = await ask(server, { messages, ...offer, toolChoice: { mode: 'none' } });
      return text(`model said: ${[answer.content].flat()[0].text}`);
    },
  },
];
