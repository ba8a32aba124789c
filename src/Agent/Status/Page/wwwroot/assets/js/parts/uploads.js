// What is being sent now.

import { h, keyed, setAttribute, setHidden, setText } from '../dom.js';
import { bytes, count, duration, percent, rate, shownName, splitPath } from '../format.js';
import { fittingActions, FileButtons, FileName } from './file-row.js';

/** More at once are rare; the list of files has them all. */
const MOST = 12;

class Upload {
  #name = new FileName();
  #buttons = new FileButtons();
  #percent = h('span', { class: 'upload-percent' });
  #bar = h('progress', { max: 100 });
  #figures = h('span', { class: 'upload-figures' });

  constructor() {
    this.element = h('li', { class: 'upload' },
      h('div', { class: 'upload-head' }, this.#name.element, this.#percent, this.#buttons.element), this.#bar, this.#figures);
  }

  update(file) {
    const { drive } = file;
    const done = percent(file.sent, file.total);
    this.#name.update(file.path, drive.mountPoint);
    setAttribute(this.#bar, 'value', done);
    setAttribute(this.#bar, 'aria-label', `${shownName(splitPath(file.path).name)} sent`);
    setAttribute(this.element, 'data-held', drive.paused ? 'yes' : null);
    setText(this.#percent, `${done} %`);
    setText(this.#figures, [
      `${bytes(file.sent)} of ${bytes(file.total)}`,
      drive.paused ? 'held' : file.bytesPerSecond > 0 && rate(file.bytesPerSecond),
      !drive.paused && Number.isFinite(file.etaSeconds) && `${duration(file.etaSeconds)} left`,
    ].filter(Boolean).join(' · '));
    this.#buttons.update(file.path, drive.paused ? ['cancel'] : fittingActions('uploading', drive));
  }
}

export class Uploads {
  #model;
  #list = h('ul', { class: 'uploads' });
  #more = h('a', { class: 'more', href: '#/files?state=uploading' });
  #none = h('p', { class: 'empty', text: 'Nothing is being sent.' });
  #waiting = h('a', { class: 'more', href: '#/files' });

  constructor(model) {
    this.#model = model;
    this.element = h('section', { class: 'card', 'aria-labelledby': 'uploads-title' },
      h('div', { class: 'card-head' }, h('h2', { id: 'uploads-title', text: 'Uploads' }), this.#waiting), this.#list, this.#more, this.#none);
  }

  update() {
    const active = this.#model.active;
    keyed(this.#list, active.slice(0, MOST), file => `${file.drive.mountPoint} ${file.node}`, () => new Upload());
    setHidden(this.#list, active.length === 0);
    setHidden(this.#none, active.length > 0);
    setHidden(this.#more, active.length <= MOST);
    setText(this.#more, `and ${count(active.length - MOST)} more`);
    const { queued = 0 } = this.#model.counts;
    setHidden(this.#waiting, queued === 0);
    setText(this.#waiting, `${count(queued)} waiting`);
  }
}
