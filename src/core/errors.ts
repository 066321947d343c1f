/**
 * Whose problem an error is: the caller's (refusal), the world's (failure), a person's wish (cancelled)
 * or ours (fault). The kind decides the HTTP status, the exit code and whether it is recorded as an outcome.
 */
export type ErrorKind = "refusal" | "failure" | "cancelled" | "fault";

type Entry = { readonly kind: ErrorKind; readonly sentence: string; readonly advice: string };

/** Every error Slipway gives. `docs/reference/errors.md` is made from this table; a test keeps them equal. */
export const errorCodes = {
  // Refusals: the caller's input or the state of things does not allow it; nothing was touched.
  "config.invalid": {
    kind: "refusal",
    sentence: "A configuration file is not valid.",
    advice: "Correct the named line; the configuration in force stays as it was.",
  },
  "input.invalid": {
    kind: "refusal",
    sentence: "The request is not valid.",
    advice: "Correct the named field; see --help or /openapi.json.",
  },
  "auth.required": {
    kind: "refusal",
    sentence: "A change needs the server's token.",
    advice: "Set SLIPWAY_TOKEN, or use the token file named at the server's start.",
  },
  "auth.origin": {
    kind: "refusal",
    sentence: "The request came by a name or from a page that this server does not answer.",
    advice: "Use the address that the server printed at its start.",
  },
  "not.found": {
    kind: "refusal",
    sentence: "There is no such thing.",
    advice: "See `slipway status` for what exists.",
  },
  "server.second": {
    kind: "refusal",
    sentence: "Another Slipway server uses this database.",
    advice: "Stop the other server first, or give this one its own DATABASE_URL or --data directory.",
  },
  "secret.missing": {
    kind: "refusal",
    sentence: "A secret that is referred to is not set.",
    advice: "Put it in the server's secrets directory or set SLIPWAY_SECRET_<NAME> and start the server again.",
  },
  "plan.refused": {
    kind: "refusal",
    sentence: "The rollout cannot work or is not safe, so it was not started.",
    advice: "Follow the advice beside each reason, then plan again.",
  },
  "release.none": {
    kind: "refusal",
    sentence: "There is no release to roll out.",
    advice: "Push a commit that builds, or name a release that exists: `slipway status`.",
  },
  "rollback.not-back": {
    kind: "refusal",
    sentence: "A roll back goes to what was live and good in that environment before.",
    advice: "Roll out anything else with `slipway deploy`.",
  },
  "rollback.identical": {
    kind: "refusal",
    sentence: "The release to roll back to is the one that is live.",
    advice: "Name an earlier release: `slipway rollback <service> <environment> <release>`.",
  },
  // Failures: the world did not do what was asked; recorded as an outcome.
  "source.unreachable": {
    kind: "failure",
    sentence: "The source's repository could not be read.",
    advice: "Check the address and the credentials; Slipway tries again with back-off.",
  },
  "source.commit-missing": {
    kind: "failure",
    sentence: "The commit is no longer in the repository.",
    advice: "It was probably replaced by a force push; push again.",
  },
  "build.step-failed": {
    kind: "failure",
    sentence: "A build step ended with an error.",
    advice: "Read the last lines of its log.",
  },
  "build.step-timeout": {
    kind: "failure",
    sentence: "A build step ran longer than its limit.",
    advice: "Make it faster or raise its `timeout`.",
  },
  "image.build-failed": {
    kind: "failure",
    sentence: "The image could not be built.",
    advice: "Read the last lines of the build log; try `docker build` on that commit.",
  },
  "registry.refused": {
    kind: "failure",
    sentence: "The registry refused the credentials.",
    advice: "Correct `registries` in fleet.yaml and the secret it names, then run `slipway doctor`.",
  },
  "registry.unreachable": {
    kind: "failure",
    sentence: "The registry did not answer.",
    advice: "Check its address and that it runs: `slipway doctor`.",
  },
  "image.missing": {
    kind: "failure",
    sentence: "The image is not in the registry.",
    advice: "Build the commit again.",
  },
  "host.unreachable": {
    kind: "failure",
    sentence: "The host could not be reached.",
    advice: "Check that it runs and that SSH works: `slipway doctor`.",
  },
  "host.key-changed": {
    kind: "failure",
    sentence: "The host's SSH key is not the one that is known.",
    advice: "If the host was really replaced, put its new key in known_hosts; otherwise somebody may be in between.",
  },
  "bastion.unreachable": {
    kind: "failure",
    sentence: "The bastion could not be reached.",
    advice: "Check its address, its key, and that it accepts this machine: `slipway doctor`.",
  },
  "engine.unreachable": {
    kind: "failure",
    sentence: "The container engine did not answer.",
    advice: "Check that Docker runs on the host and that the SSH user may use its socket.",
  },
  "disk.full": {
    kind: "failure",
    sentence: "The disk is full.",
    advice: "Free space on the named host; old images are removed after every good rollout.",
  },
  "container.exited": {
    kind: "failure",
    sentence: "The new container ended by itself.",
    advice: "Read its last lines below.",
  },
  "container.start-failed": {
    kind: "failure",
    sentence: "The new container could not be started.",
    advice: "Read the engine's reason below.",
  },
  "container.port-taken": {
    kind: "failure",
    sentence: "The host port is used by something else.",
    advice: "Stop what uses it, or choose another port.",
  },
  "check.unhealthy": {
    kind: "failure",
    sentence: "The new container did not become healthy in time.",
    advice: "Read its last answer and its log below.",
  },
  "check.errors": {
    kind: "failure",
    sentence: "Too many of the host's answers failed while it was watched.",
    advice: "Read its log below; where such answers are usual, raise `max_error_rate`.",
  },
  "check.smoke": {
    kind: "failure",
    sentence: "The smoke test did not get the answer it expects.",
    advice: "Compare the expected and the given answer below.",
  },
  "drain.timeout": {
    kind: "failure",
    sentence: "Requests were still in flight when the drain's time was over.",
    advice: "Raise `drain_timeout`, or find the clients that hold connections open.",
  },
  "balancer.unreachable": {
    kind: "failure",
    sentence: "The balancer's runtime socket did not answer.",
    advice: "Check the socket's address and its rights: `slipway doctor`.",
  },
  "balancer.unknown-server": {
    kind: "failure",
    sentence: "The balancer does not know that backend or server.",
    advice: "Correct `backend` or the host's `server` name in fleet.yaml.",
  },
  "balancer.not-admitted": {
    kind: "failure",
    sentence: "The balancer did not take the server back into service.",
    advice: "Look at the balancer's own health check for this server.",
  },
  "capacity.lost": {
    kind: "failure",
    sentence: "Too few hosts are in service to take another one out.",
    advice: "Bring the missing hosts back, then deploy again.",
  },
  "canary.failed": {
    kind: "failure",
    sentence: "The canary hosts did worse than they may.",
    advice: "See what was measured on the rollout's page; the other hosts were not touched.",
  },
  "canary.not-measured": {
    kind: "failure",
    sentence: "Whether the canary hosts do well could not be measured.",
    advice: "Repair what measures, then choose `retry`; or look for yourself and choose `continue`.",
  },
  "failures.too-many": {
    kind: "failure",
    sentence: "More hosts failed than the environment allows.",
    advice: "Read the first failure; raise `max_failures` only if hosts fail for reasons of their own.",
  },
  "hosts.none-left": {
    kind: "failure",
    sentence: "Every host was left out, so that none runs the release.",
    advice: "Read what each of them failed with; then deploy again.",
  },
  "act.stalled": {
    kind: "failure",
    sentence: "Nothing moved for so long that a person should look.",
    advice: "See the host and the act that the message names, then choose how to go on.",
  },
  "host.fenced": {
    kind: "failure",
    sentence: "The host refused a command, as a later one has been there.",
    advice: "Nothing to do: the later act goes on. If it comes again, look for a second server.",
  },
  "service.taken": {
    kind: "refusal",
    sentence: "Another repository releases a service of that name.",
    advice: "Choose another `service` in slipway.yaml, or give the source the name of the repository that it replaces.",
  },
  "place.locked": {
    kind: "refusal",
    sentence: "The environment is locked for this service.",
    advice: "Wait for its end, or unlock it: `slipway unlock <service> <environment>`.",
  },
  "alerts.unreachable": {
    kind: "failure",
    sentence: "What sends alerts gave no answer.",
    advice: "The rollout goes on; expect alerts from it. See the address in fleet.yaml.",
  },
  "alerts.refused": {
    kind: "failure",
    sentence: "What sends alerts refused to be silent, or to be heard again.",
    advice: "The rollout goes on; expect alerts from it. See its own words.",
  },
  "autoscaling.unreachable": {
    kind: "failure",
    sentence: "The autoscaling gave no answer.",
    advice: "Nothing was touched. See that its API can be reached, then try again.",
  },
  "autoscaling.refused": {
    kind: "failure",
    sentence: "The autoscaling refused to be suspended or resumed.",
    advice: "See its own words, and what the server's credentials may do.",
  },
  "verify.failed": {
    kind: "failure",
    sentence: "The verification of the environment failed.",
    advice: "Read the last lines of its log.",
  },
  "notice.failed": {
    kind: "failure",
    sentence: "A notice could not be delivered.",
    advice: "Check the address of the chat room or webhook; rollouts go on without it.",
  },
  "receipt.not-genuine": {
    kind: "failure",
    sentence: "A receipt's signature does not fit its content or the key.",
    advice: "Get the receipt and the public key from the server itself, and check again.",
  },
  "deadline.exceeded": {
    kind: "failure",
    sentence: "The act did not end within its deadline.",
    advice: "See which host and command the message names.",
  },
  "server.unreachable": {
    kind: "failure",
    sentence: "No Slipway server answered the command line.",
    advice: "Start one with `slipway server --fleet fleet.yaml`, or name it with --server.",
  },
  "server.busy": {
    kind: "failure",
    sentence: "The server follows changes for as many clients as it can, or is not ready yet.",
    advice: "Try again in a moment; close pages and followers that are not needed.",
  },
  "step.interrupted": {
    kind: "failure",
    sentence: "The server stopped in the middle of this act, again and again.",
    advice: "Read the server's log around that time.",
  },
  "rollout.superseded": { kind: "cancelled", sentence: "A newer release took its place.", advice: "Nothing to do." },
  "rollout.ending": {
    kind: "refusal",
    sentence: "The rollout has released every host and is just ending.",
    advice: "Go back with `slipway rollback <service> <environment>`.",
  },
  "rollout.aborted": {
    kind: "cancelled",
    sentence: "A person ended it and left the hosts as they were.",
    advice: "See `slipway status` for what runs where; deploy or roll back when you are ready.",
  },
  "rollout.cancelled": { kind: "cancelled", sentence: "A person cancelled it.", advice: "Nothing to do." },
  "gate.expired": {
    kind: "cancelled",
    sentence: "Nobody approved it in time.",
    advice: "Deploy again and approve it: `slipway approve <rollout>`.",
  },
  fault: {
    kind: "fault",
    sentence: "Slipway itself made a mistake.",
    advice: "Please report it with the server's log.",
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorCodes;

/** An error as plain data: what is recorded in the journal, answered by the API and printed by the command line. */
export type ErrorRecord = {
  readonly code: ErrorCode;
  /** What we were doing, to which thing, what we expected, what we saw. Already redacted. */
  readonly message: string;
  /** What to do next. */
  readonly advice: string;
  readonly host?: string;
  /** The command or request, redacted. */
  readonly command?: string;
  /** The exit code or signal, where there was one. */
  readonly exit?: string;
  /** The last lines of output, redacted, at most a few kilobytes. */
  readonly lastLines?: string;
};

type Details = { host?: string; command?: string; exit?: string; lastLines?: string; advice?: string; cause?: unknown };

/** The one error class: a code of the registry, a message made for a person, and what the world answered. */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly advice: string;
  readonly details: Omit<Details, "cause" | "advice">;

  constructor(code: ErrorCode, message: string, { cause, advice, ...details }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SlipwayError";
    this.code = code;
    this.advice = advice ?? errorCodes[code].advice;
    this.details = details;
  }

  get kind(): ErrorKind {
    return errorCodes[this.code].kind;
  }

  toRecord(): ErrorRecord {
    return { code: this.code, message: this.message, advice: this.advice, ...this.details };
  }

  static fromRecord(record: ErrorRecord): SlipwayError {
    const { code, message, ...details } = record;
    return new SlipwayError(code, message, details);
  }

  /** Any thrown thing as a SlipwayError; one that is not ours becomes a fault that keeps its cause. */
  static from(thrown: unknown): SlipwayError {
    if (thrown instanceof SlipwayError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new SlipwayError("fault", message, { cause: thrown });
  }
}
