// Line icons on a grid of 24, drawn for this page.

import { svg } from './dom.js';

const PATHS = {
  alert: ['M12 4.500 3.200 19.500h17.600L12 4.500Z', 'M12 10.500v4', 'M12 17h.010'],
  arrowDown: ['M12 5v14', 'M6 13l6 6 6-6'],
  arrowUp: ['M12 19V5', 'M6 11l6-6 6 6'],
  check: ['M5 12.500l4.500 4.500L19 7.500'],
  chevron: ['M9 6l6 6-6 6'],
  clock: ['M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17Z', 'M12 7.500V12l3 2'],
  close: ['M6 6l12 12', 'M18 6 6 18'],
  cloudOff: ['M4 4l16 16', 'M9.500 6.600A6 6 0 0 1 17.700 11 4 4 0 0 1 20 17.200', 'M16.500 18.500H7a4.500 4.500 0 0 1-1.200-8.800'],
  conflict: ['M6 4v6a4 4 0 0 0 4 4h8', 'M15 11l3 3-3 3', 'M6 20v-4'],
  copy: ['M9 9h10v11H9z', 'M5 15V4h10'],
  drive: ['M4.500 13.500 7 5.500h10l2.500 8', 'M4.500 13.500h15v5h-15z', 'M16 16h.010'],
  file: ['M7 3.500h6.500L18 8v12.500H7z', 'M13.500 3.500V8H18'],
  gauge: ['M4.500 17.500a8.500 8.500 0 1 1 15 0', 'M12 14l4-4.500'],
  history: ['M4 12a8 8 0 1 0 2.500-5.800', 'M4 4.500V8h3.500', 'M12 8v4.500l3 1.500'],
  home: ['M4.500 11 12 4.500 19.500 11', 'M6.500 9.500v10h11v-10'],
  list: ['M9 6.500h11', 'M9 12h11', 'M9 17.500h11', 'M4.500 6.500h.010', 'M4.500 12h.010', 'M4.500 17.500h.010'],
  lock: ['M6 11h12v9H6z', 'M8.500 11V8a3.500 3.500 0 0 1 7 0v3'],
  moon: ['M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10Z'],
  pause: ['M9 6v12', 'M15 6v12'],
  pen: ['M5 19l1-4L16 5l3 3L9 18l-4 1Z'],
  play: ['M8 5.500v13l10-6.500-10-6.500Z'],
  plus: ['M12 5v14', 'M5 12h14'],
  retry: ['M19.500 12A7.500 7.500 0 1 1 17 6.400', 'M17.500 3v4h-4'],
  search: ['M11 4.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13Z', 'M15.800 15.800 20 20'],
  settings: ['M4 7.500h8', 'M17 7.500h3', 'M4 16.500h3', 'M12 16.500h8', 'M14.500 5v5', 'M9.500 14v5'],
  sun: ['M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z', 'M12 2.500v2', 'M12 19.500v2', 'M2.500 12h2', 'M19.500 12h2', 'M5.300 5.300l1.400 1.400',
    'M17.300 17.300l1.400 1.400', 'M5.300 18.700l1.400-1.400', 'M17.300 6.700l1.400-1.400'],
  system: ['M4 5.500h16v11H4z', 'M9 20h6', 'M12 16.500V20'],
  trash: ['M5 7h14', 'M9.500 7V4.500h5V7', 'M7 7l1 12.500h8L17 7'],
  undo: ['M8.500 6 4.500 10l4 4', 'M4.500 10H14a5 5 0 0 1 0 10h-3'],
};

/** An icon that says nothing to a screen reader: the text beside it does. */
export function icon(name, kind = '') {
  return svg('svg', { class: `icon ${kind}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    ...PATHS[name].map(d => svg('path', { d })));
}

/** Shows another icon in an element that holds nothing else. */
export function setIcon(holder, name) {
  if (holder.dataset.icon === name) return;
  holder.dataset.icon = name;
  holder.replaceChildren(icon(name));
}
