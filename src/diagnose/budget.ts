/** How much may still be hashed and written while looking for a cause. */
export interface Budget {
  /** Takes the work on so many bytes off; `false` when there is not that much left. */
  take(bytes: number): boolean;
}

/** What comes with every try, whatever its size. */
const eachTry = 2048;

/** A budget in bytes, not in time, so that the same delivery always gets the same answer. */
export function budgetOf(bytes: number): Budget {
  let left = bytes;
  return {
    take: (amount) => {
      if (amount + eachTry > left) return false;
      left -= amount + eachTry;
      return true;
    },
  };
}
