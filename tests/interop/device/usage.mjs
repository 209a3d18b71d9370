// Which of the server's features clients used, to see afterwards what none of them did.

import { tools } from './offer.mjs';

const offered = new Set([
  ...tools.flatMap(({ name, execution }) => [
    ...(execution?.taskSupport === 'required' ? [] : [`tool ${name}`]),
    ...(execution ? [`tool ${name} as a task`] : []),
  ]),
  'tool grown',
  'ping',
  'tools/list',
  'resources/list', 'resources/templates/list', 'resources/read', 'resources/subscribe', 'resources/unsubscribe',
  'prompts/list', 'prompts/get', 'completion/complete', 'logging/setLevel',
  'tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel',
  'notifications/cancelled', 'notifications/progress', 'notifications/roots/list_changed',
]);

export class Usage {
  #seen = new Set();

  /** A message from a client. */
  note({ method, params }) {
    if (method === 'tools/call') this.#seen.add(`tool ${params?.name}${params?.task ? ' as a task' : ''}`);
    else if (method !== undefined) this.#seen.add(method);
  }

  get missing() {
    return [...offered].filter((feature) => !this.#seen.has(feature));
  }
}
