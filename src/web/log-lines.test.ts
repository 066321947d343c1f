import assert from "node:assert/strict";
import { test } from "node:test";
import { keptLines, LogLines } from "./log-lines.ts";

test("a log grows at its end, its last line also before it is ended", () => {
  const log = new LogLines();
  log.append(["one\ntw"]);
  assert.deepEqual(
    log.view.lines.map((line) => line[0]?.text),
    ["one", "tw"],
  );
  log.append(["o\n"]);
  assert.deepEqual(
    log.view.lines.map((line) => line[0]?.text),
    ["one", "two"],
  );
});

test("between two changes the view is the same value", () => {
  const log = new LogLines();
  log.append(["x"]);
  assert.equal(log.view, log.view);
});

test("of a log without end the last lines stay, and what went is counted", () => {
  const log = new LogLines();
  const part = "line\n".repeat(keptLines);
  for (let round = 0; round < 4; round += 1) log.append([part]);
  log.append(["last"]);
  assert.equal(log.view.lines.length, keptLines + 1);
  assert.equal(log.view.dropped, keptLines * 3);
  assert.equal(log.view.lines.at(-1)?.[0]?.text, "last");
});
