import type { Image } from "#core/release.ts";
import type { EngineHost } from "#ports/containers.ts";
import type { EngineStream } from "./engine-client.ts";
import { type EngineLine, linesOf } from "./engine-lines.ts";
import { pullFailure } from "./start-failures.ts";

const everyMs = 1_000;
const bytesPerMib = 1024 * 1024;

type Pulling = { readonly at: EngineHost; readonly image: Image; readonly onProgress?: (line: string) => void };

/** Follows a pull to its end; rejects with what the engine says went wrong. */
export async function followPull(answer: EngineStream, { at, image, onProgress }: Pulling): Promise<void> {
  const layers = new Layers();
  let toldAt = Number.NEGATIVE_INFINITY;
  for await (const line of linesOf(answer)) {
    if (line.error !== undefined) throw pullFailure(at, image, line.error);
    layers.note(line);
    if (performance.now() - toldAt < everyMs) continue;
    toldAt = performance.now();
    onProgress?.(layers.inWords());
  }
}

/** What of each layer has come so far. */
export class Layers {
  readonly #loaded = new Map<string, { current: number; total: number }>();
  #done = 0;

  note({ id, status, progress }: EngineLine): void {
    if (id === undefined) return;
    if (status === "Pull complete" || status === "Already exists") this.#done++;
    if (status === "Downloading" && progress) this.#loaded.set(id, progress);
    const known = this.#loaded.get(id);
    if (status === "Download complete" && known) this.#loaded.set(id, { ...known, current: known.total });
  }

  inWords(): string {
    const all = [...this.#loaded.values()];
    const mib = (key: "current" | "total") =>
      (all.reduce((sum, layer) => sum + layer[key], 0) / bytesPerMib).toFixed(1);
    const layers = `${this.#done} ${this.#done === 1 ? "layer" : "layers"} done`;
    return all.length === 0 ? `pulling, ${layers}` : `pulling, ${mib("current")} of ${mib("total")} MiB, ${layers}`;
  }
}
