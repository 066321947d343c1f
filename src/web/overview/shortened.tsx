import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import styles from "./list.module.css";

const shownFirst = 6;

type Props<T> = { items: readonly T[]; what: string; children: (item: T) => ReactNode };

/** A list whose older half comes when it is asked for. */
export function Shortened<T>({ items, what, children }: Props<T>) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? items : items.slice(0, shownFirst);
  return (
    <>
      <ul className={styles.list}>{shown.map(children)}</ul>
      {shown.length < items.length && (
        <Button className={styles.all ?? ""} variant="default" size="compact-sm" onClick={() => setIsWhole(true)}>
          Show {items.length - shown.length} older {what}
        </Button>
      )}
    </>
  );
}
