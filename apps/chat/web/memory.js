/** What survives a reload of the page: the nickname, conversations and drafts. */

import {Conversation} from './conversation.js';

export function remember(storage, {nick, key}, conversations) {
  const {active} = conversations;
  const open = conversations.order.map((x) => [x.key, x.title, x.draft]);
  storage.setItem('troupe-chat', JSON.stringify({nick, key, active, open}));
}

export function recall(storage, me, conversations) {
  try {
    const saved = JSON.parse(storage.getItem('troupe-chat')) ?? {};
    me.nick = saved.nick ?? '';
    me.key = saved.key ?? me.key;
    conversations.active = saved.active ?? null;
    for (const [key, title, draft] of saved.open ?? []) {
      conversations.set(key, new Conversation(key, title));
      conversations.get(key).draft = draft;
    }
  } catch {
    // Not ours, or of an older page: begin anew.
  }
}
