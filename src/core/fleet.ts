/** What `fleet.yaml` says, checked and with every default filled in. Durations are milliseconds. */
export type FleetSpec = {
  readonly sources: readonly SourceSpec[];
  readonly registries: Readonly<Record<string, RegistrySpec>>;
  readonly networks: Readonly<Record<string, NetworkSpec>>;
  readonly environments: Readonly<Record<string, FleetEnvironment>>;
  readonly notify: readonly NotifySpec[];
};

export type SourceSpec = {
  /** Unique among the sources; by default the last part of the address without `.git`. */
  readonly name: string;
  /** https, ssh, or a path: whatever git can clone. */
  readonly git: string;
  readonly pollMs: number;
  /** Globs of branch names; `**` crosses slashes. */
  readonly branches: readonly string[];
  /** Path of a private key for ssh addresses, and of the known_hosts file that goes with it. */
  readonly keyFile?: string;
  readonly knownHostsFile?: string;
};

/** A secret by name; the value is looked up when it is used. */
export type SecretRef = { readonly secret: string };

export type RegistrySpec = {
  readonly username?: string;
  readonly password?: SecretRef;
  /** Plain HTTP; only ever for a registry on a network of one's own. */
  readonly insecure: boolean;
};

/** Hosts that are reached the same way. Without `bastion` and `ssh` the hosts are this machine's own engine. */
export type NetworkSpec = {
  readonly name: string;
  readonly bastion?: SshEnd & { readonly address: string; readonly port: number };
  /** How to log in to the hosts. Absent: hosts are reached over the local Docker socket. */
  readonly ssh?: SshEnd & { readonly port: number; readonly knownHostsFile?: string };
  /** The engine's socket: on this machine without `ssh`, on the host with it. */
  readonly dockerSocket: string;
};

export type SshEnd = { readonly user?: string; readonly keyFile?: string };

export type FleetEnvironment = {
  readonly name: string;
  readonly network: string;
  /** What canaries are measured by. */
  readonly prometheus?: PrometheusSpec;
  /** Hosts that run something else than they should: only shown, or corrected by a rollout of their own. */
  readonly drift: "show" | "correct";
  /** Key: the service's name. */
  readonly services: Readonly<Record<string, ServiceGroup>>;
};

/** `token` is sent as a bearer token. */
export type PrometheusSpec = { readonly url: string; readonly token?: SecretRef };

/** The hosts and balancers that run one service in one environment. */
export type ServiceGroup = {
  readonly hosts: readonly HostSpec[];
  readonly balancers: readonly BalancerSpec[];
  /** Where the prober sends requests during a rollout. */
  readonly traffic?: { readonly url: string; readonly everyMs: number };
  /** Added to the service's own run environment; the fleet's value wins. */
  readonly env: Readonly<Record<string, string>>;
  /** Who is not to be woken during a rollout. */
  readonly alerts?: readonly AlertsSpec[];
  /** What must not add or take away hosts during a rollout. */
  readonly autoscaling?: readonly AutoscalingSpec[];
  /** The second place of every host, for the strategy `blue-green`. */
  readonly blueGreen?: {
    /** The host's port where the second container is published. */
    readonly port: number;
    /** Added to a host's server name: the balancers know the second place by it, e.g. `-green`. */
    readonly suffix: string;
  };
};

export type HostSpec = {
  readonly name: string;
  readonly address: string;
  /** The name the balancers know it by; by default its own name. */
  readonly server: string;
};

export type BalancerSpec = {
  readonly kind: "haproxy";
  /** Unique within the group, for messages: `haproxy hello`. */
  readonly name: string;
  /** `unix:///path`, `tcp://address:port` (through the network's bastion), or `ssh://user@address/path`. */
  readonly socket: string;
  readonly backend: string;
  /** How often it checks each server: HAProxy does not tell. */
  readonly checkIntervalMs?: number;
};

export const noticeEvents = ["started", "succeeded", "failed", "put-back", "paused"] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

export type NotifySpec = {
  readonly on: readonly NoticeEvent[];
} & (
  | { readonly kind: "slack"; readonly webhook: SecretRef | string }
  /** Signed as Standard Webhooks say. */
  | { readonly kind: "webhook"; readonly url: string; readonly signingSecret: SecretRef }
);

/** Where alerts come from. `name` is unique within the group, for messages and records. */
export type AlertsSpec = { readonly name: string } & (
  | {
      readonly kind: "alertmanager";
      readonly url: string;
      /** Label and value: the alerts that all of them match are silent. */
      readonly matchers: Readonly<Record<string, string>>;
      /** Sent as a bearer token. */
      readonly secret?: SecretRef;
    }
  /** Informed of a change; nothing is silenced. `secret` is the routing key. */
  | { readonly kind: "pagerduty"; readonly url: string; readonly secret: SecretRef }
  /** The user's own programs, each with its arguments; an empty one is not run. */
  | {
      readonly kind: "command";
      readonly hold: readonly string[];
      readonly release: readonly string[];
      readonly timeoutMs: number;
      readonly secret?: undefined;
    }
);

/** One autoscaling group. */
export type AutoscalingSpec = { readonly name: string; readonly kind: "simulated" };
