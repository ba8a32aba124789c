// Figures, times and names for people.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const COUNT = new Intl.NumberFormat('en');
const ONE_DIGIT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const DATE = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

/** 1234567 as "1,234,567". */
export const count = value => COUNT.format(value);

/** "1 file", "3 files". */
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** Bytes with a binary unit, as the command line writes them. */
export function bytes(value) {
  let unit = 0;
  let size = Math.max(0, value);
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1024;
  return `${size >= 100 ? Math.round(size) : ONE_DIGIT.format(size)} ${UNITS[unit]}`;
}

export const rate = perSecond => `${bytes(perSecond)}/s`;

/** Whole per cent; 100 only when nothing is left. */
export const percent = (part, whole) => (whole <= 0 || part >= whole ? 100 : Math.floor((part * 100) / whole));

/** Seconds as people say them: "a few seconds", "4 min", "2 h 10 min", "3 days". */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 10) return 'a few seconds';
  if (seconds < 60) return `${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.round(minutes / 1440)} days`;
}

/** The same with "about" where there is a figure to doubt. */
export const aboutDuration = seconds => (seconds < 10 ? duration(seconds) : `about ${duration(seconds)}`);

/** A moment: the time today, else the day with the time, else the date. */
export function moment(text, now = new Date()) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return '';
  if (date.toDateString() === now.toDateString()) return CLOCK.format(date);
  if (date.getFullYear() === now.getFullYear()) return `${DAY.format(date)}, ${CLOCK.format(date)}`;
  return DATE.format(date);
}

/** The part of a path behind its last slash, and the folder before it as seen from the drive. */
export function splitPath(path, mountPoint) {
  const inside = mountPoint && path.startsWith(`${mountPoint}/`) ? path.slice(mountPoint.length + 1) : path;
  const slash = inside.lastIndexOf('/');
  return { name: inside.slice(slash + 1) || inside, folder: slash > 0 ? inside.slice(0, slash) : '' };
}

/**
 * A name as it may be shown: characters that control the terminal or turn the direction of writing around are made visible, so
 * that "gpj.exe" is never read as "exe.jpg".
 */
export function shownName(name) {
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, character => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\u2039U+${code.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
  });
}
