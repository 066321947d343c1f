import assert from "node:assert/strict";
import { test } from "node:test";
import { failureCode, plainLine, readHeads, withoutPasswords } from "./replies.ts";

const sha = "8062c83d1c0b54b7d3b1d1f0a5b8a1c2d3e4f506";

test("heads are read, whatever a branch is called; other lines are passed over", () => {
  const output = [
    "warning: redirecting to https://git.example.com/",
    `${sha}\trefs/heads/main`,
    `${sha}\trefs/heads/remote-run/ben/$(touch x);"'ü`,
    `${sha}\trefs/tags/v1`,
    "short\trefs/heads/none",
    "",
  ].join("\n");
  assert.deepEqual([...readHeads(output).keys()], ["main", `remote-run/ben/$(touch x);"'ü`]);
});

/** Recorded from git 2.39. */
const recordings: readonly [string, ReturnType<typeof failureCode>][] = [
  [`fatal: remote error: upload-pack: not our ref ${sha}`, "source.commit-missing"],
  ["fatal: couldn't find remote ref refs/heads/gone", "source.commit-missing"],
  [`fatal: reference is not a tree: ${sha}`, "source.commit-missing"],
  ["fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output", "disk.full"],
  ["fatal: '/srv/none.git' does not appear to be a git repository", "source.unreachable"],
  [
    "fatal: unable to access 'http://127.0.0.1:1/a.git/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
    "source.unreachable",
  ],
  ["fatal: could not read Username for 'https://git.example.com': terminal prompts disabled", "source.unreachable"],
  [
    "git@127.0.0.1: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.",
    "source.unreachable",
  ],
];

test("git's words tell a full disk and a lost commit from a repository that cannot be read", () => {
  for (const [words, code] of recordings) assert.equal(failureCode(words), code, words);
});

test("no password is shown, also one with an at sign", () => {
  for (const login of ["acme:s3cret", "s3cret", "acme:s3@cret", "acme@example.com:s3cret"])
    assert.equal(
      withoutPasswords(`unable to access 'https://${login}@git.example.com/a@b.git/': x`),
      "unable to access 'https://git.example.com/a@b.git/': x",
    );
});

test("a commit's subject is one short line without control characters", () => {
  assert.equal(plainLine("\u001b[31mred\u0007\n"), "[31mred");
  assert.equal(plainLine("x".repeat(500)).length, 200);
});
