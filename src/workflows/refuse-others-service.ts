import { SlipwayError } from "#core/errors.ts";
import type { World } from "#workflows/world.ts";

/** The name of a service belongs to the source that used it first: another repository cannot release over it. */
export async function refuseOthersService(
  world: Pick<World, "releases">,
  { service, source }: { readonly service: string; readonly source: string },
): Promise<void> {
  const [last] = await world.releases.list(service, 1);
  if (!last || last.source === source) return;
  throw new SlipwayError(
    "service.taken",
    `The repository "${source}" names its service "${service}", which belongs to the repository "${last.source}".`,
  );
}
