// How an answer is asked for and read.

import assert from 'node:assert/strict';

import { timeoutOf } from '../timeouts.mjs';

export function call(client, name, args = {}, options = {}) {
  return client.callTool({ name, arguments: args }, undefined, { timeout: timeoutOf('tools/call'), ...options });
}

/** The text of an answer that must hold exactly one text and no error. */
export function textOf(result) {
  assert.ok(!result.isError, `the tool failed: ${JSON.stringify(result.content)}`);
  assert.equal(result.content.length, 1, `${result.content.length} contents instead of one`);
  assert.equal(result.content[0].type, 'text');
  return result.content[0].text;
}

export const jsonOf = (result) => JSON.parse(textOf(result));

/** Resolves with the error. */
export async function rejectsWith(code, promise) {
  let refusal;
  await assert.rejects(promise, (error) => {
    refusal = error;
    assert.equal(error.code, code, `code ${error.code} (${error.message}) instead of ${code}`);
    return true;
  });
  return refusal;
}

/** A call that fails, as an error or as a result with isError, in words that name `word`, in any case. */
export async function failsSomehowNaming(word, promise) {
  const said = await promise.then(
    (result) => {
      assert.equal(result.isError, true, `no error: ${JSON.stringify(result)}`);
      return JSON.stringify(result.content);
    },
    (error) => error.message,
  );
  assert.ok(said.toLowerCase().includes(word.toLowerCase()), `"${said}" does not name ${word}`);
}
