import { spawn } from "node:child_process";

const programLimitMs = 30_000;

/** Runs a program of this machine to its end and gives its output; anything but exit 0 is an error with its words. */
export function runProgram(argv: readonly [string, ...string[]], stdin = ""): Promise<string> {
  const [file, ...args] = argv;
  // A person's PATH may lack the directories of ip, iptables and nsenter.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const child = spawn(file, args, { stdio: "pipe", env, timeout: programLimitMs, killSignal: "SIGKILL" });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
  // A program that ends without reading its input closes the pipe; its exit code tells the story, not EPIPE.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  const command = argv.join(" ");
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(new Error(`Could not start ${command}`, { cause })));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      reject(new Error(`${command} ended with ${signal ?? code}: ${Buffer.concat(err).toString().trim()}`));
    });
  });
}
