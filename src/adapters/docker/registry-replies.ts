import { z } from "zod";

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
  manifests: z.array(z.object({ digest, annotations: z.record(z.string(), z.string()).optional() })).optional(),
});
const attestation = "vnd.docker.reference.type";

/** The image's configuration, or (of an index) the first image in it; neither where it is something else. */
export function readManifest(body: unknown): { readonly config?: string; readonly image?: string } {
  const parsed = manifestShape.safeParse(body);
  if (!parsed.success) return {};
  const { config, manifests } = parsed.data;
  const image = manifests?.find(({ annotations }) => annotations?.[attestation] === undefined)?.digest;
  return { ...(config ? { config: config.digest } : {}), ...(image === undefined ? {} : { image }) };
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
