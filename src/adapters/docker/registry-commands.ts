import type { RegistryAccess } from "#ports/images.ts";
import { splitRepository } from "./image-reference.ts";

const hubAddress = "registry-1.docker.io";

export const manifestTypes = {
  index: ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"],
  image: ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"],
} as const;

export const manifestAccept = [...manifestTypes.index, ...manifestTypes.image].join(", ");

export type RegistryAddress = { readonly base: string; readonly path: string; readonly mayBePlain: boolean };

/** Plain HTTP where fleet.yaml says so, and for this machine's own addresses, as Docker does; HTTPS otherwise. */
export function registryAddress(repository: string, { spec }: RegistryAccess): RegistryAddress {
  const { host, path } = splitRepository(repository);
  const mayBePlain = spec.insecure || isLoopback(host);
  return { base: `${mayBePlain ? "http" : "https"}://${host === "docker.io" ? hubAddress : host}`, path, mayBePlain };
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) || name === "[::1]";
}

export const manifestUrl = ({ base, path }: RegistryAddress, reference: string): string =>
  `${base}/v2/${path}/manifests/${reference}`;
export const blobUrl = ({ base, path }: RegistryAddress, digest: string): string =>
  `${base}/v2/${path}/blobs/${digest}`;
export const pingUrl = ({ base }: RegistryAddress): string => `${base}/v2/`;

/** Where a token is fetched; undefined where the realm would take the password over a plain connection. */
export function tokenUrl(
  challenge: Readonly<Record<string, string>>,
  address: RegistryAddress,
  scope: string | undefined,
): URL | undefined {
  const url = URL.parse(challenge.realm ?? "");
  if (url?.protocol !== "https:" && !(url?.protocol === "http:" && address.mayBePlain)) return undefined;
  if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
  const wanted = challenge.scope ?? scope;
  if (wanted !== undefined) url.searchParams.set("scope", wanted);
  return url;
}
