/** Where visitors' sessions live. In this sample they live in memory, so opening them always works. */
export const openSessions = async () => new Map();
