// Log messages, from the level on that each session asked for.

import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { answer } from './requests.mjs';

export const levels = mcp.LoggingLevelSchema.options;

export function offerLogging(server, { session }) {
  answer(server, mcp.SetLevelRequestSchema, ({ level }) => {
    session.level = level;
    return {};
  });
}

export async function log({ server, session }, message) {
  if (levels.indexOf(message.level) >= levels.indexOf(session.level)) await server.sendLoggingMessage(message);
}
