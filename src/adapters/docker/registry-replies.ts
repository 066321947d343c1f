import { z } from "zod";
import type { Layer } from "#core/pull-bytes.ts";

export type Challenge = { readonly scheme: "basic" | "bearer"; readonly fields: Readonly<Record<string, string>> };

/** `Bearer realm="https://...",service="...",scope="..."`, or Basic; undefined for what we do not speak. */
export function readChallenge(header: string | null): Challenge | undefined {
  const [, word = "", rest = ""] = /^\s*(\w+)\s*(.*)$/s.exec(header ?? "") ?? [];
  const scheme = word.toLowerCase();
  if (scheme !== "basic" && scheme !== "bearer") return undefined;
  const fields: Record<string, string> = {};
  for (const [, name = "", quoted, plain] of rest.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g))
    fields[name.toLowerCase()] = quoted ?? plain ?? "";
  return { scheme, fields };
}

const tokenShape = z.object({ token: z.string().optional(), access_token: z.string().optional() });
export const readToken = (body: unknown): string | undefined => {
  const parsed = tokenShape.safeParse(body);
  return parsed.success ? (parsed.data.token ?? parsed.data.access_token) : undefined;
};

const digest = z.string().regex(/^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/);
const manifestShape = z.object({
  config: z.object({ digest }).optional(),
  layers: z.array(z.object({ digest, size: z.number().nonnegative() })).optional(),
  manifests: z.array(z.object({ digest, annotations: z.record(z.string(), z.string()).optional() })).optional(),
});
const attestation = "vnd.docker.reference.type";

type Manifest = { readonly config?: string; readonly layers?: readonly Layer[]; readonly image?: string };

/** The image's configuration and its layers, or (of an index) the first image in it; neither where it is something else. */
export function readManifest(body: unknown): Manifest {
  const parsed = manifestShape.safeParse(body);
  if (!parsed.success) return {};
  const { config, layers, manifests } = parsed.data;
  const image = manifests?.find(({ annotations }) => annotations?.[attestation] === undefined)?.digest;
  return {
    ...(config ? { config: config.digest } : {}),
    ...(layers ? { layers: layers.map(({ digest, size }) => ({ digest, bytes: size })) } : {}),
    ...(image === undefined ? {} : { image }),
  };
}

const configShape = z.object({ config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish() });
export const readRevision = (body: unknown): string | undefined => {
  const parsed = configShape.safeParse(body);
  return parsed.success ? parsed.data.config?.Labels?.["org.opencontainers.image.revision"] : undefined;
};

const errorsShape = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string().optional() })).min(1),
});
/** The registry's own words, where it has some. */
export const readErrors = (body: unknown): string | undefined => {
  const parsed = errorsShape.safeParse(body);
  return parsed.success
    ? parsed.data.errors.map(({ code, message }) => (message ? `${code}: ${message}` : code)).join("; ")
    : undefined;
};
