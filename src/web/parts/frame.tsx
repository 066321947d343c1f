import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { useConnection } from "../live.tsx";
import styles from "./frame.module.css";
import { Icon } from "./icon.tsx";

/** What is around every view: the name, the connection, light or dark. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <>
      <button type="button" className={styles.skip} onClick={skipToView}>
        Skip to the content
      </button>
      <header className={styles.header}>
        <div className={styles.bar}>
          <a className={styles.name} href="#/" aria-label="Slipway, overview">
            <img src="/slipway.svg" alt="" width="26" height="26" />
            Slipway
          </a>
          <ConnectionMark />
          <SchemeToggle />
        </div>
      </header>
      <main id="view" className={styles.view} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** No link: the address holds the view, so a jump within the page must not change it. */
function skipToView(): void {
  focusView();
  scrollTo(0, 0);
}

export function focusView(): void {
  document.getElementById("view")?.focus({ preventScroll: true });
}

function ConnectionMark() {
  const connection = useConnection();
  return (
    <p className={styles.connection} data-connection={connection} role="status">
      {connection === "connected" && (
        <>
          <span className={styles.pulse} /> live
        </>
      )}
      {connection === "connecting" && "connecting"}
      {connection === "lost" && (
        <>
          <Icon name="warning" size={14} /> disconnected, trying again
        </>
      )}
    </p>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={`Use ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      <svg width="18" height="18" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
        <path d="M8 1.5A6.5 6.5 0 1 0 8 14.5 6.5 6.5 0 0 0 8 1.5ZM8 3V13A5 5 0 0 1 8 3Z" />
      </svg>
    </ActionIcon>
  );
}
