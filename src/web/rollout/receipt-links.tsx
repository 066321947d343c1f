import styles from "./receipt-links.module.css";

/** The receipt to take along: the signed document, a page, a picture for a chat message. */
export function ReceiptLinks({ id }: { id: string }) {
  const at = `/api/rollouts/${encodeURIComponent(id)}/receipt`;
  return (
    <ul className={styles.links}>
      <li>
        <a href={at} type="application/json">
          Signed
        </a>
      </li>
      <li>
        <a href={`${at}.html`}>Page</a>
      </li>
      <li>
        <a href={`${at}.png`}>Picture</a>
      </li>
    </ul>
  );
}
