import type { SourceSpec } from "#core/fleet.ts";

/** What git is asked, as data. Every address and name comes after `--` or as the value of an option. */

/** Nothing of this machine's configuration, no hooks, no transports that run commands. */
export const safety: readonly string[] = [
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "protocol.allow=never",
  "-c",
  "protocol.https.allow=always",
  "-c",
  "protocol.http.allow=always",
  "-c",
  "protocol.ssh.allow=always",
  "-c",
  "protocol.file.allow=always",
  "-c",
  "safe.directory=*",
  "-c",
  "gc.auto=0",
  "-c",
  "advice.detachedHead=false",
  "-c",
  "credential.helper=",
];

export const lsRemote = (address: string): string[] => [...safety, "ls-remote", "--heads", "--", address];

export const initBare = (directory: string): string[] => [...safety, "init", "--quiet", "--bare", "--", directory];

/** Exactly the commit where the server allows that, so that a head that has moved on does not matter. */
export const fetchCommit = (cache: string, address: string, want: string): string[] => [
  ...safety,
  "--git-dir",
  cache,
  "fetch",
  "--quiet",
  "--no-tags",
  "--force",
  "--end-of-options",
  address,
  want,
];

export const hasCommit = (cache: string, sha: string): string[] => [
  "--git-dir",
  cache,
  "cat-file",
  "-e",
  `${sha}^{commit}`,
];

/** A repository of its own that borrows nothing: a step may do what it likes with it. */
export const fetchInto = (directory: string, cache: string, sha: string): string[] => [
  ...safety,
  "-C",
  directory,
  "fetch",
  "--quiet",
  "--no-tags",
  "--depth=1",
  "--end-of-options",
  `file://${cache}`,
  sha,
];

export const checkOut = (directory: string, sha: string): string[] => [
  ...safety,
  "-C",
  directory,
  "checkout",
  "--quiet",
  "--force",
  "--detach",
  sha,
];

export const updateSubmodules = (directory: string): string[] => [
  ...safety,
  "-C",
  directory,
  "submodule",
  "update",
  "--init",
  "--recursive",
  "--depth=1",
  "--quiet",
];

/** Subject and author, with a byte between that neither can hold. */
export const describeCommit = (directory: string, sha: string): string[] => [
  ...safety,
  "-C",
  directory,
  "log",
  "-1",
  "--no-show-signature",
  "--format=%s%x00%an",
  sha,
];

/** The environment of every git: it asks nobody anything and reads no configuration of this machine. */
export function gitEnvironment({ path, sshConfig }: { path: string; sshConfig: string }): Record<string, string> {
  return {
    PATH: path,
    HOME: "/nonexistent",
    LANG: "C.UTF-8",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ASKPASS: "true",
    SSH_ASKPASS: "true",
    GIT_LFS_SKIP_SMUDGE: "1",
    // Git splits this at white space and knows no quotes: the path is ours and has none.
    GIT_SSH_COMMAND: `ssh -F ${sshConfig}`,
  };
}

/** The ssh configuration of one source: strict host keys, its deploy key and nothing else. */
export function sshConfig({ keyFile, knownHostsFile }: SourceSpec): string {
  return [
    "Host *",
    "  BatchMode yes",
    "  StrictHostKeyChecking yes",
    "  ConnectTimeout 15",
    "  ServerAliveInterval 5",
    ...(keyFile ? [`  IdentityFile "${keyFile}"`, "  IdentitiesOnly yes"] : []),
    ...(knownHostsFile ? [`  UserKnownHostsFile "${knownHostsFile}"`] : []),
    "",
  ].join("\n");
}
