// What a client expects of the interop server in one session, and beside a second one.

import { checkBadParams, checkCallErrors, checkCalls, checkNotOffered } from './calls.mjs';
import { checkCompletions } from './completions.mjs';
import { checkContents, checkStructured } from './contents.mjs';
import { checkElicitation } from './elicitation.mjs';
import { checkHandshake } from './handshake.mjs';
import { checkListChanges } from './list_changes.mjs';
import { checkForeignLogging, checkLogging } from './logging.mjs';
import { checkPages } from './pages.mjs';
import { checkProgressAndCancel } from './progress.mjs';
import { checkPrompts } from './prompts.mjs';
import { checkResources } from './resources.mjs';
import { checkRoots, checkSampling, checkUnknownRequest } from './sampling.mjs';
import { checkForeignSubscription, checkSubscriptions } from './subscriptions.mjs';
import { checkClientTasks, checkForeignTask, checkTasks } from './tasks.mjs';
import { checkToolList } from './tool_list.mjs';

const inOneSession = [
  checkCalls, checkCallErrors, checkBadParams, checkContents, checkStructured, checkProgressAndCancel,
  checkRoots, checkUnknownRequest, checkSampling, checkElicitation,
  checkResources, checkSubscriptions, checkPrompts, checkCompletions, checkLogging, checkPages, checkListChanges,
  checkTasks, checkClientTasks, checkNotOffered,
];

/** Resolves with the peer and what it learned of the server: its tools, and whether it makes pages. */
export async function checkSession(opened) {
  await checkHandshake(opened);
  const peer = { ...opened, ...(await checkToolList(opened)) };
  for (const check of inOneSession) await check(peer);
  return peer;
}

export async function checkBesideAnother(first, second) {
  for (const check of [checkForeignSubscription, checkForeignLogging, checkForeignTask]) await check(first, second);
}
