import assert from "node:assert/strict";
import { test } from "node:test";
import { askAgain } from "./ask-again.ts";

const limits = { patienceMs: 100, retryMs: 1 };

/** Records that meet one failure after the other, and then answer with what they were asked. */
function recordsThat(...failures: readonly Error[]) {
  let asked = 0;
  const answer = async (wish: string) => {
    const failure = failures[asked++];
    if (failure) throw failure;
    return wish;
  };
  return { records: askAgain({ answer }, limits), asked: () => asked };
}

const coded = (code: string) => Object.assign(new Error(`away: ${code}`), { code });

test("records whose connection is lost while they are asked are asked again", async () => {
  const { records, asked } = recordsThat(
    coded("57P01"),
    coded("ECONNRESET"),
    new Error("Connection terminated unexpectedly"),
    new Error("Client has encountered a connection error and is not queryable"),
  );
  assert.equal(await records.answer("web-1"), "web-1");
  assert.equal(asked(), 5);
});

test("what PostgreSQL refuses is refused at once, and one that stays away is not waited for without end", async () => {
  const refused = recordsThat(coded("23505"));
  await assert.rejects(refused.records.answer("web-1"), { code: "23505" });
  assert.equal(refused.asked(), 1);
  const gone = recordsThat(...Array.from({ length: 10_000 }, () => coded("57P01")));
  await assert.rejects(gone.records.answer("web-1"), { code: "57P01" });
});
