import { SlipwayError } from "#core/errors.ts";
import type { Autoscaling } from "#ports/autoscaling.ts";

/** fleet.yaml has no key for autoscaling groups yet: nothing can ask for this. */
export function noAutoscaling(): Autoscaling {
  const none = async () => {
    throw new SlipwayError("fault", "A group names autoscaling, and no adapter for it was built.");
  };
  return { suspended: none, suspend: none, resume: none };
}
