// A question before something that cannot be taken back.

import { button, h } from './dom.js';

/**
 * Asks, and answers true only for a plain yes. Escape is a no, and so is what has the focus first.
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, yes, no, grave = false }) {
  return new Promise(resolve => {
    const dialog = h('dialog', { 'aria-labelledby': 'dialog-title', 'aria-describedby': 'dialog-text' },
      h('h2', { id: 'dialog-title', text: title }),
      h('p', { id: 'dialog-text', text }),
      h('div', { class: 'dialog-buttons' },
        button(no, { onClick: () => dialog.close('no') }),
        button(yes, { kind: grave ? 'grave' : 'primary', onClick: () => dialog.close('yes') })));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
