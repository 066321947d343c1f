import type { ImageWish } from "#ports/images.ts";
import { type EngineCall, headerOf, registryAuth } from "./commands.ts";
import type { imageMarks } from "./image-marks.ts";
import { familiarName, splitRepository } from "./image-reference.ts";

type Marks = ReturnType<typeof imageMarks>;

/** One instruction may compile for a long time without a word. */
const buildSilenceMs = 30 * 60_000;
const pushSilenceMs = 5 * 60_000;
const hubLoginName = "https://index.docker.io/v1/";

export function buildImage(wish: ImageWish, marks: Marks, dockerfile: string): EngineCall {
  const query = new URLSearchParams({
    dockerfile,
    buildargs: JSON.stringify(marks.buildArgs),
    labels: JSON.stringify(marks.labels),
    rm: "1",
    forcerm: "1",
  });
  for (const tag of [marks.commitTag, marks.branchTag]) query.append("t", `${wish.repository}:${tag}`);
  return {
    method: "POST",
    path: `/build?${query}`,
    headers: { "content-type": "application/x-tar", "X-Registry-Config": registryConfig(wish) },
    limitMs: buildSilenceMs,
  };
}

export const pushImage = (wish: ImageWish, tag: string): EngineCall => ({
  method: "POST",
  path: `/images/${familiarName(wish.repository)}/push?tag=${encodeURIComponent(tag)}`,
  headers: registryAuth(wish.registry.login),
  limitMs: pushSilenceMs,
});

/** Arguments for `docker`; none of them secret: they are seen in the process list. */
export const buildxArguments = (wish: ImageWish, marks: Marks, paths: { dockerfile: string; directory: string }) => [
  "buildx",
  "build",
  "--load",
  "--progress=plain",
  `--file=${paths.dockerfile}`,
  ...[marks.commitTag, marks.branchTag].map((tag) => `--tag=${wish.repository}:${tag}`),
  ...Object.entries(marks.labels).map(([name, value]) => `--label=${name}=${value}`),
  ...Object.entries(marks.buildArgs).map(([name, value]) => `--build-arg=${name}=${value}`),
  "--",
  paths.directory,
];

/** The registry's credentials as a docker program reads them from its configuration file. */
export function dockerConfig({ repository, registry }: ImageWish): string {
  if (!registry.login) return "{}";
  const { username, password } = registry.login;
  const auth = Buffer.from(`${username}:${password.reveal()}`).toString("base64");
  return JSON.stringify({ auths: { [loginName(repository)]: { auth } } });
}

/** For base images in the same registry. */
function registryConfig({ repository, registry }: ImageWish): string {
  const { login } = registry;
  const known = login
    ? { [loginName(repository)]: { username: login.username, password: login.password.reveal() } }
    : {};
  return headerOf(known);
}

function loginName(repository: string): string {
  const { host } = splitRepository(repository);
  return host === "docker.io" ? hubLoginName : host;
}
