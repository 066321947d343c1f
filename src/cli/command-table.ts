import { bundle } from "./bundle.ts";
import type { Context } from "./context.ts";
import { correct, deploy, type Place, type PlanOptions } from "./deploy.ts";
import { exportRollout } from "./export-rollout.ts";
import { lock, unlock } from "./lock.ts";
import { logs } from "./logs.ts";
import { type ReceiptOptions, receipt } from "./receipt.ts";
import { planWherever, rollback } from "./rollback.ts";
import { approve, cancel, doctor, poll, releases } from "./single-calls.ts";
import { status } from "./status.ts";
import { pause, steer } from "./steer.ts";
import type { FollowOptions } from "./to-the-end.ts";
import { validate } from "./validate.ts";
import { type VerifyOptions, verifyReceipt } from "./verify-receipt.ts";

type Given = Readonly<Record<string, unknown>>;

/** One command as data; `program.ts` gives it to commander, `docs/reference/cli.md` is written from its help. */
export type CommandEntry = {
  /** Its words, then its arguments: `receipt verify <file>` belongs to `receipt`. */
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

const by = {
  flags: "--by <name>",
  description: "who asks, for the timeline and the receipt (default: your login name)",
};
const followed = [{ flags: "--detach", description: "return as soon as it is started" }, by];
const followedText =
  "Follows the rollout to its end and prints its receipt. Ctrl-C stops following only; the rollout goes on.\n" +
  "Exits 0 only if it succeeded, 1 if it failed or following was stopped, 2 if it was refused, superseded or cancelled, 3 " +
  "if it is paused and waits for a person: at a terminal you are asked, else the commands to choose are printed.";

const steerText = [
  "The choices of a pause are those that `slipway status` and `slipway logs` show:",
  "  retry      try the failed hosts again, or measure the canary once more",
  "  exclude    put the failed hosts back, or those that are named, and go on without them",
  "  continue   go on all the same",
  "  put-back   put back every host that was changed, newest first, and end",
  "  roll-back  end, and roll every host back to the release that was live before",
  "  abort      end, and leave every host exactly as it is",
].join("\n");

/** Without what was not given. */
const given = <T extends Readonly<Record<string, string | undefined>>>(values: T): { [K in keyof T]?: string } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: string };

