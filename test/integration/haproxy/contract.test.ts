import { balancerContract } from "#ports/balancer.contract.ts";
import { HaproxyBench } from "./bench.ts";

balancerContract("HAProxy", () => HaproxyBench.open());
