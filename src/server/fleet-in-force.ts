import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseFleetFile } from "#config/fleet-file.ts";
import { SlipwayError } from "#core/errors.ts";
import type { FleetSpec } from "#core/fleet.ts";

const lookEveryMs = 1_000;

/** The configuration in force: read at the start, read again when the file changes, kept when the new text is wrong. */
export class FleetInForce {
  readonly #file: string;
  #spec: FleetSpec;

  private constructor(file: string, spec: FleetSpec) {
    this.#file = file;
    this.#spec = spec;
  }

  /** Fails with config.invalid, naming file, line and column. */
  static async read(file: string): Promise<FleetInForce> {
    return new FleetInForce(file, await readFleet(file));
  }

  get spec(): FleetSpec {
    return this.#spec;
  }

  /** Calls back after every change of the file: with nothing when it is in force, with why when it is not. */
  watch(onChange: (error: SlipwayError | undefined) => void): void {
    watchFile(this.#file, { interval: lookEveryMs, persistent: false }, () => {
      readFleet(this.#file).then(
        (spec) => {
          this.#spec = spec;
          onChange(undefined);
        },
        (thrown: unknown) => onChange(SlipwayError.from(thrown)),
      );
    });
  }

  [Symbol.dispose](): void {
    unwatchFile(this.#file);
  }
}

async function readFleet(file: string): Promise<FleetSpec> {
  const text = await readFile(file, "utf8").catch((cause: Error) => {
    throw new SlipwayError("config.invalid", `Could not read ${file}: ${cause.message}`, {
      cause,
      advice: "Name the file with --fleet; docs/examples/fleet.yaml is one to start from.",
    });
  });
  return parseFleetFile(text, file, { resolvePath: (path) => resolve(dirname(file), path) });
}
