import type { Profiler } from "node:inspector";

/** Where the code of a stack frame lives; undefined for Node's own and for the garbage collector. */
const placeOf = (url: string): string | undefined =>
  url.includes("/src/simulator/") || url.includes("/test/simulation/")
    ? "simulator"
    : url.includes("/src/engine/memory-")
      ? "journal in memory"
      : url.includes("/src/")
        ? "orchestrator"
        : undefined;

/** The CPU time by whose code it was spent: a frame of Node or of a package counts for the nearest of ours above it. */
export function cpuByPlace(profile: Profiler.Profile, cpuMs: number): Record<string, number> {
  const weights = new Map<string, number>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const children = new Set(profile.nodes.flatMap((node) => node.children ?? []));
  const visit = (node: Profiler.ProfileNode, above: string): void => {
    const { functionName, url } = node.callFrame;
    if (functionName === "(idle)") return;
    const place = placeOf(url) ?? above;
    weights.set(place, (weights.get(place) ?? 0) + (node.hitCount ?? 0));
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child) visit(child, place);
    }
  };
  for (const node of profile.nodes) if (!children.has(node.id)) visit(node, "node itself");
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return Object.fromEntries([...weights].map(([place, weight]) => [place, (weight / Math.max(1, total)) * cpuMs]));
}
