import type { ContainerIdentity, ContainerWish } from "#ports/containers.ts";

const prefix = "slipway.";

/** What a container is for, in words the engine keeps. Whatever lacks them is not ours and is not touched. */
export const labelsOf = ({ identity, image, commit, hostPort }: ContainerWish): Record<string, string> => ({
  [`${prefix}service`]: identity.service,
  [`${prefix}environment`]: identity.environment,
  [`${prefix}host`]: identity.host,
  [`${prefix}release`]: String(identity.release),
  [`${prefix}rollout`]: String(identity.rollout),
  [`${prefix}digest`]: image.digest,
  [`${prefix}commit`]: commit,
  [`${prefix}port`]: String(hostPort),
});

export type LabelledIdentity = ContainerIdentity & { readonly digest: string; readonly hostPort: number };

/** The identity that labels tell; undefined where they are not all there. */
export function identityOf(labels: Readonly<Record<string, string>>): LabelledIdentity | undefined {
  const read = (key: string) => labels[prefix + key];
  const [service, environment, host, digest] = ["service", "environment", "host", "digest"].map(read);
  const [release, rollout] = [Number(read("release") ?? Number.NaN), Number(read("rollout") ?? Number.NaN)];
  if (!service || !environment || !host || digest === undefined) return undefined;
  if (!Number.isInteger(release) || !Number.isInteger(rollout)) return undefined;
  // Containers of the first versions tell no port: they are at the usual one, which 0 stands for.
  const hostPort = Number(read("port") ?? 0);
  return { service, environment, host, release, rollout, digest, hostPort };
}

/** `hello.personal-ben.web-1.17`: readable in `docker ps`, and the same for the same identity. */
export const containerName = ({ service, environment, host, rollout }: ContainerIdentity): string =>
  [service, environment, host, String(rollout)].map((part) => part.replaceAll(/[^a-zA-Z0-9_.-]/g, "-")).join(".");
