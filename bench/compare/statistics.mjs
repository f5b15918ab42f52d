// Medians with their range; nothing is averaged.
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function range(values) {
  return { low: Math.min(...values), high: Math.max(...values) };
}

// Two sets of rounds tell something apart only where their ranges do not touch.
export function distinguishable(a, b) {
  if (a.length === 0 || b.length === 0) return false;
  const [first, second] = [range(a), range(b)];
  return first.high < second.low || second.high < first.low;
}
