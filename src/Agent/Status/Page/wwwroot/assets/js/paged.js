// Rows of a list that the server gives out page by page, each page with the cursor of the next. Of a hundred thousand rows only
// the pages near the reader are kept; of the others, where they begin.

const PAGES_KEPT = 8;

/**
 * @template Row
 * Events: `change` when rows have come or the list has been begun anew, `error` (detail: the error).
 */
export class PagedRows extends EventTarget {
  #fetch;
  #pages = [];
  #wanted = -1;
  #running = false;
  #abort = new AbortController();
  #tick = 0;

  /** Whether the end of the list is known. */
  complete = false;

  /** @param {(cursor: string | null, signal: AbortSignal) => Promise<{rows: Row[], next: string | null}>} fetch */
  constructor(fetch) {
    super();
    this.#fetch = fetch;
  }

  /** Rows known so far. */
  get length() {
    const last = this.#pages.at(-1);
    return last ? last.start + last.length : 0;
  }

  /** Begins anew with the first page. The old rows stay until the new ones are there. */
  restart() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#running = false;
    this.#wanted = -1;
    return this.#load(null, true);
  }

  /** Fetches the page of a row again, for what has just been changed in it. The reader stays where he is. */
  refreshAt(index) {
    const page = this.#pageOf(index);
    return page && !this.#running ? this.#reload(page) : this.restart();
  }

  /** A row, or undefined while it is on its way. Asking for it fetches it. */
  at(index) {
    const page = this.#pageOf(index);
    if (page?.rows) {
      page.used = ++this.#tick;
      return page.rows[index - page.start];
    }
    if (page || !this.complete) this.#want(index);
    return undefined;
  }

  #pageOf(index) {
    let low = 0;
    let high = this.#pages.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const page = this.#pages[middle];
      if (index < page.start) high = middle - 1;
      else if (index >= page.start + page.length) low = middle + 1;
      else return page;
    }
    return undefined;
  }

  #want(index) {
    this.#wanted = index;
    if (!this.#running) this.#pump();
  }

  /** Fetches pages one after the other until the row that was asked for last is there: a page is known by the cursor before it. */
  async #pump() {
    const signal = this.#abort.signal;
    while (!signal.aborted && this.#wanted >= 0) {
      const page = this.#pageOf(this.#wanted);
      if (page?.rows || (!page && this.complete)) break;
      if (!await (page ? this.#reload(page) : this.#load(this.#pages.at(-1)?.next ?? null, false))) break;
    }
  }

  async #load(cursor, anew) {
    return this.#run(async signal => {
      const { rows, next } = await this.#fetch(cursor, signal);
      if (signal.aborted) return;
      if (anew) this.#pages = [];
      this.#pages.push({ cursor, next, start: this.length, length: rows.length, rows, used: ++this.#tick });
      this.complete = next === null;
      this.#forget();
    });
  }

  async #reload(page) {
    return this.#run(async signal => {
      const { rows, next } = await this.#fetch(page.cursor, signal);
      if (signal.aborted) return;
      const moved = rows.length !== page.length || next !== page.next;
      Object.assign(page, { rows, next, length: rows.length, used: ++this.#tick });
      if (moved) {
        // What comes behind it begins elsewhere now.
        this.#pages.length = this.#pages.indexOf(page) + 1;
        this.complete = next === null;
      }
      this.#forget();
    });
  }

  async #run(work) {
    const signal = this.#abort.signal;
    this.#running = true;
    try {
      await work(signal);
      if (signal.aborted) return false;
      this.dispatchEvent(new Event('change'));
      return true;
    } catch (error) {
      if (!signal.aborted) this.dispatchEvent(new CustomEvent('error', { detail: error }));
      return false;
    } finally {
      if (!signal.aborted) this.#running = false;
    }
  }

  #forget() {
    const held = this.#pages.filter(page => page.rows).sort((a, b) => b.used - a.used);
    for (const page of held.slice(PAGES_KEPT)) page.rows = null;
  }
}
