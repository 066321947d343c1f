import { z } from "zod";

/** A sample is a time and a number written as text: prometheus.io/docs/prometheus/latest/querying/api/. */
const sample = z.tuple([z.number(), z.string()]);
const answer = z.union([
  z.object({
    status: z.literal("success"),
    data: z.discriminatedUnion("resultType", [
      z.object({ resultType: z.literal("scalar"), result: sample }),
      z.object({ resultType: z.literal("vector"), result: z.array(z.object({ value: sample })) }),
    ]),
  }),
  z.object({ status: z.literal("error"), error: z.string() }),
]);

/** The one number of an instant query's answer, or why there is none. */
export function numberOf(text: string): { readonly value: number } | { readonly reason: string } {
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success) return { reason: "its answer is not that of a Prometheus" };
  if (parsed.data.status === "error") return { reason: `it says: ${parsed.data.error.slice(0, 300)}` };
  const { data } = parsed.data;
  const samples = data.resultType === "scalar" ? [data.result] : data.result.map(({ value }) => value);
  const [only] = samples;
  if (!only || samples.length > 1) return { reason: `it gave ${samples.length} series, expected one` };
  const value = Number(only[1]);
  return Number.isFinite(value) ? { value } : { reason: `it gave ${only[1]}` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller says what was expected.
    return undefined;
  }
}