export const commandTable: readonly CommandEntry[] = [
  {
    usage: "server",
    summary: "run the server: sees commits, builds, rolls out, serves the page and the API",
    options: [
      { flags: "--fleet <file>", description: "the fleet's file (default: fleet.yaml)" },
      { flags: "--data <directory>", description: "where it keeps what it remembers" },
      { flags: "--host <address>", description: "where to listen (default: 127.0.0.1)" },
      { flags: "--port <number>", description: "where to listen (default: 7420)" },
      {
        flags: "--public-url <url>",
        description: "the page's address as people open it, for links in notices (default: where it listens)",
      },
      { flags: "--config-check", description: "check the configuration and end" },
    ],
    examples: [
      "slipway server --fleet fleet.yaml",
      "slipway server --fleet fleet.yaml --public-url https://slipway.example.com",
      "slipway server --fleet fleet.yaml --config-check",
    ],
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
    run: (context, _, options) => validate(context, options.listed as string[], options),
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
    usage: "plan [service] [environment] [release]",
    summary: "print what a rollout would do: capacity at every point, the exact sequence; touches nothing",
    description:
      "Without a release: the newest. Shows the strategy, what each batch leaves in service, what is held, timers that " +
      "do not fit together, and how long it should take. Exits 2 when the rollout would be refused, with the reasons. Only " +
      "--rollback finds the place itself, where there is one that can be rolled back.",
    options: [
      { flags: "--rollback", description: "what `slipway rollback` would do: by default to the last good release" },
      { flags: "--correct", description: "what `slipway correct` would do" },
      { flags: "--hosts <names...>", description: "only these hosts, of a correction" },
    ],
    examples: [
      "slipway plan hello integration",
      "slipway plan hello production 12 --json",
      "slipway plan --rollback",
      "slipway plan hello production --correct --hosts web-2",
    ],
    online: true,
    run: (context, [service, environment, release], options) =>
      planWherever(context, { ...given({ service, environment, release }) }, options as PlanOptions),
  },
  {
    usage: "deploy <service> <environment> [release]",
    summary: "roll a release out",
    description: `Without a release: the newest. Shows the plan first; if the world has changed when it begins, it is planned again and says why.\n${followedText}`,
    options: followed,
    examples: ["slipway deploy hello integration", "slipway deploy hello production 12 --detach"],
    online: true,
    run: (context, args, options) => deploy(context, placeOf(args), options as FollowOptions),
  },
  {
    usage: "rollback [service] [environment] [release]",
    summary: "roll back to an earlier release, by digest",
    description:
      "Without a release: the last good one before the live one. Without a place: the only one that can be rolled back; " +
      `when there are more, they are listed. Shows the plan first.\n${followedText}`,
    options: [
      { flags: "--ready", description: "only show what it would go to, which hosts hold the image, and how soon" },
      ...followed,
    ],
    examples: [
      "slipway rollback",
      "slipway rollback hello production",
      "slipway rollback hello production 11",
      "slipway rollback --ready",
    ],
    online: true,
    run: (context, [service, environment, release], options) =>
      rollback(context, { ...given({ service, environment, release }) }, options as FollowOptions),
  },
  {
    usage: "pause <rollout>",
    summary: "pause a rollout at its next gate, where nothing is half done",
    options: [by],
    examples: ["slipway pause rollout/7"],
    online: true,
    run: (context, [named = ""], options) => pause(context, named, options as FollowOptions),
  },
  {
    usage: "steer <rollout> <choice> [hosts...]",
    summary: "choose how a paused rollout goes on",
    description: `${steerText}\n${followedText}`,
    options: followed,
    examples: [
      "slipway steer 7 retry",
      "slipway steer 7 exclude web-3",
      "slipway steer 7 put-back",
      "slipway steer rollout/7 abort --detach",
    ],
    online: true,
    run: (context, args, options) => steer(context, args, { ...options, hosts: options.listed as string[] }),
  },
  {
    usage: "correct <service> <environment> [hosts...]",
    summary: "put hosts right that run something else than the live release",
    description:
      "Without hosts: every one that drifted, but for those that somebody only took out at a balancer. A host that is " +
      `named serves again whoever took it out. Shows the plan first.\n${followedText}`,
    options: followed,
    examples: ["slipway correct hello production", "slipway correct hello production web-2 web-3"],
    online: true,
    run: (context, args, options) => correct(context, placeOf(args), { ...options, hosts: options.listed as string[] }),
  },
  {
    usage: "logs <build|rollout>",
    summary: "a build's log, or a rollout's timeline and verification log; follows until it ended",
    description:
      "Named like `build/12` or `rollout/7`, or by id; `locks/production/hello` is who locked and unlocked that place.\n" +
      "With --json: JSON lines of `event`, `log` and `end`.",
    options: [{ flags: "--no-follow", description: "print what is there and end" }],
    examples: ["slipway logs build/12", "slipway logs rollout/7 --no-follow", "slipway logs locks/production/hello"],
    online: true,
    run: (context, [named = ""], options) => logs(context, named, { follow: options.follow !== false }),
  },
  {
    usage: "bundle <rollout> [host]",
    summary:
      "what was kept of a host that failed: its log, health answer, the balancer's reason, what is different there",
    description: "Without a host: the one that failed.",
    examples: ["slipway bundle rollout/7", "slipway bundle 7 web-2", "slipway bundle 7 web-2 --json"],
    online: true,
    run: (context, [named = "", host]) => bundle(context, named, host),
  },
  {
    usage: "export <rollout>",
    summary: "print everything that a rehearsal needs of a rollout, as JSON",
    description: "No value of a variable or a secret is in it.",
    examples: ["slipway export rollout/7 > rollout.json"],
    online: true,
    run: (context, [named = ""]) => exportRollout(context, named),
  },
  {
    usage: "rehearse <file>",
    summary: "play an exported rollout again on simulated hosts, without a server",
    description:
      "The same workflows on a virtual clock, over hosts that behave as the recorded ones did; printed beside the record.\n" +
      "Exits 0 when it went as recorded, 1 when something differs, 2 when the file cannot be read.",
    options: [
      {
        flags: "--kill-at <points>",
        description: "kill the server at these points, as in 12 or 12,40, and start it again",
      },
    ],
    examples: ["slipway rehearse rollout.json", "slipway rehearse rollout.json --kill-at 12,40"],
    online: false,
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
    description: "With --json: the signed document itself, which `slipway receipt verify` checks.",
    options: [
      { flags: "--html <file>", description: "also write it as one page, for the browser and the printer" },
      { flags: "--picture <file>", description: "also write it as a picture, .png or .svg, for a chat message" },
    ],
    examples: [
      "slipway receipt rollout/7",
      "slipway receipt 7 --json > receipt.json",
      "slipway receipt 7 --html receipt.html --picture receipt.png",
    ],
    online: true,
    run: (context, [named = ""], options) => receipt(context, named, options as ReceiptOptions),
  },
  {
    usage: "receipt verify <file>",
    summary: "check the signature of a receipt, offline, and say what it proves",
    description: "Exits 0 only if it is genuine, 1 if it is not.",
    options: [
      {
        flags: "--key <file>",
        description:
          "the server's public key, PEM or what /api/receipt-key answers (default: of this machine's server)",
      },
      { flags: "--data <directory>", description: "the server's data directory, for its key (default: $SLIPWAY_DATA)" },
    ],
    examples: ["slipway receipt verify receipt.json --key receipt-key.pub"],
    online: false,
    run: (context, [file = ""], options) => verifyReceipt(context, file, options as VerifyOptions),
  },
  {
    usage: "cancel <rollout>",
    summary: "end a rollout, in the middle of what it does, and put back what it touched",
    options: [by],
    examples: ["slipway cancel rollout/7"],
    online: true,
    run: (context, [named = ""], options) => cancel(context, named, options),
  },
  {
    usage: "lock <service> <environment>",
    summary: "let no rollout start there for a while",
    description: "What runs already goes on. The lock ends by itself; `slipway unlock` ends it sooner.",
    options: [
      { flags: "--reason <words>", description: "why, for those who are refused meanwhile" },
      { flags: "--for <duration>", description: "how long, e.g. 30m or 1d (default: 2h)" },
      by,
    ],
    examples: ["slipway lock hello production --reason 'database migration' --for 30m"],
    online: true,
    run: (context, args, options) => lock(context, placeOf(args), options),
  },
  {
    usage: "unlock <service> <environment>",
    summary: "let rollouts start there again",
    options: [by],
    examples: ["slipway unlock hello production"],
    online: true,
    run: (context, args, options) => unlock(context, placeOf(args), options),
  },
  {
    usage: "approve <rollout>",
    summary: "let a rollout that waits for approval go on",
    options: [by],
    examples: ["slipway approve rollout/7"],
    online: true,
    run: (context, [named = ""], options) => approve(context, named, options),
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
