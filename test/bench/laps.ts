/** How long each step of one host took, in ms. */
export type StepLaps = Readonly<Record<string, number>>;

export type FloorRun = { readonly ms: number; readonly hosts: Readonly<Record<string, StepLaps>> };

export function hostLaps() {
  const taken: Record<string, number> = {};
  let since = performance.now();
  return {
    taken,
    lap(step: string): void {
      const now = performance.now();
      taken[step] = now - since;
      since = now;
    },
  };
}
