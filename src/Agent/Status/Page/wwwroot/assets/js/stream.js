// The agent's event stream, begun again whenever it breaks.

import { api, ApiError, session } from './api.js';

const RETRY_MS = [500, 1000, 2000, 4000, 8000];

/** A page that nobody sees lets go of the stream after this long: browsers have few connections per server. */
const HIDDEN_MS = 60_000;

/**
 * Events: `status` (detail: the snapshot), `problem`, `done`, and `connection` (detail: "connecting", "open", "lost" or "ended",
 * the last when the agent no longer knows this page).
 */
export class Stream extends EventTarget {
  #source = null;
  #timer = 0;
  #hiddenTimer = 0;
  #failures = 0;
  #ended = false;

  connection = 'connecting';

  start() {
    session.addEventListener('ended', () => this.#end());
    document.addEventListener('visibilitychange', () => this.#visibilityChanged());
    addEventListener('online', () => this.retryNow());
    this.#open();
  }

  /** Tries at once instead of when the pause is over. */
  retryNow() {
    if (this.connection !== 'lost' || this.#ended) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  #open() {
    this.#close();
    const source = this.#source = new EventSource('v1/events');
    source.addEventListener('open', () => {
      this.#failures = 0;
      this.#tell('open');
    });
    source.addEventListener('error', () => {
      if (source !== this.#source) return;
      this.#close();
      this.#tell('lost');
      this.#recover();
    });
    for (const name of ['status', 'problem', 'done']) {
      source.addEventListener(name, event => this.dispatchEvent(new CustomEvent(name, { detail: JSON.parse(event.data) })));
    }
  }

  /** An event source does not say why it failed: one plain request tells an ended session from an agent that is away. */
  async #recover() {
    const pause = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
    try {
      await api.status();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    if (this.#ended || this.#source) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), pause);
  }

  #end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#close();
    this.#tell('ended');
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  #visibilityChanged() {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => {
        clearTimeout(this.#timer);
        this.#close();
        this.#tell('connecting');
      }, HIDDEN_MS);
    } else if (!this.#source && !this.#ended) {
      clearTimeout(this.#timer);
      this.#open();
    }
  }

  #tell(connection) {
    if (this.connection === connection) return;
    this.connection = connection;
    this.dispatchEvent(new CustomEvent('connection', { detail: connection }));
  }
}
