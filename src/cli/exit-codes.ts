/** What the command ends with. Documented in the README and in `countersign --help`. */
export const exitCodes = {
  fine: 0,
  /** Not authentic, refused, or not as it should be. */
  refused: 1,
  /** An option, a file or a secret is missing or wrong. */
  usage: 2,
  /** A server could not be reached, or a port not be taken. */
  unreachable: 3,
  /** A fault of the command line's own. */
  bug: 4,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
