import { SlipwayError } from "#core/errors.ts";
import type { HostTurn } from "#ports/containers.ts";

/** The header of the answer with which the fence refuses: the greatest turn it has seen. */
export const fencedHeader = "slipway-fenced";
/** The header with which it says what the host lacks. */
export const needsHeader = "slipway-needs";

/**
 * Runs on the host for every change, with `place turn socket` as its arguments. It holds a lock on the place while it
 * joins its streams to the engine's socket, so that one change at a time can reach the engine, and refuses a turn that
 * is older than one it has seen. A holder that is older, or that an earlier try of the same turn left, is killed first:
 * what was still under way in its stream can act no more. It answers in HTTP, as the engine would.
 */
const script = `
place=$1 turn=$2 socket=$3
answer() { printf 'HTTP/1.1 %s\\r\\n%s\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$2"; exec cat >/dev/null; }
umask 077
if [ "$(id -u)" = 0 ]; then state=/var/lib/slipway-host; else state=\${XDG_STATE_HOME:-$HOME/.local/state}/slipway; fi
command -v flock >/dev/null || answer '501 Not Implemented' 'Slipway-Needs: flock (util-linux)'
if command -v docker >/dev/null; then join='docker'
elif command -v socat >/dev/null; then join='socat'
else answer '501 Not Implemented' 'Slipway-Needs: the docker command line or socat'; fi
mkdir -p "$state" || answer '501 Not Implemented' "Slipway-Needs: a directory $state that its user may write"
file=$state/$place
exec 9>>"$file.lock" || answer '501 Not Implemented' "Slipway-Needs: a directory $state that its user may write"
if ! flock -n 9; then
  read -r seen holder <"$file" || seen=0 holder=0
  if [ "$turn" -ge "\${seen:-0}" ] && [ "/proc/\${holder:-0}/fd/9" -ef "$file.lock" ]; then kill -KILL "$holder"; fi
  flock -w 10 9 || answer '503 Service Unavailable' 'Slipway-Needs: the end of another change that holds the lock'
fi
seen=0
if [ -s "$file" ]; then read -r seen holder <"$file"; fi
if [ "$turn" -lt "\${seen:-0}" ]; then exec 9>&-; answer '409 Conflict' "Slipway-Fenced: $seen"; fi
printf '%s %s\\n' "$turn" "$$" >"$file.new" && mv "$file.new" "$file" || answer '507 Insufficient Storage' "Slipway-Needs: room in $state"
if [ "$join" = docker ]; then exec docker -H "unix://$socket" system dial-stdio; fi
exec socat - "UNIX-CONNECT:$socket"
`;

/** What runs on the host of that turn: a fixed script, everything else as its arguments. */
export const fenceCommand = ({ network, turn }: HostTurn): readonly string[] => [
  "sh",
  "-c",
  script,
  "slipway-fence",
  fileNameOf(turn.place),
  String(turn.number),
  network.dockerSocket,
];

/** `personal/ben/hello` as a file name; two places never share one. */
const fileNameOf = (place: string): string => `fence.${encodeURIComponent(place)}`;

/** The greatest turn of every place and host that this process has changed. */
export class TurnsSeen {
  readonly #seen = new Map<string, number>();

  /** Fails with host.fenced where a later turn was seen. */
  refuseOlder({ network, host, turn }: HostTurn): void {
    const key = JSON.stringify([network.dockerSocket, host.name, turn.place]);
    const seen = this.#seen.get(key) ?? 0;
    if (turn.number < seen)
      throw new SlipwayError(
        "host.fenced",
        `${host.name} has seen turn ${seen}, which is later than this command's ${turn.number}.`,
        { host: host.name },
      );
    this.#seen.set(key, turn.number);
  }
}
