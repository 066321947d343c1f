import { Button, Group, Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { CallError } from "../api.ts";
import { askerName, rememberAsker } from "../asker.ts";
import { ErrorBox } from "../parts/error-box.tsx";
import { forgetToken, rememberToken, useToken } from "../token.ts";
import styles from "./change.module.css";
import { NameField } from "./name-field.tsx";
import { TokenField } from "./token-field.tsx";

type Props = {
  readonly label: string;
  readonly title: string;
  /** The button that does it: the verb itself, never "OK". */
  readonly confirm: string;
  /** The button that does nothing. */
  readonly leave?: string;
  readonly isDangerous?: boolean;
  readonly isPrimary?: boolean;
  readonly run: () => Promise<unknown>;
  readonly children: ReactNode;
};

/** What a change resolves with when there is something more to say before its dialog is closed. */
export const stay = Symbol("stay");

/** A button for something that changes the world: says what it will do, asks for the token if there is none, does it. */
export function ChangeButton({ label, title, isDangerous = false, isPrimary = false, ...asked }: Props) {
  return (
    <DialogButton label={label} title={title} isPrimary={isPrimary}>
      {(close) => <Question {...asked} isDangerous={isDangerous} close={close} />}
    </DialogButton>
  );
}

type DialogProps = Pick<Props, "label" | "title"> & {
  readonly isPrimary?: boolean;
  readonly size?: "md" | "xl";
  readonly children: (close: () => void) => ReactNode;
};

export function DialogButton({ label, title, isPrimary = false, size = "md", children }: DialogProps) {
  const [isOpen, setIsOpen] = useState(false);
  const close = () => setIsOpen(false);
  return (
    <>
      <Button
        size="xs"
        variant={isPrimary ? "filled" : "default"}
        color="harbour.7"
        onClick={() => setIsOpen(true)}
        aria-haspopup="dialog"
      >
        {label}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={title}
        size={size}
        closeButtonProps={{ "aria-label": "Close" }}
        centered
      >
        {children(close)}
      </Modal>
    </>
  );
}

type QuestionProps = Pick<Props, "run" | "children" | "leave"> & {
  /** Absent: it cannot be done now, and what is shown says why. */
  readonly confirm: string | undefined;
  readonly isDangerous: boolean;
  readonly close: () => void;
};

export function Question({ confirm, leave = "Leave it", isDangerous, run, close, children }: QuestionProps) {
  const token = useToken();
  const [typed, setTyped] = useState("");
  const [name, setName] = useState(askerName);
  const change = useMutation({
    mutationFn: run,
    onSuccess: (answer) => answer === stay || close(),
    onError: forgetRefusedToken,
    networkMode: "always",
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token === undefined) rememberToken(typed);
    rememberAsker(name);
    change.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      {children}
      {confirm !== undefined && <NameField value={name} onChange={setName} />}
      {token === undefined && <TokenField value={typed} onChange={setTyped} />}
      {change.error && <Problem error={change.error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={close}>
          {leave}
        </Button>
        {confirm !== undefined && (
          <Button type="submit" color={isDangerous ? "red.9" : "harbour.7"} loading={change.isPending}>
            {confirm}
          </Button>
        )}
      </Group>
    </form>
  );
}

function forgetRefusedToken(error: Error): void {
  if (error instanceof CallError && error.status === 401) forgetToken();
}

export function Problem({ error }: { error: Error }) {
  const shown =
    error instanceof CallError
      ? error.error
      : { code: "page.fault", message: error.message, advice: "Reload the page." };
  return (
    <div role="alert">
      <ErrorBox error={shown} title="That did not work" />
    </div>
  );
}
