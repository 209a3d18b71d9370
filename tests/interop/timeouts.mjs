// T45: how long an answer may take, in milliseconds, by method.

const defaults = {
  initialize: 30_000,
  ping: 10_000,
  'roots/list': 30_000,
  'resources/list': 30_000,
  'tools/list': 30_000,
  'prompts/list': 30_000,
  'prompts/get': 30_000,
  'sampling/createMessage': 60_000,
  'resources/read': 30_000,
  'resources/templates/list': 30_000,
  'resources/subscribe': 30_000,
  'tools/call': 60_000,
  'completion/complete': 60_000,
  'logging/setLevel': 30_000,
};

export const timeoutOf = (method, overrides = {}) => overrides[method] ?? defaults[method] ?? 60_000;
