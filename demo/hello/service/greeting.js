/** What the front page says. */
export const greeting = ({ version, host }) => `Hello from version ${version} on ${host}\n`;
