import type { SourceSpec } from "#core/fleet.ts";

/** What git is asked, as data. Every address and name comes after `--` or as the value of an option. */

/** Nothing of this machine's configuration, no hooks, no transports that run commands. */
export const safety: readonly string[] = [
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.fsmonitor=false",
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

/** What the cache has, told to the server as ours: without any reference each fetch would bring the whole history. */
export const keptRef = "refs/slipway/last";

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
  `${want}:${keptRef}`,
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

/** What a submodule's relative address is relative to; it carries no password. */
export const nameOrigin = (directory: string, address: string): string[] => [
  ...safety,
  "-C",
  directory,
  "remote",
  "add",
  "--",
  "origin",
  address,
];

/** A repository from elsewhere has no business with those on this machine's disk. */
export const updateSubmodules = (directory: string, address: string): string[] => [
  ...safety,
  ...(isOfThisMachine(address) ? [] : ["-c", "protocol.file.allow=never"]),
  "-C",
  directory,
  "submodule",
  "update",
  "--init",
  "--recursive",
  "--depth=1",
  "--quiet",
];

const isOfThisMachine = (address: string): boolean => /^(\/|file:\/\/\/)/.test(address);

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

/**
 * An address for the command line, which everybody on this machine can read, and what to put in its place: git reads
 * that from its environment, and writes the address without the password wherever it writes one.
 */
export function splitAddress(address: string): { plain: string; rewrite?: { from: string; to: string } } {
  const parts = /^(https?:\/\/)([^/\s]*@)([^/@\s]+)(.*)$/s.exec(address);
  if (!parts) return { plain: address };
  const [, scheme = "", login = "", host = "", path = ""] = parts;
  const rewrite = { from: `${scheme}${host}/`, to: `${scheme}${login}${host}/` };
  return { plain: `${scheme}${host}${path || "/"}`, rewrite };
}

type Surroundings = { path: string; sshConfig: string; address: string };

/** The environment of every git: it asks nobody anything and reads no configuration of this machine. */
export function gitEnvironment({ path, sshConfig, address }: Surroundings): Record<string, string> {
  const { rewrite } = splitAddress(address);
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
    // Git gives this to a shell.
    GIT_SSH_COMMAND: `ssh -F '${sshConfig.replaceAll("'", `'\\''`)}'`,
    ...(rewrite
      ? { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: `url.${rewrite.to}.insteadOf`, GIT_CONFIG_VALUE_0: rewrite.from }
      : {}),
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
