// A long list that the server gives out page by page, with a line above it that says how long it is, and a word in its place when it is empty.

import { h, setHidden, setText } from '../dom.js';
import { PagedRows } from '../paged.js';
import { VirtualList } from '../virtual-list.js';

/** A list is not fetched anew more often than this by itself. */
const REFRESH_MS = 2000;

/**
 * @template Row
 */
export class PagedList {
  #rows;
  #list;
  #describe;
  #refreshed = 0;
  #none = h('p', { class: 'empty card', hidden: true });

  /** The line for the view's head. */
  summary = h('p', { class: 'muted', role: 'status' });

  /**
   * @param {object} options
   * @param {string} options.label
   * @param {(cursor: string | null, signal: AbortSignal) => Promise<{rows: Row[], next: string | null}>} options.fetch
   * @param {() => {element: HTMLElement, update: (row: Row | undefined, index: number) => void}} options.create
   * @param {(known: {length: number, complete: boolean}) => string} options.describe what the line says of a list with something in it, or what
   * stands in its place when there is nothing
   */
  constructor({ label, fetch, create, describe }) {
    this.#describe = describe;
    this.#rows = new PagedRows(fetch);
    this.#rows.addEventListener('change', () => this.#arrived());
    this.#rows.addEventListener('error', ({ detail }) => setText(this.summary, detail.message));
    this.#list = new VirtualList({ label, rows: this.#rows, create });
    this.elements = [this.#none, this.#list.element];
  }

  /** Whether nobody has anything of it in hand. */
  get isAtRest() {
    return this.#list.isAtRest;
  }

  /** Whether it may be begun anew unasked. */
  get mayRefresh() {
    return this.isAtRest && performance.now() - this.#refreshed >= REFRESH_MS;
  }

  set estimate(value) {
    this.#list.estimate = value;
  }

  /** Begins anew at its top. */
  refresh() {
    this.#refreshed = performance.now();
    this.#list.toTop();
    this.#rows.restart();
  }

  refreshAt(index) {
    this.#rows.refreshAt(index);
  }

  render() {
    this.#list.render();
  }

  #arrived() {
    const { length, complete } = this.#rows;
    const empty = complete && length === 0;
    const text = this.#describe({ length, complete });
    setHidden(this.#none, !empty);
    setHidden(this.#list.element, empty);
    setText(this.#none, empty ? text : '');
    setText(this.summary, empty ? '' : text);
  }
}
