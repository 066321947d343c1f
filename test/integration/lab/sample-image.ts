/** A tiny service to run on the lab's hosts. No base image can be pulled here, so it is made of the machine's own perl. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const perl = "/usr/bin/perl";

const program = `
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die "no port: $!";
while (my $caller = $server->accept) {
  while (<$caller>) { last if /^\\r?$/ }
  print $caller "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nok\\n";
  close $caller;
}
`;

/** Fills a directory that \`docker build\` makes the image from. */
export function writeSampleContext(dir: string): void {
  const libraries = execFileSync("ldd", [perl], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
  const moduleDirs = execFileSync(perl, ["-e", 'print join " ", grep { -d && /perl-base/ } @INC'], {
    encoding: "utf8",
  });
  for (const path of [perl, ...libraries, ...moduleDirs.split(" ")]) {
    const target = join(dir, "root", path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(path), target, { recursive: true });
  }
  writeFileSync(join(dir, "root", "server.pl"), program);
  writeFileSync(join(dir, "Dockerfile"), `FROM scratch\nCOPY root/ /\nENTRYPOINT ["${perl}", "/server.pl"]\n`);
}
