/** What stands for a person: a letter, and a color. */

import {fold} from './conversation.js';
import {h} from './dom.js';

/** A color of one's own, the same for everybody. */
export function hueOf(nick) {
  let hash = 7;
  for (const x of fold(nick))
    hash = (hash * 31 + x.codePointAt(0)) % 3_600;
  return hash % 360;
}

export function avatar(nick, size = '') {
  const letter = Array.from(nick.trim())[0] ?? '?';
  const element = h('span', {class: `avatar ${size}`, 'aria-hidden': 'true',
                             text: letter.toUpperCase()});
  element.style.setProperty('--hue', String(hueOf(nick)));
  return element;
}
