import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalLines } from "#test/refusal-lines.ts";
import { parseFleetFile } from "./fleet-file.ts";

const parse = (address: string) =>
  parseFleetFile(`sources:\n  - { git: "${address}", branches: [main] }\n`, "fleet.yaml", {
    resolvePath: (path) => `/conf/${path}`,
  });

test("addresses that git may be asked for", () => {
  const gitOf = (address: string) => parse(address).sources[0]?.git;
  for (const address of [
    "http://git.example.com/x",
    "ssh://git@git.example.com:2222/x.git",
    "ssh://git@[fd00::1]/x",
    "git@git.example.com:acme/hello.git",
    "git.example.com:acme/hello.git",
    "git@git.example.com:~/hello",
    "file:///srv/git/hello.git",
  ])
    assert.equal(gitOf(address), address);
  for (const path of ["/srv/hello.git", "./hello", "../hello"]) assert.equal(gitOf(path), `/conf/${path}`);
});

test("addresses that would run a program or give ssh an option are refused", () => {
  for (const address of [
    "-uupload-pack=x",
    "ext::sh -c id",
    "fd::17",
    "transport::https://x/y",
    "user@host::x",
    "git://git.example.com/x",
    "ftp://git.example.com/x",
    "ssh://-oProxyCommand=id/x",
    "ssh://-oProxyCommand=id@host/x",
    "ssh://git@-oProxyCommand=id/x",
    "https://-x/y",
    "git@-oProxyCommand=id:x",
    "-oProxyCommand=id@host:x",
    "git@git.example.com:-x",
    "https://git.example.com/x y",
    "https://git.example.com/x\\nfoo",
    "file://",
    "file://host/x",
    "https://",
    "~/x",
    "hello",
    "",
  ])
    assert.match(refusalLines(() => parse(address))[0] ?? "", /^2:7: sources\.0\.git: expected /, address);
});
