// A list of which only the rows in sight are elements. All rows have the same height.

import { h, setAttribute } from './dom.js';

/** Rows above and below what is in sight, so that a small scroll finds them there. */
const MARGIN = 6;

/** Browsers lay out no taller elements (Chromium: 33.5 million pixels). */
const TALLEST = 32_000_000;

/**
 * @template Row
 */
export class VirtualList {
  #rows;
  #create;
  #rowHeight;
  #shown = new Map();
  #spare = [];
  #list;
  #estimate = 0;
  #frame = 0;

  /** @param {{label: string, rows: import('./paged.js').PagedRows<Row>, create: () => {element: HTMLElement, update: (row: Row | undefined, index: number) => void}}} options */
  constructor({ label, rows, create }) {
    this.#rows = rows;
    this.#create = create;
    this.#list = h('ul', { class: 'rows', 'aria-label': label });
    this.element = h('div', { class: 'virtual-list', role: 'region', 'aria-label': label, tabindex: '0', on: { scroll: () => this.#schedule() } }, this.#list);
    rows.addEventListener('change', () => this.render());
    new ResizeObserver(() => this.#resized()).observe(this.element);
  }

  /** Whether the reader is at the list's beginning and has nothing of it in hand. */
  get isAtRest() {
    return this.element.scrollTop === 0 && !this.#list.contains(document.activeElement);
  }

  /** How many rows there will be, as far as somebody can tell before the end is known. */
  set estimate(value) {
    if (this.#estimate === value) return;
    this.#estimate = value;
    this.#schedule();
  }

  toTop() {
    this.element.scrollTop = 0;
  }

  /** Draws at once; otherwise it is done with the next frame. */
  render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.#rowHeight) return;
    const known = this.#rows.length;
    const total = this.#rows.complete ? known : Math.max(known + 1, this.#estimate);
    const height = `${Math.min(total * this.#rowHeight, TALLEST)}px`;
    if (this.#list.style.height !== height) this.#list.style.height = height;
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.#rowHeight) - MARGIN);
    const last = Math.min(total, Math.ceil((this.element.scrollTop + this.element.clientHeight) / this.#rowHeight) + MARGIN);
    for (const [index, part] of this.#shown) {
      // A row with the focus in it stays, wherever it is: to lose the place of the keyboard is worse than one element too many.
      if ((index >= first && index < last) || (index < total && part.element.contains(document.activeElement))) continue;
      part.element.remove();
      this.#shown.delete(index);
      this.#spare.push(part);
    }
    for (let index = first; index < last; index++) this.#show(index, total);
  }

  #show(index, total) {
    let part = this.#shown.get(index);
    if (!part) {
      part = this.#spare.pop() ?? this.#create();
      part.element.style.transform = `translateY(${index * this.#rowHeight}px)`;
      setAttribute(part.element, 'aria-posinset', index + 1);
      this.#insert(part.element, index);
      this.#shown.set(index, part);
    }
    setAttribute(part.element, 'aria-setsize', this.#rows.complete ? total : -1);
    part.update(this.#rows.at(index), index);
  }

  // The keyboard and screen readers go by the order of elements, not by where they stand.
  #insert(element, index) {
    let next = null;
    let nearest = Infinity;
    for (const [other, part] of this.#shown) {
      if (other > index && other < nearest) [next, nearest] = [part.element, other];
    }
    this.#list.insertBefore(element, next);
  }

  #schedule() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.render());
  }

  #resized() {
    const height = parseFloat(getComputedStyle(this.element).getPropertyValue('--row-height'));
    if (height !== this.#rowHeight) {
      this.#rowHeight = height;
      for (const part of this.#shown.values()) part.element.remove();
      this.#spare.push(...this.#shown.values());
      this.#shown.clear();
    }
    this.render();
  }
}
