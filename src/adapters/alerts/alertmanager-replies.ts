import { z } from "zod";

const silences = z.array(
  z.object({
    id: z.string(),
    createdBy: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    status: z.object({ state: z.enum(["active", "pending", "expired"]) }),
  }),
);

export type KeptSilence = { readonly id: string; readonly startsAt: string; readonly endsAt: string };

/** The silences of that creator that are in force or about to be; undefined where the answer is not Alertmanager's. */
export function silencesOf(text: string, creator: string): readonly KeptSilence[] | undefined {
  const parsed = silences.safeParse(jsonOf(text));
  return parsed.data
    ?.filter(({ createdBy, status }) => createdBy === creator && status.state !== "expired")
    .map(({ id, startsAt, endsAt }) => ({ id, startsAt, endsAt }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller says what was expected.
    return undefined;
  }
}
