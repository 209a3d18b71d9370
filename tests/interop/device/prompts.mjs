// Prompts, and what completes their arguments and the variables of templates.

import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { icon, picture } from './answers.mjs';
import { pageOf } from './pages.mjs';
import { answer } from './requests.mjs';
import { manual } from './resources.mjs';

const says = (role, text) => ({ role, content: { type: 'text', text } });

const prompts = [
  {
    name: 'greet', title: 'Greet somebody', description: 'Greets', icons: [icon], _meta: { 'example.com/kind': 'greeting' },
    arguments: [
      { name: 'name', title: 'Name', description: 'Who is greeted', required: true },
      { name: 'style', description: 'How, if that matters' },
    ],
    make: ({ name, style }) => [says('user', `Say hello to ${name}${style === undefined ? '' : ` in ${style} style`}`)],
  },
  {
    name: 'repeat', description: 'Says a word several times',
    arguments: [
      { name: 'word', description: 'The word', required: true },
      { name: 'times', description: 'How often: a whole number, 2 where it is not given' },
    ],
    make({ word, times = '2' }) {
      if (!/^\d+$/.test(times)) throw new mcp.McpError(-32602, `times is ${times}, no whole number`);
      return [says('user', Array(Number(times)).fill(word).join(' '))];
    },
  },
  {
    name: 'show_manual', description: 'Brings the manual along',
    make: () => [
      { role: 'user', content: { type: 'resource', resource: manual } },
      says('assistant', 'I have read it'),
      says('user', 'Explain it'),
    ],
  },
  {
    name: 'show_logo', description: 'Brings the logo along',
    make: () => [{ role: 'user', content: { type: 'image', ...picture } }, says('user', 'What is on it?')],
  },
];
const grownPrompt = { name: 'grown', description: 'Was not there before', make: () => [says('user', 'grown')] };

const listed = (device) => (device.grown.prompt ? [...prompts, grownPrompt] : prompts);

export function offerPrompts(server, { device }) {
  answer(server, mcp.ListPromptsRequestSchema, ({ cursor }) => {
    const { page, nextCursor } = pageOf(listed(device), cursor);
    return { prompts: page.map(({ make, ...prompt }) => prompt), nextCursor };
  });
  answer(server, mcp.GetPromptRequestSchema, ({ name, arguments: args = {} }) => {
    const prompt = listed(device).find((each) => each.name === name);
    if (!prompt) throw new mcp.McpError(-32602, `unknown prompt ${name}`);
    const missing = (prompt.arguments ?? []).find((each) => each.required && args[each.name] === undefined);
    if (missing) throw new mcp.McpError(-32602, `argument ${missing.name} is missing`);
    return { description: prompt.description, messages: prompt.make(args) };
  });
}
