// What concerns the page itself: whether it hears the agent.

import { button, h, setHidden, setText } from './dom.js';
import { icon } from './icons.js';
import { moment } from './format.js';

export class Notices {
  #model;
  #lost = h('div', { class: 'notice', role: 'alert', hidden: true });
  #text = h('p');
  #again;
  #command = h('code', { class: 'command', text: 'syncagent open' });
  #since = null;

  constructor(model, retry) {
    this.#model = model;
    this.#again = button('Try now', { kind: 'quiet', onClick: retry });
    this.#lost.append(icon('cloudOff'), h('div', {}, this.#text, this.#command), this.#again);
    document.getElementById('notices').append(this.#lost);
  }

  update() {
    const { connection } = this.#model;
    const broken = connection === 'lost' || connection === 'ended';
    if (broken) this.#since ??= new Date();
    else this.#since = null;
    setHidden(this.#lost, !broken);
    if (!broken) return;
    setHidden(this.#again, connection === 'ended');
    setText(this.#text, connection === 'ended'
      ? 'The agent has been started anew and does not know this page any more. Your files are not touched by that. Open the page again with:'
      : `The agent does not answer since ${moment(this.#since)}. What you see is from before. This page goes on by itself when the agent is `
        + 'back; if it was started anew, open the page again with:');
  }
}
