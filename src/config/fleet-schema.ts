import { z } from "zod";
import { noticeEvents } from "#core/fleet.ts";
import {
  duration,
  environmentName,
  environmentValues,
  keyFile,
  line,
  name,
  pollDuration,
  port,
  secretRef,
} from "./values.ts";

/**
 * What git is asked for comes from here, so nothing in it may be an option or a remote helper: `ext::sh -c ...` runs a
 * program, and a user, host or path that begins with `-` is an option of ssh's.
 */
const gitAddresses = [
  /^(https?|ssh):\/\/([^\s/@-][^\s/@]*@)?[A-Za-z0-9_[][^\s/@]*(\/\S*)?$/,
  /^file:\/\/\/\S+$/,
  /^([A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9_][\w.-]*:(?!:|-|\/\/)[^\\\s]+$/,
  /^\.{0,2}\/.+$/,
];

const gitAddress = line.refine((address) => gitAddresses.some((form) => form.test(address)), {
  error: "an https, ssh or file address, user@host:path, or a path that begins with / or ./",
});

const source = z.strictObject({
  name: name.optional().describe("Default: the last part of the address, without .git"),
  git: gitAddress,
  poll: pollDuration.default("30s"),
  branches: z.array(line).min(1),
  key: keyFile.optional().describe("Deploy key for an ssh address"),
  known_hosts: line.optional(),
});

const registry = z.strictObject({
  username: line.optional(),
  password: secretRef.optional(),
  insecure: z.boolean().default(false).describe("Plain HTTP: only for a registry on a network of your own"),
});

const address = z
  .string({ error: "a host name or an IP address" })
  .regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/, { error: "a host name or an IP address" });
const user = z.string().regex(/^[a-z_][a-z0-9_.-]{0,31}$/, { error: "a user's name" });

const network = z.strictObject({
  bastion: z
    .strictObject({
      address: address.optional(),
      host: address.optional(),
      port: port.default(22),
      user: user.optional(),
      key: keyFile.optional(),
    })
    .optional(),
  ssh: z
    .strictObject({
      user: user.optional(),
      port: port.default(22),
      key: keyFile.optional(),
      known_hosts: line.optional(),
    })
    .optional(),
  docker: z.string().regex(/^\//, { error: "the path of the Docker socket" }).default("/var/run/docker.sock"),
});

const socketExpected = { error: "unix:///path, tcp://address:port or ssh://user@address/path" };
const isPort = (socket: string): boolean => port.safeParse(Number(socket.split(":").at(-1))).success;

const httpExpected = { error: "an http or https address" };
const httpAddress = z
  .string(httpExpected)
  .regex(/^https?:\/\/[!-~]+$/, httpExpected)
  .refine((url) => URL.canParse(url), httpExpected);

const balancer = z.strictObject({
  haproxy: z.strictObject({
    socket: z
      .string()
      .regex(
        /^(unix:\/\/\/\S+|tcp:\/\/[A-Za-z0-9][A-Za-z0-9.-]*:\d{1,5}|ssh:\/\/[a-z_][a-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*\/\S+)$/,
        socketExpected,
      )
      .refine((socket) => !socket.startsWith("tcp:") || isPort(socket), { error: "a port from 1 to 65535" }),
    backend: z.string().regex(/^[A-Za-z0-9_.:-]{1,100}$/, { error: "the name of a backend" }),
    check_interval: duration
      .optional()
      .describe("What `inter` of its servers is: HAProxy does not tell, and a plan is checked by it"),
  }),
});

const program = z.array(line).min(1).max(100);

const alerts = z.union(
  [
    z.strictObject({
      alertmanager: z.strictObject({
        url: httpAddress,
        matchers: z
          .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "the name of a label" }), line)
          .refine((labels) => Object.keys(labels).length > 0, { error: "at least one label" })
          .describe("Label and value: alerts that all of them match are silent"),
        token: secretRef.optional().describe("Sent as a bearer token"),
      }),
    }),
    z.strictObject({
      pagerduty: z.strictObject({
        routing_key: secretRef,
        url: httpAddress.default("https://events.pagerduty.com"),
      }),
    }),
    z.strictObject({
      command: z.strictObject({
        hold: program.describe("A program and its arguments, run before the first host and every two minutes"),
        release: program.describe("Run at the end"),
        timeout: duration.default("30s"),
      }),
    }),
  ],
  { error: "{ alertmanager: ... }, { pagerduty: ... } or { command: ... }" },
);

const group = z.strictObject({
  hosts: z
    .array(
      z.strictObject({
        name,
        address,
        server: z
          .string()
          .regex(/^[A-Za-z0-9_.:-]{1,100}$/, { error: "the name of a server" })
          .optional(),
      }),
    )
    .min(1),
  balancers: z.array(balancer).default([]),
  traffic: z
    .strictObject({
      url: httpAddress,
      every: duration.default("100ms"),
    })
    .optional()
    .describe("Where requests are sent during a rollout, to count what a user would have seen"),
  env: environmentValues.default({}),
  alerts: z.array(alerts).default([]).describe("Who is not to be woken during a rollout"),
  blue_green: z
    .strictObject({
      port: port.describe("The hosts' port where the second container is published"),
      suffix: z
        .string()
        .regex(/^[A-Za-z0-9_.:-]{1,20}$/, { error: "letters and digits, as in -green" })
        .default("-green")
        .describe("The balancers know a host's second place as its server with this added"),
    })
    .optional()
    .describe("The second place of every host, for the strategy blue-green"),
});

const events = z
  .array(z.enum(noticeEvents))
  .min(1)
  .default([...noticeEvents]);

const notify = z.union(
  [
    z.strictObject({
      slack: z.strictObject({
        webhook: z.union([secretRef, httpAddress], {
          error: "{ secret: NAME } or an http or https address",
        }),
      }),
      on: events,
    }),
    z.strictObject({ webhook: z.strictObject({ url: httpAddress, signing_secret: secretRef }), on: events }),
  ],
  { error: "{ slack: ... } or { webhook: ... }" },
);

const environment = z.strictObject({
  network: name,
  prometheus: z
    .union([httpAddress, z.strictObject({ url: httpAddress, token: secretRef.optional() })], {
      error: "an http or https address, or { url: ..., token: { secret: NAME } }",
    })
    .optional()
    .describe("Where the queries of a canary are asked; the token is sent as a bearer token"),
  drift: z
    .enum(["show", "correct"])
    .default("show")
    .describe("Hosts that run something else than they should: only shown, or put right by a rollout"),
  services: z.record(name, group).default({}),
});

/** The form of `fleet.yaml`: the one source of its types, its checks and its JSON Schema. */
export const fleetSchema = z
  .strictObject({
    sources: z.array(source).default([]),
    registries: z
      .record(
        z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]*(:\d{1,5})?$/, { error: "a registry's host, with a port where it has one" }),
        registry,
      )
      .default({}),
    networks: z.record(name, network).default({}),
    environments: z.record(environmentName, environment).default({}),
    notify: z.array(notify).default([]),
  })
  .describe("The sources, networks and environments of one Slipway server");
