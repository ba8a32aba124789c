// Short words that go by themselves. A screen reader reads them when it has time (aria-live="polite" in index.html).

import { h } from './dom.js';
import { icon } from './icons.js';

const SHOWN_MS = 6000;
const GRAVE_MS = 15_000;
const MOST = 4;

/** @param {'good' | 'bad'} tone */
export function toast(text, tone = 'good') {
  const holder = document.getElementById('toasts');
  const close = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close this message', on: { click: () => note.remove() } }, icon('close'));
  const note = h('div', { class: `toast ${tone}` }, icon(tone === 'bad' ? 'alert' : 'check'), h('span', { text }), close);
  holder.append(note);
  while (holder.childElementCount > MOST) holder.firstElementChild.remove();
  // Who points at it or is in it has not read it yet.
  const leave = () => (note.matches(':hover, :focus-within') ? setTimeout(leave, SHOWN_MS) : note.remove());
  setTimeout(leave, tone === 'bad' ? GRAVE_MS : SHOWN_MS);
}
