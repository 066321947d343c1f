import type { DeployRequest } from "#contract/shapes.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Plan } from "#core/plan.ts";
import type { Application } from "./application.ts";
import { examine } from "./doctor.ts";
import { exportRollout } from "./export-rollout.ts";
import { findBuild } from "./find.ts";
import { lockPlace, unlockPlace } from "./lock-place.ts";
import { showOverview, showSources } from "./overview.ts";
import { rollBack } from "./roll-back.ts";
import { showBundle } from "./show-bundle.ts";
import { showPlan } from "./show-plan.ts";
import { showReadiness } from "./show-readiness.ts";
import { showReceipt } from "./show-receipt.ts";
import { readLog, showRollout } from "./show-rollout.ts";
import { correct, type DeployWish, deploy } from "./start-rollout.ts";
import { approveRollout, cancelRollout, pauseRollout, steerRollout } from "./steer-rollout.ts";
import type { UseCases } from "./use-cases.ts";

/** What is not given is not there: the records know no undefined. */
const wishOf = <Body extends Pick<DeployRequest, "shown">>({ shown, ...wish }: Body): Omit<Body, "shown"> & Shown =>
  shown ? { ...wish, shown: JSON.parse(JSON.stringify(shown)) as Plan } : wish;

type Shown = Pick<DeployWish, "shown">;

const releasesShown = 200;

/** What each route of the API does. */
export const makeUseCases = (app: Application): UseCases => ({
  overview: () => showOverview(app),
  builds: async ({ query }) => ({ builds: await app.world.builds.list(query.limit) }),
  build: ({ params }) => findBuild(app.world, params.id),
  rollouts: async ({ query: { limit, service, environment } }) => ({
    rollouts: await app.world.rollouts.list(
      { ...(service === undefined ? {} : { service }), ...(environment === undefined ? {} : { environment }) },
      limit,
    ),
  }),
  rollout: ({ params }) => showRollout(app, params.id),
  bundle: ({ params }) => showBundle(app, params.id, params.host),
  export: ({ params }) => exportRollout(app, params.id),
  receipt: ({ params }) => showReceipt(app, params.id),
  receiptKey: async () => app.world.signer.publicKey(),
  releases: async ({ params }) => ({ releases: await app.world.releases.list(params.service, releasesShown) }),
  log: ({ params, query }) => readLog(app, params.id, query.after),
  plan: ({ body }) => showPlan(app, body),
  deploy: ({ body }) => deploy(app, wishOf(body)),
  rollback: ({ body }) => rollBack(app, wishOf(body)),
  cancel: ({ params, body }) => cancelRollout(app, params.id, body.by),
  pause: ({ params, body }) => pauseRollout(app, params.id, body.by),
  steer: ({ params, body }) => steerRollout(app, params.id, body),
  correct: ({ body }) => correct(app, wishOf(body)),
  lock: ({ body }) => lockPlace(app, body),
  unlock: ({ body }) => unlockPlace(app, body),
  readiness: ({ query }) => showReadiness(app, query),
  approve: ({ params, body }) => approveRollout(app, params.id, body.by),
  poll: async ({ params }) => {
    const isKnown = app.world.fleet().sources.some(({ name }) => name === params.name);
    if (!isKnown) throw new SlipwayError("not.found", `fleet.yaml has no source "${params.name}".`);
    await app.pollNow(params.name);
    const source = (await showSources(app)).find(({ name }) => name === params.name);
    if (!source) throw new SlipwayError("not.found", `fleet.yaml has no source "${params.name}".`);
    return source;
  },
  doctor: () => examine(app),
});
