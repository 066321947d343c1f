import type { HostSpec, NetworkSpec, SshEnd } from "#core/fleet.ts";
import type { Target } from "#ports/reach.ts";

/** What ssh is told, as data. Options given by `-o` do not reach a jump host; a configuration file does. */

export const bastionName = "slipway-bastion";

/** So long a connection stays when nobody uses it: also how long it outlives a server that was killed. */
const persistSeconds = 60;

/** `name` sets the sockets of one network apart: another may log in to the same machine with another key. */
export type Files = { readonly name: string; readonly directory: string; readonly knownHosts: readonly string[] };

/** ssh takes the first value it meets: ours, then the person's own configuration (agents, certificates, proxies). */
export function configText({ bastion, ssh }: NetworkSpec, { name, directory, knownHosts }: Files): string {
  const known = knownHosts.map((file) => `"${file}"`).join(" ");
  return [
    ...(bastion
      ? [`Host ${bastionName}`, `  HostName ${bastion.address}`, `  Port ${bastion.port}`, ...endLines(bastion)]
      : []),
    `Host * !${bastionName}`,
    ...(bastion ? [`  ProxyJump ${bastionName}`] : []),
    ...(ssh ? [`  Port ${ssh.port}`, ...endLines(ssh)] : []),
    "Host *",
    "  BatchMode yes",
    "  StrictHostKeyChecking yes",
    ...(known ? [`  UserKnownHostsFile ${known}`] : []),
    "  GlobalKnownHostsFile /dev/null",
    "  UpdateHostKeys no",
    "  ConnectTimeout 10",
    "  ServerAliveInterval 3",
    "  ServerAliveCountMax 3",
    "  ControlMaster auto",
    `  ControlPath "${directory}/${name}%C"`,
    `  ControlPersist ${persistSeconds}`,
    "  StreamLocalBindUnlink yes",
    "  ExitOnForwardFailure yes",
    "  ForwardAgent no",
    "  ForwardX11 no",
    "  LogLevel ERROR",
    "Include ~/.ssh/config",
    "",
  ].join("\n");
}

const endLines = ({ user, keyFile }: SshEnd): string[] => [
  ...(user ? [`  User ${user}`] : []),
  ...(keyFile ? [`  IdentityFile "${keyFile}"`, "  IdentitiesOnly yes"] : []),
];

/** Whom to connect to for a target. */
export type Destination = { readonly address: string; readonly user?: string };

/** Undefined where the target is reached without ssh. */
export function destinationOf({ bastion, ssh }: NetworkSpec, target: Target): Destination | undefined {
  if ("on" in target) return ssh ? { address: target.on.address } : undefined;
  if ("unix" in target) return { address: target.address, user: target.user };
  return bastion ? { address: bastionName } : undefined;
}

export const hostDestination = (host: HostSpec): Destination => ({ address: host.address });

const to = ({ address, user }: Destination): string[] => [...(user ? ["-l", user] : []), "--", address];

/**
 * Opens the shared connection by running nothing of use: a bastion that gives no shell answers with some exit code,
 * and the connection stands all the same. Only 255 is ssh's own failure.
 */
export const openMaster = (config: string, destination: Destination): string[] => [
  "-F",
  config,
  "-T",
  ...to(destination),
  "true",
];

export const checkMaster = (config: string, destination: Destination): string[] => [
  "-F",
  config,
  "-O",
  "check",
  ...to(destination),
];

export const closeMaster = (config: string, destination: Destination): string[] => [
  "-F",
  config,
  "-O",
  "exit",
  ...to(destination),
];

export const forward = (
  config: string,
  destination: Destination,
  way: { socket: string; target: Target },
): string[] => ["-F", config, "-O", "forward", "-L", `${way.socket}:${farEnd(way.target)}`, ...to(destination)];

export const cancelForward = (
  config: string,
  destination: Destination,
  way: { socket: string; target: Target },
): string[] => ["-F", config, "-O", "cancel", "-L", `${way.socket}:${farEnd(way.target)}`, ...to(destination)];

function farEnd(target: Target): string {
  if ("unix" in target) return target.unix;
  if ("command" in target) throw new Error("a command is not forwarded");
  return "on" in target ? `127.0.0.1:${target.port}` : `${target.address}:${target.port}`;
}

/** For a host whose SSH server refuses to forward unix sockets: Docker's own way through a plain session. */
export const dialStdio = (config: string, destination: Destination): string[] => [
  "-F",
  config,
  "-T",
  ...to(destination),
  "docker",
  "system",
  "dial-stdio",
];

/** The far shell splits what it gets: each word is quoted for it. */
export const remoteCommand = (config: string, destination: Destination, argv: readonly string[]): string[] => [
  "-F",
  config,
  "-T",
  ...to(destination),
  argv.map(quoted).join(" "),
];

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
