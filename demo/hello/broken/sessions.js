/** Sessions have moved to a store of their own, which nobody has started. */
export const openSessions = async () => {
  throw new Error("cannot connect to the session store at redis:6379");
};
