import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { labDown, labUp } from "../../lab/lab.ts";
import { nodeProcesses } from "../../lab/lab-down.ts";
import { labDir } from "../../lab/lab-files.ts";
import { leftovers, namespacesOf } from "../../lab/leftovers.ts";
import { until } from "../../lab/until.ts";
import { newPrefix } from "./lab-of.ts";

const main = join(import.meta.dirname, "../../lab/main.ts");
const someNodes = 3;
const limit = { limitMs: 20_000 };

const command = (prefix: string, ...args: string[]): ChildProcess =>
  spawn(process.execPath, [main, "--prefix", prefix, ...args], { stdio: ["ignore", "pipe", "inherit"] });

/** Whatever the test finds, nothing of its lab outlives it. */
function prefixFor(t: TestContext, what: string): string {
  const prefix = newPrefix(what);
  t.after(() => labDown(prefix));
  return prefix;
}

/** Kills the command once some, but not all, of its nodes exist; answers the namespaces it had made by then. */
async function killHalfWay(prefix: string): Promise<string[]> {
  const bringUp = command(prefix);
  const booting = () => (nodeProcesses(labDir(prefix)).length >= someNodes ? true : undefined);
  await until("the first nodes", booting, limit);
  const namespaces = namespacesOf(prefix);
  bringUp.kill("SIGKILL");
  await once(bringUp, "exit");
  assert.equal(await textOf(bringUp), "", "it was killed before it was up");
  return namespaces;
}

const textOf = async (child: ChildProcess): Promise<string> => (await child.stdout?.toArray())?.join("") ?? "";

async function untilItSays(child: ChildProcess, words: string): Promise<void> {
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await until(`"${words}"`, () => said.includes(words) || undefined, limit);
}

test("killed half-way through the bring-up, a lab is removed without a trace", async (t) => {
  const prefix = prefixFor(t, "half");
  const namespaces = await killHalfWay(prefix);
  assert.notDeepEqual(leftovers(prefix, namespaces), [], "the kill left something to remove");
  await labDown(prefix);
  assert.deepEqual(leftovers(prefix, namespaces), []);
});

test("the next lab of that name clears away the killed one by itself", async (t) => {
  const prefix = prefixFor(t, "next");
  const namespaces = await killHalfWay(prefix);
  {
    await using lab = await labUp({ hosts: 1, prefix });
    assert.equal((await lab.office.exec(["hostname"])).stdout, "office\n");
  }
  assert.deepEqual(leftovers(prefix, namespaces), []);
});

test("when the process that holds a lab is killed, its nodes die and --down removes the rest", async (t) => {
  const prefix = prefixFor(t, "held");
  const holder = command(prefix, "--hosts", "1");
  await untilItSays(holder, "Ctrl-C takes everything down");
  const namespaces = namespacesOf(prefix);
  holder.kill("SIGKILL");
  await until("the nodes' own end", () => nodeProcesses(labDir(prefix)).length === 0 || undefined, limit);
  const down = command(prefix, "--down");
  await untilItSays(down, `Nothing is left of lab ${prefix}`);
  assert.deepEqual(leftovers(prefix, namespaces), []);
});

test("Ctrl-C takes a lab down, also while it is still coming up", async (t) => {
  for (const words of ["", "Ctrl-C takes everything down"]) {
    const prefix = prefixFor(t, "ctrlc");
    const holder = command(prefix, "--hosts", "1");
    if (words === "") await until("a node", () => nodeProcesses(labDir(prefix)).length > 0 || undefined, limit);
    else await untilItSays(holder, words);
    holder.kill("SIGINT");
    const [code] = await once(holder, "exit");
    assert.equal(code, 0);
    assert.deepEqual(leftovers(prefix), []);
  }
});
