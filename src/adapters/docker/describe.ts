import { z } from "zod";
import type { ContainerDescription } from "#ports/containers.ts";
import { type EngineReply, list, read } from "./replies.ts";

const mountShape = z.object({
  Name: z.string().optional(),
  Source: z.string(),
  Destination: z.string(),
  RW: z.boolean().default(true),
});
const bindingsShape = z.preprocess(
  (found) => found ?? {},
  z.record(z.string(), list(z.object({ HostPort: z.string() }))),
);
/** Whatever else the engine says is kept as it is. */
const shape = z.looseObject({
  State: z.unknown(),
  Config: z.looseObject({ Env: list(z.string()) }),
  HostConfig: z.looseObject({ PortBindings: bindingsShape }),
  Mounts: list(mountShape.loose()),
});

/** An inspect answer for people: as it is, less the values that are withheld. */
export function describe(reply: EngineReply, withheld: readonly string[]): ContainerDescription {
  const said = read(shape, reply);
  const variables = said.Config.Env.map((entry) => ({ name: entry.split("=", 1)[0] ?? "", entry }));
  const shown = variables.map(({ name, entry }) => (withheld.includes(name) ? `${name}=[secret]` : entry));
  return {
    text: JSON.stringify({ ...said, Config: { ...said.Config, Env: shown } }, undefined, 2),
    environment: variables.map(({ name }) => name),
    mounts: said.Mounts.map(
      ({ Name, Source, Destination, RW }) => `${Name ?? Source}:${Destination}${RW ? "" : ":ro"}`,
    ),
    ports: Object.entries(said.HostConfig.PortBindings).flatMap(([port, bindings]) =>
      bindings.map(({ HostPort }) => `${port} at ${HostPort}`),
    ),
  };
}
