import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { followChanges } from "./change-stream.ts";
import { Coalescer } from "./coalesce.ts";
import { useToken } from "./token.ts";

/** At most four reads a second of what somebody looks at, and one of the overview, which gathers everything. */
const detailGapMs = 250;
const overviewGapMs = 1_000;

export type Connection = "connecting" | "connected" | "lost";

type Live = {
  readonly connection: Connection;
  /** Calls back when that log grew; returns the way to stop. */
  readonly followLog: (id: string, onChange: () => void) => () => void;
};

const LiveContext = createContext<Live>({ connection: "connecting", followLog: () => () => {} });

/** One stream of changes for the whole tab. Each change asks again for what it concerns and for nothing else. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const token = useToken();
  const [connection, setConnection] = useState<Connection>("connecting");
  const [logs] = useState(() => new LogFollowers());

  // A new token is a new stream, as the old one may have been refused.
  useEffect(() => follow(queries, logs, setConnection, token), [queries, logs, token]);

  return <LiveContext value={{ connection, followLog: logs.follow }}>{children}</LiveContext>;
}

export const useConnection = (): Connection => useContext(LiveContext).connection;
export const useFollowLog = (): Live["followLog"] => useContext(LiveContext).followLog;

function follow(
  queries: QueryClient,
  logs: LogFollowers,
  setConnection: (connection: Connection) => void,
  _token: string | undefined,
): () => void {
  const end = new AbortController();
  const detail = new Coalescer(detailGapMs, (topics) => askAgain(queries, logs, topics));
  const overview = new Coalescer(overviewGapMs, () => void queries.invalidateQueries({ queryKey: ["overview"] }));
  const onChange = (topic: string) => {
    if (topic !== "overview") detail.add(topic);
    if (!topic.startsWith("log/")) overview.add("overview");
  };
  const onResync = () => {
    void queries.invalidateQueries();
    logs.tellAll();
  };
  const onConnected = (isConnected: boolean) => setConnection(isConnected ? "connected" : "lost");
  void followChanges({ onChange, onResync, onConnected }, end.signal);
  return () => {
    end.abort();
    detail[Symbol.dispose]();
    overview[Symbol.dispose]();
  };
}

function askAgain(queries: QueryClient, logs: LogFollowers, topics: ReadonlySet<string>): void {
  for (const topic of topics) {
    const [kind = "", id = ""] = topic.split(/\/(.*)/s);
    if (kind === "log") logs.tell(id);
    else
      void queries.invalidateQueries({ predicate: ({ queryKey, state }) => concerns(queryKey, state.data, kind, id) });
  }
}

/** An address may name a build or rollout by its number; its changes always carry its id. */
function concerns(key: readonly unknown[], kept: unknown, kind: string, id: string): boolean {
  if (key[0] !== kind) return false;
  const value = kept as { id?: string; rollout?: { id?: string } } | undefined;
  return key[1] === id || value?.id === id || value?.rollout?.id === id;
}

class LogFollowers {
  readonly #followers = new Map<string, Set<() => void>>();

  readonly follow = (id: string, onChange: () => void): (() => void) => {
    const own = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, own.add(onChange));
    return () => {
      own.delete(onChange);
      if (own.size === 0) this.#followers.delete(id);
    };
  };

  tell(id: string): void {
    for (const onChange of this.#followers.get(id) ?? []) onChange();
  }

  tellAll(): void {
    for (const id of this.#followers.keys()) this.tell(id);
  }
}
