import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fenceCommand } from "#adapters/docker/fence.ts";
import type { HostTurn } from "#ports/containers.ts";

const place = `fence-state-${process.pid}`;
const isRoot = process.getuid?.() === 0;
const state = isRoot ? "/var/lib/slipway-host" : join(homedir(), ".local/state/slipway");
const files = ["turn", "lock", "new"].map((kind) => join(state, `${kind}.${place}@web-1`));
const [seenFile = ""] = files;
let programs: string;

before(async () => {
  programs = await mkdtemp(join(tmpdir(), "slipway-fence-"));
  await writeFile(join(programs, "socat"), "#!/bin/sh\necho passed\n", { mode: 0o755 });
  await mkdir(state, { recursive: true });
});

after(async () => {
  for (const file of [...files, programs]) await rm(file, { recursive: true, force: true });
});

/** What the fence answers to a change of that turn; the engine is a program that says "passed". */
async function changed(number: number): Promise<string> {
  const turn = { place, number };
  const at = { network: { dockerSocket: "/nowhere.sock" }, host: { name: "web-1" }, turn } as unknown as HostTurn;
  const [program = "", ...args] = fenceCommand(at);
  const { XDG_STATE_HOME: _, ...rest } = process.env;
  const env = { ...rest, PATH: `${programs}:${rest.PATH}` };
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = execFile(program, args, { env, timeout: 20_000 }, (_error, stdout) => resolve(stdout));
  child.stdin?.end();
  return promise;
}

test("a turn file that is missing or empty lets the change pass and is written anew", async () => {
  for (const content of [undefined, ""]) {
    if (content === undefined) await rm(seenFile, { force: true });
    else await writeFile(seenFile, content);
    assert.match(await changed(7), /^passed/);
    assert.match(await readFile(seenFile, "utf8"), /^7 \d+\n$/);
  }
});

test("a turn file without a number that can be compared refuses the change, and says what to do", async () => {
  for (const content of ["garbage\n", "\n", "-5 1\n", "7x 1\n", `${"9".repeat(30)} 1\n`]) {
    await writeFile(seenFile, content);
    const answer = await changed(8);
    assert.match(answer, /^HTTP\/1\.1 501[\s\S]*Slipway-Needs: a number in .*remove it/, JSON.stringify(content));
    assert.equal(await readFile(seenFile, "utf8"), content);
  }
});

test("of changes that come at the same time, an older one never passes after a newer", async () => {
  await rm(seenFile, { force: true });
  const turns = [5, 9, 3, 8, 1, 7];
  await Promise.all(turns.map(changed));
  assert.match(await readFile(seenFile, "utf8"), /^9 /);
  assert.match(await changed(8), /^HTTP\/1\.1 409[\s\S]*Slipway-Fenced: 9/);
});
