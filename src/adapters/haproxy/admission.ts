import type { HaproxyServer } from "./replies.ts";

/** `recheck`: leave maintenance into drain, and believe nothing of its health until a check says so. */
export type AdmissionMove = "recheck" | "ready" | "wait" | "admitted";

/**
 * The next move towards service, from what was read just now. A server that leaves maintenance is UP for HAProxy
 * without a check having been made, so its way leads through drain. It is looked at anew every time, so that a
 * balancer restarted in between (which forgets drains) or a person's hand is not overlooked.
 */
export function nextMove({ sight, hasCheck, isReady, isForcedMaintenance }: HaproxyServer): AdmissionMove {
  // Maintenance that is not ours to end (its address does not resolve, say): wait for it to pass.
  if (sight.state === "maintenance") return isForcedMaintenance ? "recheck" : "wait";
  if (hasCheck && !sight.checkOk) return "wait";
  if (isReady) return sight.state === "in-service" ? "admitted" : "wait";
  return "ready";
}
