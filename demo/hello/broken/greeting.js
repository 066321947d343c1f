/** What the front page says. */
export const greeting = ({ host, version }) => `Hello from version ${host} on ${version}\n`;
