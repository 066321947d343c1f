import assert from "node:assert/strict";
import { test } from "node:test";
import { maskedRecord } from "./deliver.ts";

test("a build that failed shows no secret, neither in its words nor in its command and last lines", () => {
  const record = maskedRecord(
    { mask: (text) => text.replaceAll("hunter22", "[secret]") },
    {
      code: "build.step-failed",
      message: "docker build --build-arg TOKEN=hunter22 failed",
      advice: "See the log.",
      command: "docker build --build-arg TOKEN=hunter22",
      lastLines: "npm ERR! 401 for token hunter22",
    },
  );
  assert.equal(record.code, "build.step-failed");
  assert.equal(record.lastLines, "npm ERR! 401 for token [secret]");
  assert.doesNotMatch(JSON.stringify(record), /hunter22/);
});
