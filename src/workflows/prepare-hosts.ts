import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { Image } from "#core/release.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { RegistryLogin } from "#ports/containers.ts";
import { act, type Doing } from "#workflows/act.ts";
import { type Course, engineHost, hostNamed } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";
import type { World } from "#workflows/world.ts";

const pullTimeoutMs = 20 * 60_000;
const choices = ["retry", "exclude", "put-back", "abort"] as const;

type Pulled = { readonly host: string; readonly error?: ErrorRecord };

/** The digest is on every host that will be visited before the first of them is drained, or the host is left out. */
export async function prepareHosts(releasing: Releasing): Promise<Ending | undefined> {
  const { batches } = releasing.course.plan;
  let hosts: readonly string[] = batches.flatMap((batch) => batch.hosts.map(({ name }) => name));
  for (;;) {
    const { failed, error } = await pullOn(releasing, hosts);
    if (!error) return undefined;
    const decision = await decide(releasing, { why: "failure", hosts: failed, error, choices });
    if (decision === "leave-out") {
      releasing.leaveOutUntouched(failed);
      return undefined;
    }
    if (typeof decision !== "string") return decision;
    hosts = failed;
  }
}

/** The hosts on which it could not be pulled, and why not on the first of them. */
export async function pullOn(
  { run, world, course }: Pick<Releasing, "run" | "world" | "course">,
  hosts: readonly string[],
): Promise<{ readonly failed: readonly string[]; readonly error?: ErrorRecord }> {
  const place = { rolloutId: course.rolloutId, step: "prepare" as const };
  const doing = (doing: Doing) => pullEverywhere(world, course, hosts, doing);
  const outcome = await outcomeOf(act(run, world, place, { timeoutMs: pullTimeoutMs, doing }));
  if (!outcome.ok) return { failed: hosts, error: outcome.error };
  const failed = outcome.value.filter(({ error }) => error);
  const [first] = failed;
  return { failed: failed.map(({ host }) => host), ...(first?.error ? { error: first.error } : {}) };
}

async function pullEverywhere(
  world: World,
  course: Course,
  hosts: readonly string[],
  { signal, progress }: Doing,
): Promise<readonly Pulled[]> {
  const { image } = course.release;
  const login = await loginFor(world, image);
  const pull = async (host: string): Promise<Pulled> => {
    const at = engineHost(course, hostNamed(course, host));
    const say = (line: string) => progress(`${host}: ${line}`);
    const outcome = await outcomeOf(world.containers.pull(at, image, login, signal, say));
    if (outcome.ok) return { host };
    signal.throwIfAborted();
    const error = { ...outcome.error, host, message: world.mask(outcome.error.message) };
    await tellFailure(world, course, error);
    return { host, error };
  };
  const pulled = await Promise.all(hosts.map(pull));
  const failed = pulled.filter(({ error }) => error);
  // With nobody left to go on with it is the act that failed.
  if (failed.length === hosts.length && failed[0]?.error) throw SlipwayError.fromRecord(failed[0].error);
  return pulled;
}

const tellFailure = (world: World, { rolloutId }: Course, error: ErrorRecord) =>
  world.timeline.append({
    rolloutId,
    step: "prepare",
    ...(error.host ? { host: error.host } : {}),
    direction: "forward",
    phase: "failed",
    message: error.message,
    error,
  });

/** The credentials of the registry that the image is in, where fleet.yaml has some. */
export async function loginFor(
  world: World,
  { repository }: Pick<Image, "repository">,
): Promise<RegistryLogin | undefined> {
  const registry = registryOf(world, repository);
  if (!registry?.username || !registry.password) return undefined;
  return { username: registry.username, password: await world.secrets.reveal(registry.password.secret) };
}

export function registryOf(world: World, repository: string) {
  const { registries } = world.fleet();
  const host = repository.split("/")[0] ?? "";
  return Object.hasOwn(registries, host) ? registries[host] : undefined;
}
