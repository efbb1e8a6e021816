// Medians, and ratios of what was measured in the same round.

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median of the rounds' own ratios: what slows down a whole round cancels out. */
export function pairedRatio(samples, others) {
  return median(samples.map((sample, round) => sample / others[round]));
}

/** Least squares: y = intercept + slope * x, and how much of y that explains. */
export function fitLine(points) {
  const count = points.length;
  const mean = (index) => points.reduce((sum, point) => sum + point[index], 0) / count;
  const [meanX, meanY] = [mean(0), mean(1)];
  const sum = (of) => points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
  const slope = sum((x, y) => x * y) / sum((x) => x * x);
  const intercept = meanY - slope * meanX;
  const whole = sum((_x, y) => y * y);
  const rest = points.reduce((total, [x, y]) => total + (y - intercept - slope * x) ** 2, 0);
  return { slope, intercept, r2: whole === 0 ? 1 : 1 - rest / whole };
}
