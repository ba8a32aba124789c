// The whole in one sentence, with the one thing that helps.

import { h, setAttribute, setHidden, setText } from '../dom.js';
import { aboutDuration, bytes, count, plural, rate } from '../format.js';
import { setIcon } from '../icons.js';
import { problemCount, problemsOf } from '../problems.js';
import { OVERALL } from '../states.js';
import { verifyAddress } from './verify-run.js';

export class Headline {
  #model;
  #sign = h('span', { class: 'headline-sign', 'aria-hidden': 'true' });
  #title = h('h1', { tabindex: '-1' });
  #text = h('p', { class: 'muted' });
  #more = h('a', { class: 'button primary', hidden: true });

  constructor(model) {
    this.#model = model;
    this.element = h('section', { class: 'headline', 'aria-label': 'State' }, this.#sign, h('div', { class: 'headline-text' }, this.#title, this.#text), this.#more);
  }

  update() {
    const { title, text, link, state, sign } = this.#describe();
    const overall = this.#model.drives.length === 0 && state === 'idle' ? { icon: 'drive', tone: 'quiet' } : sign ?? OVERALL[state];
    setIcon(this.#sign, overall.icon);
    setAttribute(this.#sign, 'data-tone', overall.tone);
    setText(this.#title, title);
    setText(this.#text, text);
    setHidden(this.#more, !link);
    if (!link) return;
    setText(this.#more, link[0]);
    setAttribute(this.#more, 'href', link[1]);
  }

  #describe() {
    const { snapshot, state, drives } = this.#model;
    if (!snapshot) return { state: state === 'away' ? 'away' : 'idle', title: state === 'away' ? 'The agent does not answer' : 'One moment', text: '' };
    if (state === 'away') return { state, title: 'The agent does not answer', text: 'What you see here is from before. Everything that was closed is kept on this machine.' };
    if (drives.length === 0) return { state: 'idle', title: 'No drive yet', text: 'Connect a bucket and it becomes a folder.', link: ['Set up a drive', '#/setup'] };
    const waiting = this.#waiting();
    switch (state) {
      case 'attention': {
        const number = problemCount(this.#model);
        return { state, title: `${plural(number, 'thing needs', 'things need')} you`, text: [problemsOf(this.#model)[0]?.title, waiting].filter(Boolean).join('. '), link: ['See what', '#/problems'] };
      }
      case 'offline': return { state, title: 'The store does not answer', text: `${waiting ? `${waiting}. ` : ''}What you save is kept on this disk and sent by itself when the store is back.` };
      case 'paused': {
        // Files that were paused one by one go on one by one.
        const link = waiting && drives.every(drive => !drive.paused) ? ['Show them', '#/files?state=paused'] : null;
        return { state, title: 'Paused', text: waiting ? `${waiting} until you resume.` : 'Nothing waits.', link };
      }
      case 'syncing': return { state, title: this.#syncing(), text: this.#left() };
      default: return this.#verified() ?? { state, title: 'Everything is in the bucket', text: this.#settled() };
    }
  }

  /** All was sent, but somebody or something has been at it in the bucket: no green light over that. */
  #verified() {
    const { state, drives } = this.#model;
    const drive = drives.find(({ verify }) => verify?.differences > 0);
    if (!drive) return null;
    const { differences } = drive.verify;
    return {
      state, sign: { icon: 'alert', tone: 'warn' }, title: 'Everything was sent, but not all is as it was',
      text: `Verify found ${plural(differences, 'object')} in the bucket that ${differences === 1 ? 'is' : 'are'} not as confirmed.`,
      link: ['See what', verifyAddress(drive)],
    };
  }

  #syncing() {
    const { pendingFiles } = this.#model;
    if (pendingFiles > 0) return `Sending ${plural(pendingFiles, 'file')}`;
    return 'Bringing the bucket up to date';
  }

  /** "3 files (1.2 GiB) wait". */
  #waiting() {
    const { pendingFiles: files, snapshot } = this.#model;
    return files > 0 ? `${plural(files, 'file')} (${bytes(snapshot.totals.pendingBytes)}) ${files === 1 ? 'waits' : 'wait'}` : '';
  }

  /** "1.2 GiB left, about 4 min at 5 MiB/s". */
  #left() {
    const { totals: { pendingBytes }, speed: { upload } } = this.#model.snapshot;
    if (pendingBytes === 0) return '';
    return `${bytes(pendingBytes)} left${upload > 0 ? `, ${aboutDuration(pendingBytes / upload)} at ${rate(upload)}` : ''}`;
  }

  #settled() {
    const { counts } = this.#model;
    const files = (counts.synced ?? 0) + (counts.remote ?? 0);
    return files > 0 ? `${count(files)} ${files === 1 ? 'file' : 'files'} known, all confirmed by the store's own checksum.` : 'Copy something into the drive and watch it arrive.';
  }
}
