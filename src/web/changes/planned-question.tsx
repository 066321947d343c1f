import { Loader } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { isOpen } from "#contract/rollout-words.ts";
import type { GroupShape, PlanShape, RolloutShape } from "#contract/shapes.ts";
import { CallError } from "../api.ts";
import { PlanPicture } from "../plan/plan-picture.tsx";
import { usePlan } from "../queries.ts";
import { rolloutAddress } from "../route.ts";
import { forgetToken, useToken } from "../token.ts";
import styles from "./change.module.css";
import { Problem, Question, stay } from "./change-button.tsx";

export type Place = Pick<GroupShape, "service" | "environment"> & { readonly rollout?: RolloutShape | undefined };

type Props = {
  readonly place: Place;
  readonly asked: Parameters<typeof usePlan>[1];
  /** The verb of the button, while nothing refuses it. */
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** Begins what was shown. */
  readonly start: (plan: PlanShape) => Promise<{ readonly id: string }>;
  readonly close: () => void;
  readonly children: ReactNode;
};

/** What a rollout would do, before it is asked for; then its page. */
export function PlannedQuestion({ place, asked, confirm, isDangerous = false, start, close, children }: Props) {
  const hasToken = useToken() !== undefined;
  const { data: plan, error, isFetching } = usePlan(place, asked, hasToken);
  const isRefused = error instanceof CallError && error.status === 401;
  useEffect(() => {
    if (isRefused) forgetToken();
  }, [isRefused]);
  const run = async () => {
    // The token was typed just now: it shows the plan, and nothing is begun before that was seen.
    if (!hasToken || !plan) return stay;
    location.hash = rolloutAddress((await start(plan)).id);
    return undefined;
  };
  return (
    <Question confirm={confirmOf(place, plan, hasToken, confirm)} run={run} close={close} isDangerous={isDangerous}>
      {children}
      {isFetching && (
        <p className={styles.waiting} role="status">
          <Loader size="xs" /> Looking at every host and balancer…
        </p>
      )}
      {error && !isFetching && <Problem error={error} />}
      {plan && !isFetching && <PlanPicture plan={plan} />}
      {plan && plan.refusals.length > 0 && isBusy(place) && (
        <p>Rollout {place.rollout?.number} is under way here. This one would wait for it, and is planned again then.</p>
      )}
    </Question>
  );
}

const isBusy = ({ rollout }: Place): boolean => rollout !== undefined && isOpen(rollout.state);

/** What cannot work is not begun; what another rollout is in the way of may wait for its turn. */
function confirmOf(place: Place, plan: PlanShape | undefined, hasToken: boolean, verb: string): string | undefined {
  if (!hasToken) return "Show the plan";
  if (!plan) return undefined;
  if (plan.refusals.length === 0) return verb;
  return isBusy(place) ? `${verb} when its turn comes` : undefined;
}

/** What was refused is not what will be done: only a plan that stands is held against the one that is made then. */
export const shownOf = (plan: PlanShape): { readonly shown?: PlanShape } =>
  plan.refusals.length > 0 ? {} : { shown: plan };
