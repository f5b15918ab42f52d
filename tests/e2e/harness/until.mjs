// Polls instead of sleeping: returns what the condition gave once it is true-ish. Failing, it says what was seen last.
export async function until(condition, { what = 'a condition', timeout = 15000, every = 100, unless } = {}) {
  const deadline = Date.now() + timeout;
  let last;
  for (;;) {
    const over = unless?.();
    if (over) throw new Error(`waited for ${what}, but ${over}`);
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeout} ms for ${what}; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
    await new Promise((done) => setTimeout(done, every));
  }
}

// Calls `read` now and after `duration`; returns [first, second].
export async function beforeAndAfter(read, duration) {
  const first = await read();
  await new Promise((done) => setTimeout(done, duration));
  return [first, await read()];
}
