import { QueryClient, useQuery } from "@tanstack/react-query";
import type { CallOf } from "#contract/calls.ts";
import type {
  BuildShape,
  BundleShape,
  GroupShape,
  Overview,
  PlanShape,
  ReadinessShape,
  ReleaseShape,
  RolloutDetail,
} from "#contract/shapes.ts";
import { CallError, call } from "./api.ts";

// Changes arrive by the event stream; this is only for one that was lost on the way.
const safetyReadMs = 30_000;
const retries = 2;
const readinessReadMs = 60_000;

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

type Place = Pick<GroupShape, "service" | "environment">;

/** What a roll back would go to: every host is looked at for it, so it is not asked more often than that changes. */
export const useReadiness = ({ service, environment, liveRelease, rollout }: GroupShape) =>
  useQuery<ReadinessShape>({
    queryKey: ["readiness", service, environment, liveRelease, rollout?.state],
    queryFn: ({ signal }) => call("readiness", { query: { service, environment } }, signal),
    enabled: liveRelease !== undefined && (rollout === undefined || rollout.state === "paused"),
    staleTime: readinessReadMs,
    refetchInterval: readinessReadMs,
  });

type PlanAsked = NonNullable<CallOf<"plan">["body"]>;

/** What a rollout would do, looked at anew for everybody who is about to begin one. */
export const usePlan = (
  { service, environment }: Place,
  asked: Pick<PlanAsked, "reason" | "release" | "hosts">,
  isAllowed: boolean,
) =>
  useQuery<PlanShape>({
    queryKey: ["plan", service, environment, asked],
    queryFn: ({ signal }) => call("plan", { body: { service, environment, ...asked } }, signal),
    enabled: isAllowed,
    refetchInterval: false,
    refetchOnWindowFocus: false,
    retry: false,
    gcTime: 0,
  });
