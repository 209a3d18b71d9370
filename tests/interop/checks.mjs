// "ok - …" and "not ok - …" lines, and the exit status that follows from them.

import assert from 'node:assert/strict';

export class Checks {
  #failures = 0;
  #passed = 0;

  /** Runs one check; a throw fails it. The next one runs in any case. */
  async check(what, body) {
    try {
      await body();
      ++this.#passed;
      console.log(`ok - ${what}`);
    } catch (error) {
      this.fail(`${what}: ${error.message.replaceAll('\n', '\n#   ')}`);
    }
  }

  fail(what) {
    ++this.#failures;
    console.log(`not ok - ${what}`);
  }

  skip(what, why) {
    console.log(`# skipped - ${what} (${why})`);
  }

  get status() {
    return this.#failures || !this.#passed ? 1 : 0;
  }

  summary() {
    console.log(`# ${this.#passed} passed, ${this.#failures} failed`);
  }
}

/** Polls until `probe` gives a true value; for states of a peer that tells nobody when they change. */
export async function eventually(what, probe, { timeout = 5_000, every = 20 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await probe();
    if (value) return value;
    assert.ok(Date.now() < end, `${what} did not happen within ${timeout} ms`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** A promise that fails when it takes too long. */
export function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A promise with its `resolve` beside it. */
export function signal() {
  const result = {};
  result.promise = new Promise((resolve) => {
    result.resolve = resolve;
  });
  return result;
}
