// The tests of the portable hash are not to be answered by node:crypto, which this runtime would hand out when asked.
const before = process.getBuiltinModule;
process.getBuiltinModule = ((name: string) =>
  name === "node:crypto" ? undefined : before(name)) as typeof before;
