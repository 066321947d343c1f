import { execFile } from "node:child_process";

export type SshEnd = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

const outputLimitBytes = 4 * 1024 * 1024;

/**
 * Runs the OpenSSH client. Not by `runProcess`: that leaves nothing behind, and the shared connection which the first
 * call opens must stay.
 */
export function runSsh(args: readonly string[], signal: AbortSignal): Promise<SshEnd> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "ssh",
      [...args],
      { signal, env: sshEnvironment(), maxBuffer: outputLimitBytes, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        if (signal.aborted) return reject(signal.reason);
        if (error && typeof error.code !== "number" && child.exitCode === null && !error.signal) return reject(error);
        resolve({ exitCode: child.exitCode ?? sshExitOfSignal, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

const sshExitOfSignal = 255;

/** What a person's own ssh configuration may need, and nothing of the server's secrets. */
export function sshEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "LANG"];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
