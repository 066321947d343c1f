import type { Batch } from "#core/plan.ts";
import type { Image } from "#core/release.ts";
import type { Run } from "#engine/run.ts";
import type { RegistryLogin } from "#ports/containers.ts";
import { act } from "#workflows/act.ts";
import { type Course, engineHost, hostNamed } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const pullTimeoutMs = 20 * 60_000;

/** The digest is on every host that will be visited, before the first of them is drained. */
export const prepareHosts = (
  run: Run,
  world: World,
  course: Course,
  batches: readonly Batch[] = course.plan.batches,
): Promise<void> =>
  act(
    run,
    world,
    { rolloutId: course.rolloutId, step: "prepare" },
    {
      timeoutMs: pullTimeoutMs,
      async doing({ signal, progress }) {
        const { image } = course.release;
        const login = await loginFor(world, image);
        const names = batches.flatMap((batch) => batch.hosts.map((host) => host.name));
        const pull = (name: string) =>
          world.containers.pull(engineHost(course, hostNamed(course, name)), image, login, signal, (line) =>
            progress(`${name}: ${line}`),
          );
        const pulls = await Promise.allSettled(names.map(pull));
        const failed = pulls.find((result) => result.status === "rejected");
        if (failed) throw failed.reason;
      },
    },
  );

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
