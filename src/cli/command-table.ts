import type { Context } from "./context.ts";
import { type DeployOptions, deploy, type Place, plan, rollback } from "./deploy.ts";
import { logs } from "./logs.ts";
import { approve, cancel, doctor, poll, receipt, releases } from "./single-calls.ts";
import { status } from "./status.ts";
import { validate } from "./validate.ts";

type Given = Readonly<Record<string, unknown>>;

/** One command as data; `program.ts` gives it to commander, `docs/reference/cli.md` is written from its help. */
export type CommandEntry = {
  readonly usage: string;
  readonly summary: string;
  readonly description?: string;
  readonly options?: readonly { readonly flags: string; readonly description: string; readonly choices?: string[] }[];
  readonly examples: readonly string[];
  /** It talks to a server, so it takes --server, --token-file and --data. */
  readonly online: boolean;
  readonly run?: (context: Context, args: readonly (string | undefined)[], options: Given) => Promise<number>;
};

const placeOf = ([service = "", environment = "", release]: readonly (string | undefined)[]): Place => ({
  service,
  environment,
  release,
});

const followed = [
  { flags: "--detach", description: "return as soon as it is started" },
  { flags: "--by <name>", description: "who asks, for the timeline and the receipt (default: your login name)" },
];
const followedText =
  "Follows the rollout to its end and prints its receipt. Ctrl-C stops following only; the rollout goes on.\n" +
  "Exits 0 only if it succeeded, 1 if it failed or following was stopped, 2 if it was refused, superseded or cancelled.";

export const commandTable: readonly CommandEntry[] = [
  {
    usage: "server",
    summary: "run the server: sees commits, builds, rolls out, serves the page and the API",
    options: [
      { flags: "--fleet <file>", description: "the fleet's file (required)" },
      { flags: "--data <directory>", description: "where it keeps what it remembers" },
      { flags: "--host <address>", description: "where to listen (default: 127.0.0.1)" },
      { flags: "--port <number>", description: "where to listen (default: 7420)" },
      { flags: "--config-check", description: "check the configuration and end" },
    ],
    examples: ["slipway server --fleet fleet.yaml", "slipway server --fleet fleet.yaml --config-check"],
    online: false,
  },
  {
    usage: "validate [files...]",
    summary: "check configuration files, offline",
    description: "Without files: slipway.yaml and fleet.yaml of this directory. Exits 2 when one is not valid.",
    options: [
      {
        flags: "--kind <kind>",
        description: "what the files are (default: seen from the name)",
        choices: ["service", "fleet"],
      },
    ],
    examples: ["slipway validate", "slipway validate deploy/fleet.yaml", "slipway validate --kind service hello.yaml"],
    online: false,
    run: (context, _, options) => validate(context, options.files as string[], options),
  },
  {
    usage: "status",
    summary: "what is live where, what runs now, what was built last",
    options: [{ flags: "--watch", description: "show it again after each change, until Ctrl-C" }],
    examples: ["slipway status", "slipway status --watch"],
    online: true,
    run: (context, _, options) => status(context, options),
  },
  {
    usage: "plan <service> <environment> [release]",
    summary: "print the exact sequence of a rollout; touches nothing",
    description: "Without a release: the newest. Exits 2 when the rollout would be refused, with the reasons.",
    examples: ["slipway plan hello integration", "slipway plan hello production 12 --json"],
    online: true,
    run: (context, args) => plan(context, placeOf(args)),
  },
  {
    usage: "deploy <service> <environment> [release]",
    summary: "roll a release out",
    description: `Without a release: the newest. ${followedText}`,
    options: followed,
    examples: ["slipway deploy hello integration", "slipway deploy hello production 12 --detach"],
    online: true,
    run: (context, args, options) => deploy(context, placeOf(args), options as DeployOptions),
  },
  {
    usage: "rollback <service> <environment> [release]",
    summary: "roll back to an earlier release, by digest",
    description: `Without a release: the last good one before the live one. ${followedText}`,
    options: followed,
    examples: ["slipway rollback hello production", "slipway rollback hello production 11"],
    online: true,
    run: (context, args, options) => rollback(context, placeOf(args), options as DeployOptions),
  },
  {
    usage: "logs <build|rollout>",
    summary: "a build's log, or a rollout's timeline and verification log; follows until it ended",
    description: "Named like `build/12` or `rollout/7`, or by id. With --json: JSON lines of `event`, `log` and `end`.",
    options: [{ flags: "--no-follow", description: "print what is there and end" }],
    examples: ["slipway logs build/12", "slipway logs rollout/7 --no-follow"],
    online: true,
    run: (context, [named = ""], options) => logs(context, named, { follow: options.follow !== false }),
  },
  {
    usage: "releases <service>",
    summary: "the releases of a service, newest first",
    examples: ["slipway releases hello"],
    online: true,
    run: (context, [service = ""]) => releases(context, service),
  },
  {
    usage: "receipt <rollout>",
    summary: "the proof of a rollout: requests served, failed and cut off, times of each host",
    examples: ["slipway receipt rollout/7", "slipway receipt 7 --json"],
    online: true,
    run: (context, [named = ""]) => receipt(context, named),
  },
  {
    usage: "cancel <rollout>",
    summary: "end a rollout at its next gate and put back what it touched",
    examples: ["slipway cancel rollout/7"],
    online: true,
    run: (context, [named = ""]) => cancel(context, named),
  },
  {
    usage: "approve <rollout>",
    summary: "let a rollout that waits for approval go on",
    examples: ["slipway approve rollout/7"],
    online: true,
    run: (context, [named = ""]) => approve(context, named),
  },
  {
    usage: "poll <source>",
    summary: "look at a source now instead of at its next poll",
    examples: ["slipway poll hello"],
    online: true,
    run: (context, [name = ""]) => poll(context, name),
  },
  {
    usage: "doctor",
    summary: "check everything a rollout stands on, and say what to do; touches nothing",
    description: "Exits 1 when a check failed.",
    examples: ["slipway doctor"],
    online: true,
    run: (context) => doctor(context),
  },
];
