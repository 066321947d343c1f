import type { TestEvent } from "node:test/reporters";

export type Tally = {
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly skippedNames: readonly string[];
};

/** A reporter for `node --test` that writes one line of JSON when all is over: our own closing lines are made of it. */
export default async function* tallyReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skippedNames: string[] = [];
  for await (const event of events) {
    if (event.type === "test:pass" && event.data.skip !== undefined) skippedNames.push(event.data.name);
    // There is also a summary for each file; the one for all has none.
    if (event.type !== "test:summary" || event.data.file !== undefined) continue;
    const { tests, passed, cancelled, skipped, todo } = event.data.counts;
    const failed = tests - passed - cancelled - skipped - todo;
    yield JSON.stringify({ tests, passed, failed, cancelled, skipped, skippedNames } satisfies Tally);
  }
}
