import assert from "node:assert/strict";
import { test } from "node:test";
import * as commands from "./registry-commands.ts";
import * as replies from "./registry-replies.ts";

const access = (insecure = false) => ({ spec: { insecure } });

test("a challenge is read whatever the order and case of its fields", () => {
  const header =
    'Bearer service="registry.docker.io",Realm="https://auth.docker.io/token",scope="repository:a/b:pull,push"';
  assert.deepEqual(replies.readChallenge(header), {
    scheme: "bearer",
    fields: { service: "registry.docker.io", realm: "https://auth.docker.io/token", scope: "repository:a/b:pull,push" },
  });
  assert.equal(replies.readChallenge("basic realm=x")?.scheme, "basic");
  assert.equal(replies.readChallenge("Negotiate abc"), undefined);
  assert.equal(replies.readChallenge(null), undefined);
});

test("a registry is asked over HTTPS, except where it is insecure by choice or on this machine", () => {
  const base = (repository: string, insecure?: boolean) => commands.registryAddress(repository, access(insecure)).base;
  assert.equal(base("registry.example.com/x"), "https://registry.example.com");
  assert.equal(base("acme/hello"), "https://registry-1.docker.io");
  assert.equal(base("registry.example.com:5000/x", true), "http://registry.example.com:5000");
  assert.equal(base("127.0.0.1:5000/x"), "http://127.0.0.1:5000");
  assert.equal(base("localhost:5000/x"), "http://localhost:5000");
  assert.equal(base("127.0.0.1.example.com/x"), "https://127.0.0.1.example.com");
  assert.equal(base("localhost.example.com/x"), "https://localhost.example.com");
});

test("a password is not sent for a token over plain HTTP", () => {
  const secure = commands.registryAddress("r.example.com/x", access());
  const plain = commands.registryAddress("r.example.com/x", access(true));
  const realm = { realm: "http://auth.example.com/token" };
  assert.equal(commands.tokenUrl(realm, secure, undefined), undefined);
  assert.equal(commands.tokenUrl({ realm: "file:///etc/passwd" }, plain, undefined), undefined);
  assert.equal(commands.tokenUrl(realm, plain, "s:x:pull")?.href, "http://auth.example.com/token?scope=s%3Ax%3Apull");
});

test("of an index the first image counts, not what attests it", () => {
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
  const annotations = { "vnd.docker.reference.type": "attestation-manifest" };
  const manifests = [{ digest: digest("a"), annotations }, { digest: digest("b") }];
  assert.deepEqual(replies.readManifest({ manifests }), { image: digest("b") });
  assert.deepEqual(replies.readManifest({ config: { digest: digest("c") } }), { config: digest("c") });
  assert.deepEqual(replies.readManifest({ config: { digest: "sha256:../../../etc" } }), {});
  assert.equal(replies.readRevision({ config: { Labels: null } }), undefined);
});
