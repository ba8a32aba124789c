// A field that searches while one types.

import { h } from '../dom.js';
import { icon } from '../icons.js';

const PAUSE_MS = 250;

export class SearchField {
  #input;
  #timer = 0;

  /** @param {string} label @param {(text: string) => void} onSearch */
  constructor(label, onSearch) {
    this.#input = h('input', {
      type: 'search', placeholder: label, 'aria-label': label, autocomplete: 'off', spellcheck: 'false',
      on: {
        input: () => {
          clearTimeout(this.#timer);
          this.#timer = setTimeout(() => onSearch(this.#input.value.trim()), PAUSE_MS);
        },
      },
    });
    this.element = h('div', { class: 'search-field' }, icon('search'), this.#input);
  }

  set value(text) {
    if (this.#input !== document.activeElement) this.#input.value = text;
  }
}
