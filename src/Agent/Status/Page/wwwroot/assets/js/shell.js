// The frame around every view: name, ways to go, state of the whole, pause, and the scheme.

import { actions } from './actions.js';
import { button, h, setAttribute, setHidden, setText } from './dom.js';
import { count } from './format.js';
import { icon, setIcon } from './icons.js';
import { problemCount } from './problems.js';
import { OVERALL } from './states.js';
import { currentScheme, SCHEMES, setScheme } from './theme.js';

const WAYS = [
  ['', 'Overview', 'home'],
  ['files', 'Files', 'list'],
  ['problems', 'Problems', 'alert'],
  ['history', 'History', 'history'],
  ['settings', 'Settings', 'settings'],
];

/** Neither well nor ill: there is no drive, or nothing is known yet. */
const NOTHING = { label: 'No drive yet', icon: 'drive', tone: 'quiet' };

export class Shell {
  #model;
  #links = new Map();
  #badge = h('span', { class: 'badge', hidden: true });
  #badgeText = h('span', { class: 'visually-hidden' });
  #chip = h('a', { class: 'chip', href: '#/' });
  #chipIcon = h('span', { class: 'chip-icon' });
  #chipText = h('span');
  #pause;
  #scheme;

  constructor(model) {
    this.#model = model;
    this.#pause = button('Pause all', {
      kind: 'quiet compact', icon: h('span', { class: 'button-icon' }), onClick: () => this.#togglePause(),
    });
    this.#scheme = h('button', { type: 'button', class: 'icon-button', on: { click: () => this.#nextScheme() } });
    this.#chip.append(this.#chipIcon, this.#chipText);
    const links = WAYS.map(([way, text, sign]) => {
      const link = h('a', { href: `#/${way}` }, icon(sign), h('span', { text }));
      if (way === 'problems') link.append(this.#badge, this.#badgeText);
      this.#links.set(way, link);
      return h('li', {}, link);
    });
    document.getElementById('top').append(
      h('div', { class: 'top-inner' },
        h('a', { class: 'brand', href: '#/', 'aria-label': 'SyncAgent, overview' },
          h('img', { src: 'assets/icon.svg', width: 26, height: 26, alt: '' }), h('span', { text: 'SyncAgent' })),
        h('nav', { 'aria-label': 'Views' }, h('ul', {}, ...links)),
        h('div', { class: 'top-tools' }, this.#chip, this.#pause, this.#scheme)));
    this.#showScheme();
  }

  /** The whole in a few words, for the title of the window. */
  get summary() {
    const { pendingFiles } = this.#model;
    if (this.#model.state === 'syncing' && pendingFiles > 0) return `↑ ${count(pendingFiles)} left`;
    if (this.#model.state === 'attention') return `! ${count(problemCount(this.#model))} need you`;
    return this.#stateText;
  }

  get #stateText() {
    const { snapshot, state, drives } = this.#model;
    if (!snapshot && state !== 'away') return 'Connecting';
    return state === 'idle' && drives.length === 0 ? NOTHING.label : OVERALL[state].label;
  }

  setRoute(way) {
    for (const [name, link] of this.#links) setAttribute(link, 'aria-current', name === way ? 'page' : null);
  }

  update() {
    const { state, paused, drives } = this.#model;
    const overall = state === 'idle' && drives.length === 0 ? NOTHING : OVERALL[state];
    setAttribute(this.#chip, 'data-tone', overall.tone);
    setIcon(this.#chipIcon, overall.icon);
    setText(this.#chipText, this.#stateText);
    const problems = problemCount(this.#model);
    setHidden(this.#badge, problems === 0);
    setText(this.#badge, problems > 99 ? '99+' : problems);
    setAttribute(this.#badge, 'aria-hidden', 'true');
    setText(this.#badgeText, problems > 0 ? `, ${problems}` : '');
    setHidden(this.#pause, !drives.some(drive => drive.mounted));
    setAttribute(this.#pause, 'aria-label', paused ? 'Resume all' : 'Pause all');
    setText(this.#pause.lastElementChild, paused ? 'Resume all' : 'Pause all');
    setIcon(this.#pause.querySelector('.button-icon'), paused ? 'play' : 'pause');
  }

  #togglePause() {
    if (this.#model.paused) actions.resumeAll(this.#pause);
    else actions.pauseAll(this.#pause);
  }

  #nextScheme() {
    setScheme(SCHEMES[(SCHEMES.indexOf(currentScheme()) + 1) % SCHEMES.length]);
    this.#showScheme();
  }

  #showScheme() {
    const scheme = currentScheme();
    setIcon(this.#scheme, { system: 'system', light: 'sun', dark: 'moon' }[scheme]);
    const label = { system: 'Colours: as the system', light: 'Colours: light', dark: 'Colours: dark' }[scheme];
    setAttribute(this.#scheme, 'aria-label', `${label}. Change`);
    setAttribute(this.#scheme, 'title', label);
  }
}
