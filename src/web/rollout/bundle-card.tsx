import { useState } from "react";
import { Folded } from "../parts/folded.tsx";
import { Moment } from "../parts/moment.tsx";
import { ReadState } from "../parts/read-state.tsx";
import { scrollable } from "../parts/scrollable.ts";
import { plainText } from "../plain-text.ts";
import { useBundle } from "../queries.ts";
import styles from "./bundle-card.module.css";

type Props = { id: string; host: string; isOpen: boolean };

/** What was kept of a host that failed; read from the server when somebody opens it. */
export function BundleCard({ id, host, isOpen }: Props) {
  const [isWanted, setWanted] = useState(isOpen);
  const { data, error } = useBundle(id, host, isWanted || isOpen);
  return (
    <Folded
      title={`Why ${host} failed`}
      aside="log, health check, balancers, differences"
      isOpen={isOpen}
      onOpen={() => setWanted(true)}
    >
      {data ? (
        <>
          <p className="soft">
            Looked at <Moment at={data.at} />
          </p>
          <section className={styles.text} aria-label={`Bundle of ${host}`} {...scrollable}>
            {plainText(data.text)}
          </section>
        </>
      ) : (
        <ReadState error={error} what={`the bundle of ${host}`} />
      )}
    </Folded>
  );
}
