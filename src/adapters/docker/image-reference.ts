const hubNames = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

export type Repository = { readonly host: string; readonly path: string };

/** `registry.example.com:5000/acme/hello` in two; without a registry's host it is Docker Hub's, as Docker reads it. */
export function splitRepository(repository: string): Repository {
  const [first = "", ...rest] = repository.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const host = isHost && !hubNames.has(first) ? first : "docker.io";
  const path = isHost ? rest.join("/") : repository;
  return { host, path: host === "docker.io" && !path.includes("/") ? `library/${path}` : path };
}

/** The name as the engine lists it: Docker Hub's host and its `library/` are left out. */
export function familiarName(repository: string): string {
  const { host, path } = splitRepository(repository);
  return host === "docker.io" ? path.replace(/^library\//, "") : `${host}/${path}`;
}
