// The drives, and how their stores are.

import { actions } from '../actions.js';
import { button, h, keyed, setAttribute, setHidden, setText } from '../dom.js';
import { bytes, count, plural, rate, shownName } from '../format.js';
import { setIcon } from '../icons.js';
import { fileState, OVERALL } from '../states.js';
import { StateSign } from './file-row.js';
import { shortOf, verdictOf, verifyAddress } from './verify-run.js';

/** In this order, the rest behind. */
const SHOWN_STATES = ['failed', 'conflict', 'incomplete', 'interrupted', 'uploading', 'queued', 'closing', 'open', 'paused', 'synced', 'remote', 'ignored'];

class Count {
  #number = h('strong');
  #label = h('span');

  constructor() {
    this.element = h('li', {}, this.#number, ' ', this.#label);
  }

  update([state, number]) {
    const { label, tone } = fileState(state);
    setAttribute(this.element, 'data-tone', tone);
    setText(this.#number, count(number));
    setText(this.#label, label.toLowerCase());
  }
}

class Drive {
  #drive;
  #sign = new StateSign();
  #mount = h('h3');
  #where = h('p', { class: 'muted' });
  #state = h('span', { class: 'drive-state' });
  #health = h('p', { class: 'drive-health', hidden: true });
  #counts = h('ul', { class: 'counts' });
  #left = h('p', { class: 'muted small' });
  #verify = h('a', { class: 'more', text: 'Verify' });
  #verified = h('span', { class: 'small' });
  #verifyLine = h('p', { class: 'drive-verify' }, this.#verify, this.#verified);
  #pause;

  constructor() {
    this.#pause = button('Pause', { kind: 'quiet compact', icon: h('span', { class: 'button-icon' }), onClick: () => this.#togglePause() });
    this.element = h('li', { class: 'card drive' },
      h('div', { class: 'drive-head' }, this.#sign.element, h('div', { class: 'drive-name' }, this.#mount, this.#where), this.#pause),
      h('p', { class: 'drive-line' }, this.#state, this.#left), this.#health, this.#counts, this.#verifyLine);
  }

  update(drive) {
    this.#drive = drive;
    const state = OVERALL[drive.state] ?? OVERALL.idle;
    this.#sign.update(drive.mounted ? { icon: 'drive', tone: state.tone } : { icon: 'cloudOff', tone: 'bad' });
    setText(this.#mount, shownName(drive.mountPoint));
    setText(this.#where, `${drive.bucket}${drive.prefix ? `/${shownName(drive.prefix)}` : ''} at ${drive.endpointHost}`);
    setText(this.#state, [drive.mounted ? state.label : 'Not mounted', drive.readOnly && 'read-only'].filter(Boolean).join(', '));
    setAttribute(this.#state, 'data-tone', drive.mounted ? state.tone : 'bad');
    setText(this.#left, [
      drive.speed?.upload > 0 && `↑ ${rate(drive.speed.upload)}`,
      drive.speed?.download > 0 && `↓ ${rate(drive.speed.download)}`,
      drive.pendingBytes > 0 && `${bytes(drive.pendingBytes)} left`,
      drive.pendingFolders > 0 && plural(drive.pendingFolders, 'folder'),
      drive.deletesPending > drive.deletesHeld && `${plural(drive.deletesPending - drive.deletesHeld, 'deletion')} to do`,
      drive.hiddenKeys > 0 && `${plural(drive.hiddenKeys, 'key')} cannot be shown`,
    ].filter(Boolean).join(' · '));
    const troubled = ['offline', 'refused'].includes(drive.health.state) && drive.health.error;
    setHidden(this.#health, !troubled);
    setText(this.#health, drive.health.error ?? '');
    const counts = SHOWN_STATES.filter(name => drive.files[name] > 0).map(name => [name, drive.files[name]]);
    keyed(this.#counts, counts, ([name]) => name, () => new Count());
    setHidden(this.#counts, counts.length === 0);
    setHidden(this.#verifyLine, !drive.mounted);
    setAttribute(this.#verify, 'href', verifyAddress(drive));
    setAttribute(this.#verify, 'aria-label', `Verify ${shownName(drive.mountPoint)}`);
    setText(this.#verified, shortOf(drive.verify));
    setAttribute(this.#verified, 'data-tone', drive.verify ? verdictOf(drive.verify).tone : null);
    setHidden(this.#pause, !drive.mounted);
    setText(this.#pause.lastElementChild, drive.paused ? 'Resume' : 'Pause');
    setIcon(this.#pause.querySelector('.button-icon'), drive.paused ? 'play' : 'pause');
    setAttribute(this.#pause, 'aria-label', `${drive.paused ? 'Resume' : 'Pause'} ${shownName(drive.mountPoint)}`);
  }

  #togglePause() {
    const { mountPoint, paused } = this.#drive;
    if (paused) actions.resumeDrive(this.#pause, mountPoint);
    else actions.pauseDrive(this.#pause, mountPoint);
  }
}

export class Drives {
  #model;
  #list = h('ul', { class: 'drives' });

  constructor(model) {
    this.#model = model;
    this.element = h('section', { 'aria-labelledby': 'drives-title' },
      h('div', { class: 'card-head outside' }, h('h2', { id: 'drives-title', text: 'Drives' }), h('a', { class: 'more', href: '#/setup', text: 'Add a drive' })),
      this.#list);
  }

  update() {
    keyed(this.#list, this.#model.drives, drive => drive.mountPoint, () => new Drive());
    setHidden(this.element, this.#model.drives.length === 0);
  }
}
