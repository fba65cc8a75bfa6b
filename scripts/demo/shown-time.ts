const now = new Date();

/** The latest year whose first half is over: what is shown happened then, as no run takes a time in the future. */
export const SHOWN_YEAR = now.getUTCMonth() >= 6 ? now.getUTCFullYear() : now.getUTCFullYear() - 1;

/** A time of a Tuesday early in March of that year, which makes daily backups, or so many days later. */
export function shownTime(days: number, hours: number, minutes = 0): Date {
  const march = new Date(Date.UTC(SHOWN_YEAR, 2, 2));
  const toTuesday = (9 - march.getUTCDay()) % 7;
  return new Date(Date.UTC(SHOWN_YEAR, 2, 2 + toTuesday + days, hours, minutes));
}
