import type { Overview } from "#contract/shapes.ts";
import { useTitle } from "../parts/announcer.tsx";
import { Card, Empty } from "../parts/card.tsx";
import { Outdated, ReadState } from "../parts/read-state.tsx";
import { useOverview } from "../queries.ts";
import { counted } from "../words.ts";
import { BuildList } from "./build-list.tsx";
import { GroupCard } from "./group-card.tsx";
import styles from "./overview.module.css";
import { PausedBanner } from "./paused-banner.tsx";
import { RolloutList } from "./rollout-list.tsx";
import { SourceList } from "./source-list.tsx";

/** Everything at a glance: what is live where, what moves, what was built. */
export function OverviewView() {
  const { data, error } = useOverview();
  useTitle(data ? titleOf(data) : "");
  if (!data) return <ReadState error={error} what="the overview" />;
  return (
    <div className={styles.overview}>
      <Outdated error={error} />
      <h1 className="unseen">Overview</h1>
      <PausedBanner overview={data} />
      <Environments overview={data} />
      <div className={styles.columns}>
        <Card title="Rollouts">
          {data.rollouts.length === 0 ? <NoRollout overview={data} /> : <RolloutList rollouts={data.rollouts} />}
        </Card>
        <Card title="Builds">
          {data.builds.length === 0 ? <NoBuild overview={data} /> : <BuildList builds={data.builds} />}
        </Card>
      </div>
      {data.sources.length > 0 && (
        <Card title="Sources">
          <SourceList sources={data.sources} />
        </Card>
      )}
      <p className={styles.version}>Slipway {data.version}</p>
    </div>
  );
}

function Environments({ overview: { environments } }: { overview: Overview }) {
  if (environments.every(({ groups }) => groups.length === 0)) {
    return (
      <Card title="No environment yet">
        <Empty>
          Name your hosts under <code>environments:</code> in fleet.yaml; the server reads it again when it changes, and
          what runs on them is shown here. <code>slipway validate fleet.yaml</code> checks it first.
        </Empty>
      </Card>
    );
  }
  return environments.map(({ name, network, groups }) => (
    <section key={name} aria-label={`Environment ${name}`} className={styles.environment}>
      <h2 className={styles.environmentName}>
        {name} <span className="soft">network {network}</span>
      </h2>
      {groups.map((group) => (
        <GroupCard key={group.service} group={group} />
      ))}
    </section>
  ));
}

function NoBuild({ overview: { sources } }: { overview: Overview }) {
  return (
    <Empty>
      {sources.length === 0 ? (
        <>
          No commit seen yet. Add a source to fleet.yaml: <code>sources: [&#123; git: …, branches: [main] &#125;]</code>
          .
        </>
      ) : (
        `No commit seen yet. Push one to a watched branch of ${sources[0]?.name ?? "a source"}.`
      )}
    </Empty>
  );
}

function NoRollout({ overview: { builds } }: { overview: Overview }) {
  return (
    <Empty>
      {builds.length === 0
        ? "Nothing has been rolled out yet. The first commit that builds will be."
        : "Nothing has been rolled out yet. Map a branch to an environment in slipway.yaml, or deploy a release by hand."}
    </Empty>
  );
}

function titleOf({ environments, builds }: Overview): string {
  const groups = environments.flatMap((environment) => environment.groups);
  const rolling = groups.flatMap(({ rollout }) => rollout ?? []);
  const paused = rolling.find(({ pause }) => pause);
  if (paused) return `? ${paused.service} in ${paused.environment} is paused and waits for a person`;
  const [first] = rolling;
  if (first && rolling.length === 1) return `● ${first.service} r${first.release} to ${first.environment}`;
  if (first) return `● ${counted(rolling.length, "rollout")} under way`;
  const wrong = groups.find(({ lastRollout }) => lastRollout?.state === "failed" || lastRollout?.state === "stuck");
  if (wrong) return `✗ ${wrong.service} in ${wrong.environment}: rollout ${wrong.lastRollout?.state}`;
  const building = builds.filter(({ state }) => state === "running").length;
  return building > 0 ? `● ${counted(building, "build")} running` : "";
}
