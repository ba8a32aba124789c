// How much of something is used.

import { h, setAttribute, setHidden, setText } from '../dom.js';
import { bytes } from '../format.js';

/** Above this share a meter warns. */
const HIGH = 0.9;

export class Meter {
  #value = h('span', { class: 'meter-value' });
  #meter;

  #warns;

  /** @param {string} label @param {{warns?: boolean}} options whether being nearly full is something to know of */
  constructor(label, { warns = false } = {}) {
    this.#warns = warns;
    this.#meter = h('meter', { min: 0, 'aria-label': label });
    this.element = h('div', { class: 'meter' },
      h('div', { class: 'meter-head' }, h('span', { text: label }), this.#value), this.#meter);
  }

  /** @param {number} used bytes @param {number | undefined} limit bytes; without one there is only a figure */
  update(used, limit) {
    setText(this.#value, limit ? `${bytes(used)} of ${bytes(limit)}` : bytes(used));
    setHidden(this.#meter, !limit);
    if (!limit) return;
    setAttribute(this.#meter, 'max', limit);
    setAttribute(this.#meter, 'high', this.#warns ? limit * HIGH : limit);
    setAttribute(this.#meter, 'optimum', 0);
    setAttribute(this.#meter, 'value', Math.min(used, limit));
  }
}
