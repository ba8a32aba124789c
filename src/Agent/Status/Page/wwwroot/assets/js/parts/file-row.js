// What the views that show files share: a sign for the state, a name with its folder, and the buttons that fit the state.

import { actions } from '../actions.js';
import { h, setAttribute, setText } from '../dom.js';
import { shownName, splitPath } from '../format.js';
import { icon, setIcon } from '../icons.js';

/** A sign in a tinted disc. */
export class StateSign {
  element = h('span', { class: 'sign', 'aria-hidden': 'true' });

  update({ icon: name, tone }) {
    setIcon(this.element, name);
    setAttribute(this.element, 'data-tone', tone);
  }
}

/** A file's name, and the folder that it is in. */
export class FileName {
  #name = h('bdi', { class: 'name' });
  #folder = h('bdi', { class: 'folder' });
  element = h('span', { class: 'file-name' }, this.#name, this.#folder);

  update(path, mountPoint) {
    const { name, folder } = splitPath(path, mountPoint);
    setText(this.#name, shownName(name));
    setText(this.#folder, shownName(folder));
    setAttribute(this.element, 'title', shownName(path));
  }
}

const BUTTONS = {
  pause: ['pause', 'Pause', actions.pauseFile],
  resume: ['play', 'Resume', actions.resumeFile],
  cancel: ['close', 'Stop sending', actions.cancelFile],
  retry: ['retry', 'Try again', actions.retryFile],
  accept: ['check', 'Use as it is', actions.acceptFile],
  discard: ['trash', 'Discard changes', actions.discardFile],
};

/** Which of them fit a state. A paused drive is resumed as a whole. */
export function fittingActions(state, drive) {
  switch (state) {
    case 'uploading': return ['pause', 'cancel'];
    case 'queued': return ['pause'];
    case 'paused': return drive?.paused ? [] : ['resume'];
    case 'failed':
    case 'conflict': return ['retry'];
    case 'interrupted':
    case 'incomplete': return ['accept', 'discard'];
    default: return [];
  }
}

/** The buttons of a file. `wordy` shows their words, else only a screen reader and the pointer get them. */
export class FileButtons {
  #path = '';
  #made = new Map();
  #wordy;
  #onDone;
  element = h('span', { class: 'file-buttons' });

  constructor({ wordy = false, onDone = () => {} } = {}) {
    this.#wordy = wordy;
    this.#onDone = onDone;
  }

  update(path, names) {
    this.#path = path;
    const label = shownName(splitPath(path).name);
    const hadFocus = this.element.contains(document.activeElement);
    for (const [name, element] of this.#made) {
      if (names.includes(name)) continue;
      element.remove();
      this.#made.delete(name);
    }
    for (const name of names) {
      let element = this.#made.get(name);
      if (!element) this.#made.set(name, element = this.#make(name));
      setAttribute(element, 'aria-label', `${BUTTONS[name][1]}: ${label}`);
    }
    const order = names.map(name => this.#made.get(name));
    if (order.some((element, index) => this.element.children[index] !== element)) this.element.append(...order);
    // The button that was pressed may be gone: the keyboard goes on at its successor, or at the list.
    if (hadFocus && !this.element.contains(document.activeElement)) (order[0] ?? this.element.closest('[tabindex]'))?.focus();
  }

  #make(name) {
    const [sign, text, act] = BUTTONS[name];
    const element = h('button', { type: 'button', class: this.#wordy ? 'button' : 'icon-button', title: this.#wordy ? null : text }, icon(sign));
    if (this.#wordy) element.append(h('span', { text }));
    element.addEventListener('click', async () => {
      await act(element, this.#path);
      this.#onDone();
    });
    return element;
  }
}
