import type { HostMark, HostMarks } from "#ports/records.ts";
import type { HostView } from "./fleet-sights.ts";

/** So many looks in a row that fail make a host one that was away: a single one may be the look's own fault. */
const awayAfterLooks = 3;

/** What JoinWatch remembers of the hosts: in the records, so that a restart of the server forgets no outage. */
export class HostMemory {
  readonly #records: HostMarks;
  #marks: Map<string, HostMark> | undefined;
  readonly #failed = new Map<string, { readonly looks: number; readonly seenAt: string; readonly since: string }>();

  constructor(records: HostMarks) {
    this.#records = records;
  }

  /** Once a process; what is remembered later goes both ways. */
  async open(): Promise<void> {
    this.#marks ??= new Map(await this.#records.all());
  }

  of(key: string): HostMark {
    return this.#marks?.get(key) ?? {};
  }

  async put(key: string, mark: HostMark): Promise<void> {
    const isEmpty = Object.keys(mark).length === 0;
    if (JSON.stringify(this.of(key)) === JSON.stringify(mark)) return;
    await this.#records.put(key, isEmpty ? undefined : mark);
    if (isEmpty) this.#marks?.delete(key);
    else this.#marks?.set(key, mark);
  }

  /** A host that has left the fleet is a new one should it come again. */
  async keepOnly(keys: ReadonlySet<string>): Promise<void> {
    for (const key of this.#failed.keys()) if (!keys.has(key)) this.#failed.delete(key);
    for (const key of [...(this.#marks?.keys() ?? [])]) if (!keys.has(key)) await this.put(key, {});
  }

  /** Takes note of one look: an outage is remembered when it has lasted for several. */
  async note(key: string, { sight, seenAt }: HostView): Promise<void> {
    if (sight !== "away") return void this.#failed.delete(key);
    const before = this.#failed.get(key);
    // The same look once more: the group could not be looked at since.
    if (before?.seenAt === seenAt) return;
    const failed = { looks: (before?.looks ?? 0) + 1, seenAt, since: before?.since ?? seenAt };
    this.#failed.set(key, failed);
    if (failed.looks !== awayAfterLooks) return;
    const { refusals: _, ...mark } = this.of(key);
    await this.put(key, { ...mark, awaySince: failed.since });
  }
}
