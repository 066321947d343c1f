import type { z } from "zod";
import type { fleetSchema } from "./fleet-schema.ts";
import { type Entry, twice, unknownName } from "./references.ts";
import type { Problem } from "./schema-problems.ts";

type Raw = z.output<typeof fleetSchema>;
type RawEnvironment = Raw["environments"][string];

/** What is wrong between the parts of a fleet's file, each of which is right by itself. */
export function fleetProblems(file: Raw, sources: readonly { readonly name: string }[]): Problem[] {
  const networks = Object.keys(file.networks);
  return [
    ...Object.entries(file.networks).flatMap(([key, network]) => wrongBastion(key, network)),
    ...Object.entries(file.registries).flatMap(([key, registry]) => halfALogin(key, registry)),
    ...twice(
      "source's name",
      sources.map(({ name }, index) => ({ path: ["sources", index], value: name })),
    ),
    ...Object.entries(file.environments).flatMap(([key, environment]) => [
      ...unknownName(["environments", key, "network"], environment.network, "networks", networks),
      ...Object.entries(environment.services).flatMap(([service, group]) =>
        hostsTwice(["environments", key, "services", service, "hosts"], group.hosts),
      ),
      ...hostsElsewhere(key, environment),
    ]),
  ];
}

function wrongBastion(key: string, { bastion }: Raw["networks"][string]): Problem[] {
  const path = ["networks", key, "bastion"];
  if (!bastion || (bastion.address === undefined) !== (bastion.host === undefined)) return [];
  const found = bastion.address === undefined ? "neither" : "both";
  return [{ path, message: `expected address (or host, which is the same), found ${found}` }];
}

function halfALogin(key: string, { username, password }: Raw["registries"][string]): Problem[] {
  if ((username === undefined) === (password === undefined)) return [];
  const [has, lacks] = username === undefined ? ["password", "username"] : ["username", "password"];
  return [{ path: ["registries", key], message: `expected ${lacks} beside ${has}, found none` }];
}

function hostsTwice(path: readonly string[], hosts: RawEnvironment["services"][string]["hosts"]): Problem[] {
  const entries = (key: "name" | "address" | "server"): Entry[] =>
    hosts.map((host, index) => ({
      path: [...path, index, host[key] === undefined ? "name" : key],
      value: host[key] ?? host.name,
    }));
  const names = twice("host", entries("name"));
  // A host that is there twice has its server twice: said once.
  const servers = names.length > 0 ? [] : twice("host's server", entries("server"));
  return [...names, ...twice("host's address", entries("address")), ...servers];
}

/** A host that runs several services is one machine: its name means one address. */
function hostsElsewhere(key: string, { services }: RawEnvironment): Problem[] {
  const addresses = new Map<string, string>();
  return Object.entries(services).flatMap(([service, { hosts }]) => {
    const before = new Map(addresses);
    return hosts.flatMap(({ name, address }, index) => {
      addresses.set(name, address);
      const other = before.get(name);
      if (other === undefined || other === address) return [];
      const path = ["environments", key, "services", service, "hosts", index, "address"];
      return [{ path, message: `expected the address that ${name} has above (${other}), found "${address}"` }];
    });
  });
}
