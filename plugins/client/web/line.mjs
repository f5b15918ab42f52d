// Is the line good enough for a picture of ours? Sound goes first: on a bad line the own picture rests, and is tried
// again after a while. Pure, told once a second; tests/e2e/page/parts.test.mjs tries it.
export const too_little_bps = 90000;
export const enough_bps = 250000;
export const too_much_loss = 0.2;

export class LineJudge {
  constructor() { this.reset(); }
  reset() { Object.assign(this, { bad: 0, dropped: false, waited: 0, patience: 10 }); }
  // Returns true while the own picture is to rest.
  second({ available, lost }) {
    const poor = lost >= too_much_loss || (available > 0 && available < too_little_bps);
    this.bad = poor ? this.bad + 1 : 0;
    if (!this.dropped && this.bad >= 4) {
      Object.assign(this, { dropped: true, waited: 0 });
    } else if (this.dropped) {
      this.waited += 1;
      const better = !poor && (available === 0 || available > enough_bps || this.waited >= 2 * this.patience);
      if (better && this.waited >= this.patience) {
        // Who falls back at once waits longer the next time.
        Object.assign(this, { dropped: false, bad: 0, patience: Math.min(60, this.patience * 2) });
      }
    }
    return this.dropped;
  }
}
