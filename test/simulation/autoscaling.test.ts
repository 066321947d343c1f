import type { AutoscalingSpec } from "#core/fleet.ts";
import { autoscalingContract } from "#ports/autoscaling.contract.ts";
import { SimulatedAutoscaling } from "#simulator/simulated-autoscaling.ts";

const group: AutoscalingSpec = { kind: "simulated", name: "web" };

autoscalingContract("the simulated autoscaling", () => {
  const autoscaling = new SimulatedAutoscaling();
  return {
    autoscaling: autoscaling.port(),
    group,
    suspendByHand: async (process) => autoscaling.suspendByHand(group.name, process),
    processes: ["Launch", "Terminate"],
  };
});
