import type { z } from "zod";
import type {
  AlertsSpec,
  FleetEnvironment,
  FleetSpec,
  NetworkSpec,
  NotifySpec,
  PrometheusSpec,
  ServiceGroup,
  SourceSpec,
} from "#core/fleet.ts";
import { fleetProblems } from "./fleet-problems.ts";
import { fleetSchema } from "./fleet-schema.ts";
import { YamlFile } from "./read-yaml.ts";
import { asStrings, millis, present } from "./values.ts";

type Raw = z.output<typeof fleetSchema>;
type Resolve = (path: string) => string;

/** `fleet.yaml` as a checked value; paths in it are made absolute by `resolvePath`. Fails with config.invalid. */
export function parseFleetFile(text: string, fileName: string, { resolvePath }: { resolvePath: Resolve }): FleetSpec {
  const file = YamlFile.read(fleetSchema, text, fileName);
  const { sources, registries, networks, environments, notify } = file.value;
  const named = sources.map((source) => sourceOf(source, resolvePath));
  file.refuseIf(fleetProblems(file.value, named));
  return {
    sources: named,
    registries: Object.fromEntries(Object.entries(registries).map(([host, registry]) => [host, present(registry)])),
    networks: Object.fromEntries(
      Object.entries(networks).map(([key, network]) => [key, networkOf(key, network, resolvePath)]),
    ),
    environments: Object.fromEntries(
      Object.entries(environments).map(([key, value]) => [key, environmentOf(key, value)]),
    ),
    notify: notify.map(notifyOf),
  };
}

function sourceOf(
  { name, git, poll, branches, key, known_hosts }: Raw["sources"][number],
  resolvePath: Resolve,
): SourceSpec {
  return {
    name: name ?? nameFrom(git),
    git: /^\.{0,2}\//.test(git) ? resolvePath(git) : git,
    pollMs: millis(poll),
    branches,
    ...present({
      keyFile: key && resolvePath(key.file),
      knownHostsFile: known_hosts === undefined ? undefined : resolvePath(known_hosts),
    }),
  };
}

const nameFrom = (git: string): string =>
  (git.replace(/\/+$/, "").split(/[/:]/).at(-1) ?? "")
    .replace(/\.git$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-") || "source";

function networkOf(name: string, { bastion, ssh, docker }: Raw["networks"][string], resolvePath: Resolve): NetworkSpec {
  const end = (part: { user?: string | undefined; key?: { file: string } | undefined }) =>
    present({ user: part.user, keyFile: part.key && resolvePath(part.key.file) });
  // A bastion alone says it all where its user and key are those of the hosts, as in the tutorial.
  const login =
    ssh ?? (bastion ? { user: bastion.user, key: bastion.key, port: 22, known_hosts: undefined } : undefined);
  const address = bastion?.address ?? bastion?.host;
  return {
    name,
    dockerSocket: docker,
    ...(bastion && address ? { bastion: { address, port: bastion.port, ...end(bastion) } } : {}),
    ...(login
      ? {
          ssh: {
            port: login.port,
            ...end(login),
            ...present({
              knownHostsFile: login.known_hosts === undefined ? undefined : resolvePath(login.known_hosts),
            }),
          },
        }
      : {}),
  };
}

const environmentOf = (
  name: string,
  { network, prometheus, drift, services }: Raw["environments"][string],
): FleetEnvironment => ({
  name,
  network,
  drift,
  ...(prometheus === undefined ? {} : { prometheus: prometheusOf(prometheus) }),
  services: Object.fromEntries(Object.entries(services).map(([key, group]) => [key, groupOf(group)])),
});

const prometheusOf = (raw: NonNullable<Raw["environments"][string]["prometheus"]>): PrometheusSpec =>
  typeof raw === "string" ? { url: raw } : { url: raw.url, ...present({ token: raw.token }) };

const groupOf = ({
  hosts,
  balancers,
  traffic,
  env,
  alerts,
  blue_green,
}: Raw["environments"][string]["services"][string]): ServiceGroup => ({
  hosts: hosts.map(({ name, address, server }) => ({ name, address, server: server ?? name })),
  balancers: balancers.map(({ haproxy }, index, all) => {
    const isAlone = all.filter((other) => other.haproxy.backend === haproxy.backend).length === 1;
    const name = isAlone ? `haproxy ${haproxy.backend}` : `haproxy ${haproxy.backend} ${index + 1}`;
    const { socket, backend, check_interval } = haproxy;
    const checkIntervalMs = check_interval === undefined ? undefined : millis(check_interval);
    return { kind: "haproxy", name, socket, backend, ...present({ checkIntervalMs }) };
  }),
  env: asStrings(env),
  ...(alerts.length > 0 ? { alerts: alerts.map(alertsOf) } : {}),
  ...present({ blueGreen: blue_green }),
  ...(traffic ? { traffic: { url: traffic.url, everyMs: millis(traffic.every) } } : {}),
});

const notifyOf = (entry: Raw["notify"][number]): NotifySpec =>
  "slack" in entry
    ? { kind: "slack", webhook: entry.slack.webhook, on: entry.on }
    : { kind: "webhook", url: entry.webhook.url, signingSecret: entry.webhook.signing_secret, on: entry.on };

type RawAlerts = Raw["environments"][string]["services"][string]["alerts"][number];

function alertsOf(raw: RawAlerts, index: number): AlertsSpec {
  const number = index === 0 ? "" : ` ${index + 1}`;
  if ("alertmanager" in raw) {
    const { url, matchers, token } = raw.alertmanager;
    return { kind: "alertmanager", name: `alertmanager${number}`, url, matchers, ...present({ secret: token }) };
  }
  if ("pagerduty" in raw) {
    const { url, routing_key } = raw.pagerduty;
    return { kind: "pagerduty", name: `pagerduty${number}`, url: url.replace(/\/+$/, ""), secret: routing_key };
  }
  const { hold, release, timeout } = raw.command;
  return { kind: "command", name: `alerts command${number}`, hold, release, timeoutMs: millis(timeout) };
}
