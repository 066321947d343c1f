import { SlipwayError } from "#core/errors.ts";
import type { Application } from "./application.ts";
import { examine } from "./doctor.ts";
import { findBuild } from "./find.ts";
import { showOverview, showSources } from "./overview.ts";
import { readLog, showRollout } from "./show-rollout.ts";
import { deploy, rollBack, showPlan } from "./start-rollout.ts";
import { approveRollout, cancelRollout } from "./steer-rollout.ts";
import type { UseCases } from "./use-cases.ts";

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
  releases: async ({ params }) => ({ releases: await app.world.releases.list(params.service, releasesShown) }),
  log: ({ params, query }) => readLog(app, params.id, query.after),
  plan: ({ body }) => showPlan(app, body),
  deploy: ({ body }) => deploy(app, body),
  rollback: ({ body }) => rollBack(app, body),
  cancel: ({ params }) => cancelRollout(app, params.id),
  approve: ({ params }) => approveRollout(app, params.id),
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
