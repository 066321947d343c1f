import type { z } from "zod";

type Shape = {
  _zod?: {
    def?: {
      shape?: Record<string, Shape>;
      innerType?: Shape;
      valueType?: Shape;
      element?: Shape;
      options?: Shape[];
      in?: Shape;
    };
  };
};

/** The keys that the schema knows at a place, through optional, default, lists, records and unions. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: Shape[] = [schema as Shape];
  for (const step of path) at = at.flatMap((shape) => childrenOf(shape, step));
  return [...new Set(at.flatMap(unwrapped).flatMap((shape) => Object.keys(shape._zod?.def?.shape ?? {})))];
}

export const keysOf = (value: unknown): readonly string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

function childrenOf(shape: Shape, step: PropertyKey): Shape[] {
  return unwrapped(shape).flatMap((inner) => {
    const def = inner._zod?.def;
    const own = def?.shape && Object.hasOwn(def.shape, step) ? def.shape[String(step)] : undefined;
    const child = own ?? def?.valueType ?? def?.element;
    return child ? [child] : [];
  });
}

function unwrapped(shape: Shape): Shape[] {
  const def = shape._zod?.def;
  if (def?.innerType) return unwrapped(def.innerType);
  if (def?.in) return unwrapped(def.in);
  if (def?.options) return def.options.flatMap(unwrapped);
  return [shape];
}
