import { createHash } from "node:crypto";
import { SlipwayError } from "#core/errors.ts";
import type { Layer } from "#core/pull-bytes.ts";
import type { Image } from "#core/release.ts";
import type { RegistryAccess } from "#ports/images.ts";
import { commitTagOf } from "./image-marks.ts";
import * as commands from "./registry-commands.ts";
import * as replies from "./registry-replies.ts";

const callLimitMs = 20_000;
const bodyLimitBytes = 8 * 1024 * 1024;

type Reply = { readonly status: number; readonly headers: Headers; readonly text: string };

/** One repository of one registry, over the distribution API v2. */
export class RegistryClient {
  readonly #repository: string;
  readonly #access: RegistryAccess;
  readonly #address: commands.RegistryAddress;
  #authorization: string | undefined;

  constructor(repository: string, access: RegistryAccess) {
    this.#repository = repository;
    this.#access = access;
    this.#address = commands.registryAddress(repository, access);
  }

  /** The image that is tagged with the commit and also says that it was made from it. */
  async find(sha: string, signal: AbortSignal): Promise<Image | undefined> {
    const found = await this.#manifest(commitTagOf(sha), signal);
    if (!found) return undefined;
    const image = found.image === undefined ? found : await this.#manifest(found.image, signal);
    if (image?.config === undefined) return undefined;
    const config = await this.#get(commands.blobUrl(this.#address, image.config), signal);
    if (!config || replies.readRevision(parse(config.text)) !== sha) return undefined;
    return { repository: this.#repository, digest: found.digest };
  }

  async layers(digest: string, signal: AbortSignal): Promise<readonly Layer[] | undefined> {
    const found = await this.#manifest(digest, signal);
    const image = found?.image === undefined ? found : await this.#manifest(found.image, signal);
    return image?.layers;
  }

  /** What the registry keeps under a tag now. */
  async digestOf(tag: string, signal: AbortSignal): Promise<string | undefined> {
    return (await this.#manifest(tag, signal))?.digest;
  }

  async ping(signal: AbortSignal): Promise<void> {
    const reply = await this.#get(commands.pingUrl(this.#address), signal, "no scope");
    if (!reply) throw this.#failure("registry.unreachable", "has no /v2/: it is no registry");
  }

  async #manifest(reference: string, signal: AbortSignal) {
    const reply = await this.#get(commands.manifestUrl(this.#address, reference), signal);
    if (!reply) return undefined;
    // A digest is the hash of the very bytes: what the registry's header says must agree.
    const digest = `sha256:${createHash("sha256").update(reply.text).digest("hex")}`;
    const said = reply.headers.get("docker-content-digest") ?? digest;
    if (said !== digest) throw this.#failure("registry.unreachable", `said ${said}, but sent ${digest}`);
    return { digest, ...replies.readManifest(parse(reply.text)) };
  }

  /** Undefined for 404. */
  async #get(url: string, signal: AbortSignal, need: "pull" | "no scope" = "pull"): Promise<Reply | undefined> {
    const scope = need === "pull" ? `repository:${this.#address.path}:pull` : undefined;

    let reply = await this.#send(url, this.#authorization, signal);
    if (reply.status === 401 && (await this.#authorize(reply, scope, signal)))
      reply = await this.#send(url, this.#authorization, signal);
    if (reply.status === 404) return undefined;
    if (reply.status >= 200 && reply.status < 300) return reply;
    const words = replies.readErrors(parse(reply.text)) ?? reply.text.trim().slice(0, 200);
    const isRefusal = reply.status === 401 || reply.status === 403;
    throw this.#failure(
      isRefusal ? "registry.refused" : "registry.unreachable",
      `answered ${reply.status}${words ? `: ${words}` : ""}`,
    );
  }

  /** Takes up the registry's challenge; false where nothing more can be offered than what was refused. */
  async #authorize(reply: Reply, scope: string | undefined, signal: AbortSignal): Promise<boolean> {
    const challenge = replies.readChallenge(reply.headers.get("www-authenticate"));
    const basic = this.#basic();
    if (!challenge || this.#authorization !== undefined) return false;
    this.#authorization = challenge.scheme === "basic" ? basic : await this.#token(challenge.fields, scope, signal);
    return this.#authorization !== undefined;
  }

  async #token(fields: Readonly<Record<string, string>>, scope: string | undefined, signal: AbortSignal) {
    const url = commands.tokenUrl(fields, this.#address, scope);
    if (!url) throw this.#failure("registry.refused", `wants the password sent to ${fields.realm}, which is not HTTPS`);
    const reply = await this.#send(url.href, this.#basic(), signal);
    const token = reply.status === 200 ? replies.readToken(parse(reply.text)) : undefined;
    if (token !== undefined) return `Bearer ${token}`;
    const isRefusal = reply.status >= 400 && reply.status < 500;
    throw this.#failure(
      isRefusal ? "registry.refused" : "registry.unreachable",
      `gave no token: ${url.host} answered ${reply.status}`,
    );
  }

  async #send(url: string, authorization: string | undefined, signal: AbortSignal): Promise<Reply> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(callLimitMs)]);
    const headers = { accept: commands.manifestAccept, ...(authorization === undefined ? {} : { authorization }) };
    try {
      const response = await fetch(url, { headers, signal: limit });
      return { status: response.status, headers: response.headers, text: await readBody(response) };
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw this.#failure(
        "registry.unreachable",
        `did not answer: ${limit.aborted ? `nothing within ${callLimitMs / 1000} s` : inWords(cause)}`,
        error,
      );
    }
  }

  #basic(): string | undefined {
    const { login } = this.#access;
    return login && `Basic ${Buffer.from(`${login.username}:${login.password.reveal()}`).toString("base64")}`;
  }

  #failure(code: "registry.refused" | "registry.unreachable", words: string, cause?: unknown): SlipwayError {
    const who = this.#access.login ? ` as ${this.#access.login.username}` : "";
    const message = `The registry at ${this.#address.base}, asked about ${this.#repository}${who}, ${words}.`;
    return new SlipwayError(code, message, cause === undefined ? {} : { cause });
  }
}

/** Manifests and configurations are small; whatever is longer is none. */
async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > bodyLimitBytes) throw new Error(`the answer is longer than ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const inWords = (error: unknown): string =>
  error instanceof Error ? error.message || ("code" in error ? String(error.code) : error.name) : String(error);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the reader finds nothing of what it looks for in it.
    return undefined;
  }
}
