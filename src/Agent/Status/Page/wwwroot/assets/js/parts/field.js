// A labelled field of a form, with a hint and a place for what is wrong with it.

import { h, setAttribute, setHidden, setText } from '../dom.js';

export class Field {
  #hint;
  #error;

  /** @param {{name: string, label: string, hint?: string, optional?: boolean} & Record<string, unknown>} options others are attributes of the input */
  constructor({ name, label, hint = '', optional = false, ...attributes }) {
    this.name = name;
    const id = `field-${name}`;
    this.#hint = h('p', { id: `${id}-hint`, class: 'field-hint', text: hint, hidden: !hint });
    this.#error = h('p', { id: `${id}-error`, class: 'field-error', hidden: true });
    this.input = h('input', {
      id, name, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', required: !optional, 'aria-describedby': `${id}-error ${id}-hint`, ...attributes,
    });
    this.input.addEventListener('input', () => this.setError(null));
    this.element = h('div', { class: 'field' },
      h('label', { for: id }, label, optional && h('span', { class: 'muted', text: ' (optional)' })), this.input, this.#error, this.#hint);
  }

  get value() {
    return this.input.value.trim();
  }

  set hint(text) {
    setText(this.#hint, text);
    setHidden(this.#hint, !text);
  }

  setError(text) {
    setText(this.#error, text ? text[0].toUpperCase() + text.slice(1) : '');
    setHidden(this.#error, !text);
    setAttribute(this.input, 'aria-invalid', text ? 'true' : null);
  }
}
