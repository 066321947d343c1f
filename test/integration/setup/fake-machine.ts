import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = join(import.meta.dirname, "../../../scripts/with-node.sh");

export type Ending = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** A checkout of its own beside a `node` and an `npm` that are shell scripts: nothing is fetched, all is recorded. */
export class FakeMachine {
  readonly directory: string;
  readonly checkout: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.checkout = join(directory, "a checkout");
  }

  static async make({ node = "v20.20.2", npm = "11.0.0" } = {}): Promise<FakeMachine> {
    const machine = new FakeMachine(await mkdtemp(join(tmpdir(), "slipway-node-")));
    const programs = join(machine.directory, "programs");
    await mkdir(join(machine.checkout, "scripts"), { recursive: true });
    await mkdir(programs);
    await cp(script, join(machine.checkout, "scripts/with-node.sh"));
    await machine.lock("first");
    await writeFile(
      join(machine.checkout, "say.ts"),
      "const words: string[] = process.argv.slice(2);\nconsole.log(JSON.stringify({ words, cwd: process.cwd() }));\n",
    );
    await writeFile(join(programs, "node"), nodeScript(node));
    await writeFile(join(programs, "npm"), npmScript(npm, machine.directory));
    for (const name of ["node", "npm"]) await chmod(join(programs, name), 0o755);
    return machine;
  }

  /** What package-lock.json says from now on. */
  async lock(text: string): Promise<void> {
    await writeFile(join(this.checkout, "package-lock.json"), text);
  }

  /** The arguments of every call of npm so far, one line each, versions asked for left out. */
  async npmCalls(): Promise<string[]> {
    const text = await readFile(join(this.directory, "npm-calls"), "utf8").catch(() => "");
    return text.split("\n").filter(Boolean);
  }

  start(args: readonly string[] = [], env: Record<string, string> = {}) {
    const withNode = join(this.checkout, "scripts/with-node.sh");
    return spawn("sh", [withNode, join(this.checkout, "say.ts"), ...args], {
      cwd: this.directory,
      env: { PATH: `${join(this.directory, "programs")}:/usr/bin:/bin`, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
      detached: true,
    });
  }

  async run(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Ending> {
    const child = this.start(args, env);
    const streams = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text) => (streams[name] += text));
    const [exitCode] = await once(child, "close");
    return { exitCode, ...streams };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

// The version it is asked for is a lie; everything else the test's own Node does.
const nodeScript = (version: string): string => `#!/bin/sh
if [ "$1" = --version ]; then echo ${version}; else exec "${process.execPath}" "$@"; fi
`;

const npmScript = (version: string, directory: string): string => `#!/bin/sh
if [ "$1" = --version ]; then echo ${version}; exit; fi
for last; do :; done
echo "$1 $last" >>"${directory}/npm-calls"
# It trips over what a killed call of it left behind.
if [ "$1" = install ]; then mkdir -p "$3"; mkdir "$3/half-done" || exit 1; fi
sleep "\${NPM_TAKES_S:-0}"
if [ -n "\${NPM_FAILS:-}" ]; then echo "npm error: $NPM_FAILS"; exit 1; fi
case "$1 $last" in
"ci "*) rm -rf node_modules; mkdir node_modules ;;
"install node-"*) mkdir -p "$3/node_modules/\${last%@*}/bin"; ln -s "${process.execPath}" "$3/node_modules/\${last%@*}/bin/node" ;;
"install npm@"*)
  mkdir -p "$3/node_modules/npm/bin"
  echo 'require("fs").mkdirSync("node_modules"); require("fs").appendFileSync("${directory}/npm-calls", "brought npm ci" + String.fromCharCode(10))' \\
    >"$3/node_modules/npm/bin/npm-cli.js" ;;
esac
`;
