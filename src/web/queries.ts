import { QueryClient, useQuery } from "@tanstack/react-query";
import type { BuildShape, BundleShape, Overview, ReleaseShape, RolloutDetail } from "#contract/shapes.ts";
import { CallError, call } from "./api.ts";

// Changes arrive by the event stream; this is only for one that was lost on the way.
const safetyReadMs = 30_000;
const retries = 2;

const isWorthARetry = (failures: number, error: Error): boolean =>
  failures < retries && !(error instanceof CallError && error.status >= 400 && error.status < 500);

export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: { queries: { refetchInterval: safetyReadMs, retry: isWorthARetry, networkMode: "always" } },
  });

export const useOverview = () =>
  useQuery<Overview>({ queryKey: ["overview"], queryFn: ({ signal }) => call("overview", {}, signal) });

export const useBuild = (id: string) =>
  useQuery<BuildShape>({ queryKey: ["build", id], queryFn: ({ signal }) => call("build", { params: { id } }, signal) });

export const useRollout = (id: string) =>
  useQuery<RolloutDetail>({
    queryKey: ["rollout", id],
    queryFn: ({ signal }) => call("rollout", { params: { id } }, signal),
  });

/** Asked for only once it is wanted; what was kept stays as it is, unless the host is tried again. */
export const useBundle = (id: string, host: string, isWanted: boolean) =>
  useQuery<BundleShape>({
    queryKey: ["rollout", id, "bundle", host],
    queryFn: ({ signal }) => call("bundle", { params: { id, host } }, signal),
    enabled: isWanted,
  });

/** Asked for only while somebody chooses among them. */
export const useReleases = (service: string) =>
  useQuery<readonly ReleaseShape[]>({
    queryKey: ["releases", service],
    queryFn: async ({ signal }) => (await call("releases", { params: { service } }, signal)).releases,
    staleTime: 0,
  });
