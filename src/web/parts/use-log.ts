import { useEffect, useState } from "react";
import { call } from "../api.ts";
import { useFollowLog } from "../live.tsx";
import { LogLines, type LogView } from "../log-lines.ts";

export type LogState = LogView & { readonly isEnded: boolean; readonly problem?: string };

const nothing: LogState = { lines: [], dropped: 0, isEnded: false };
// A build that ends says so on its own topic, not on its log's.
const safetyReadMs = 5_000;

/** A log from its beginning, and everything that is written to it from now on. */
export function useLog(id: string): LogState {
  const followLog = useFollowLog();
  const [state, setState] = useState<LogState>(nothing);
  useEffect(() => {
    const reading = new LogReading(id, setState);
    const unfollow = followLog(id, reading.more);
    const timer = setInterval(reading.more, safetyReadMs);
    reading.more();
    return () => {
      unfollow();
      clearInterval(timer);
      reading.end();
    };
  }, [id, followLog]);
  return state;
}

/** Reads what is new, one answer after the other; being asked for more while it reads is remembered once. */
class LogReading {
  readonly #id: string;
  readonly #show: (state: LogState) => void;
  readonly #lines = new LogLines();
  readonly #abort = new AbortController();
  #after = 0;
  #isReading = false;
  #isAsked = false;
  #isEnded = false;

  constructor(id: string, show: (state: LogState) => void) {
    this.#id = id;
    this.#show = show;
  }

  readonly more = (): void => {
    this.#isAsked = true;
    if (!this.#isReading && !this.#isEnded) void this.#readAll();
  };

  end(): void {
    this.#isEnded = true;
    this.#abort.abort();
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#isAsked && !this.#isEnded) await this.#readOnce();
    } catch (thrown) {
      if (this.#abort.signal.aborted) return;
      const problem = thrown instanceof Error ? thrown.message : String(thrown);
      this.#show({ ...this.#lines.view, isEnded: false, problem });
    } finally {
      this.#isReading = false;
    }
  }

  async #readOnce(): Promise<void> {
    this.#isAsked = false;
    const { chunks, ended } = await call(
      "log",
      { params: { id: this.#id }, query: { after: this.#after } },
      this.#abort.signal,
    );
    this.#after = chunks.at(-1)?.seq ?? this.#after;
    this.#lines.append(chunks.map((chunk) => chunk.text));
    this.#isEnded = this.#isEnded || ended;
    if (chunks.length > 0) this.#isAsked = true;
    if (!this.#abort.signal.aborted) this.#show({ ...this.#lines.view, isEnded: ended });
  }
}
