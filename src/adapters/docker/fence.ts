import { SlipwayError } from "#core/errors.ts";
import type { HostTurn } from "#ports/containers.ts";

/** The header of the answer with which the fence refuses: the greatest turn it has seen. */
export const fencedHeader = "slipway-fenced";
/** The header with which it says what the host lacks. */
export const needsHeader = "slipway-needs";

/** Of 20 ms and the two programs each: some 10 s. */
const lockTries = 400;

/**
 * Runs on the host for every change, with `name turn socket` as its arguments. It holds a lock on the place while it
 * joins its streams to the engine's socket, so that one change at a time can reach the engine, and refuses a turn that
 * is older than one it has seen. A holder that is older, or that an earlier try of the same turn left, is killed first:
 * what was still under way in its stream can act no more. It answers in HTTP, as the engine would.
 *
 * `flock` is asked without waiting, as busybox knows no waiting; a holder may not yet have written its name at the first
 * look. What joins the streams is one process, or what it left would keep the lock; socat starts 10 ms sooner.
 */
const script = `
name=$1 turn=$2 socket=$3
answer() { printf 'HTTP/1.1 %s\\r\\n%s\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$2"; exec 9>&-; exec cat >/dev/null; }
lacks() { answer '501 Not Implemented' "Slipway-Needs: $1"; }
look() {
  seen=0 holder=0
  [ ! -s "$file" ] || read -r seen holder <"$file"
  case $seen in '' | *[!0-9]* | ???????????????????*) lacks "a number in $file: remove it if no other server is at work" ;; esac
}
umask 077
if [ -O / ]; then state=/var/lib/slipway-host; else state=\${XDG_STATE_HOME:-$HOME/.local/state}/slipway; fi
command -v flock >/dev/null || lacks 'flock (util-linux)'
if command -v socat >/dev/null; then join='socat'
elif command -v docker >/dev/null; then join='docker'
else lacks 'the docker command line or socat'; fi
file=$state/turn.$name lock=$state/lock.$name
{ [ -d "$state" ] || mkdir -p "$state"; } && true >>"$lock" || lacks "a directory $state that its user may write"
exec 9>>"$lock"
left=${lockTries}
until flock -n 9; do
  look
  if [ "$turn" -lt "$seen" ]; then answer '409 Conflict' "Slipway-Fenced: $seen"; fi
  if [ "/proc/$holder/fd/9" -ef "$lock" ]; then kill -KILL "$holder"; fi
  left=$((left - 1))
  if [ "$left" -le 0 ]; then lacks 'the end of another change, which holds the lock'; fi
  sleep 0.02 || sleep 1
done
look
if [ "$turn" -lt "$seen" ]; then answer '409 Conflict' "Slipway-Fenced: $seen"; fi
printf '%s %s\\n' "$turn" "$$" >"$state/new.$name" || lacks "room in $state"
# The number outlives a power failure. A sync that cannot sync one file would sync every disk: it gets an option it refuses.
if [ "$turn" -gt "$seen" ]; then sync -d "$state/new.$name"; fi
mv "$state/new.$name" "$file" || lacks "room in $state"
if [ "$join" = docker ]; then exec docker -H "unix://$socket" system dial-stdio; fi
exec socat - "UNIX-CONNECT:$socket"
`;

/** What runs on the host of that turn: a fixed script, everything else as its arguments. */
export const fenceCommand = ({ network, host, turn }: HostTurn): readonly string[] => [
  "sh",
  "-c",
  script,
  "slipway-fence",
  fileNameOf(turn.place, host.name),
  String(turn.number),
  network.dockerSocket,
];

/** Two places never share one, nor do two hosts of the fleet that are one machine: they are changed side by side. */
const fileNameOf = (place: string, host: string): string => `${encodeURIComponent(place)}@${encodeURIComponent(host)}`;

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
