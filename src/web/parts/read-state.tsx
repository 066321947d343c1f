import { Button, Loader } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { CallError } from "../api.ts";
import { TokenField } from "../changes/token-field.tsx";
import { rememberToken } from "../token.ts";
import { Card } from "./card.tsx";
import { ErrorBox } from "./error-box.tsx";
import { Icon } from "./icon.tsx";
import styles from "./read-state.module.css";

/** In place of a view that could not be read, or not yet. */
export function ReadState({ error, what }: { error: Error | null; what: string }) {
  if (error === null) return <Loading what={what} />;
  if (error instanceof CallError && error.status === 401) return <TokenAsked />;
  const shown =
    error instanceof CallError
      ? error.error
      : { code: "page.fault", message: error.message, advice: "Reload the page." };
  return <ErrorBox error={shown} title={`Could not show ${what}`} />;
}

/** Above what was read before, when it could not be read again. */
export function Outdated({ error }: { error: Error | null }) {
  if (error === null) return null;
  return (
    <p className={styles.outdated} role="status">
      <Icon name="warning" size={14} />
      <span>What you see may be old: it could not be read again. {error.message}</span>
    </p>
  );
}

function Loading({ what }: { what: string }) {
  return (
    <p className={styles.loading}>
      <Loader size="sm" /> Reading {what}…
    </p>
  );
}

/** A server that does not listen on loopback shows nothing to strangers. */
function TokenAsked() {
  const [typed, setTyped] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rememberToken(typed);
  };
  return (
    <Card title="This server asks for its token">
      <form onSubmit={submit} className={styles.form}>
        <TokenField value={typed} onChange={setTyped} />
        <Button type="submit" color="harbour.7">
          Use it
        </Button>
      </form>
    </Card>
  );
}
