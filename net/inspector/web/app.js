/**
 * The inspector: asks the server each second while the page is visible. Text
 * reaches the page by `textContent` alone, since ids and names come from clients.
 */

import {Ws} from './troupe.mjs';

const period = 1000;
/** Messages of a room that the page keeps. */
const maxTail = 200;

/** @returns {any} each kind of element has members of its own */
const byId = (id) => document.getElementById(id);

const number = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
const bytes = (x) => x < 1024 ? `${x} B`
    : x < 1024 ** 2 ? `${number.format(x / 1024)} KiB`
    : `${number.format(x / 1024 ** 2)} MiB`;
const span = (s) => s < 60 ? `${Math.floor(s)} s`
    : s < 3600 ? `${Math.floor(s / 60)} min`
    : `${number.format(s / 3600)} h`;
const sum = (list, key) => list.reduce((all, x) => all + x[key], 0);

// -- token --------------------------------------------------------------------

/** The fragment of the address does not reach servers, logs or other pages. */
function takeTokenOfAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!token)
    return;
  sessionStorage.setItem('token', token);
  history.replaceState(null, '', location.pathname);
}

// -- the connection -----------------------------------------------------------

/** @type {Ws|undefined} */
let socket;
/** The overview before, for rates. */
let before;
/**
 * The room whose messages are shown, and how many were not.
 * @type {{server: string, room: string, omitted: number, omittedBytes: number}|undefined}
 */
let tail;

function connect() {
  const token = sessionStorage.getItem('token');
  const protocols = ['troupe.inspector', ...token ? [`bearer.${token}`] : []];
  let wasOpen = false;
  const mine = new Ws(new URL('socket', location.href).href, protocols, {
    reconnect: {maxDelay: 2000, again: () => wasOpen},
    maxQueue: {messages: 0},
  });
  socket = mine;
  mine.onState((state) => byId('state').textContent = state);
  mine.onDrop(() => {}); // The next second asks again.
  mine.onConnect(() => {
    wasOpen = true;
    before = undefined;
    byId('login').hidden = true;
    byId('main').hidden = false;
    ask();
  });
  mine.onDisconnect((info) => {
    if (info.isOver && !wasOpen)
      askForToken(token ? 'The token is wrong, or the server cannot be reached.' : '');
  });
  mine.on('overview', showOverview);
  mine.on('rooms', showRooms);
  mine.on('connections', showConnections);
  mine.on('tail', showTail);
  mine.on('disconnected', (id) => {
    byId('notice').textContent = `disconnected ${id}`;
    ask();
  });
  mine.on('failed', (why) => byId('notice').textContent = why);
}

function askForToken(problem) {
  byId('main').hidden = true;
  byId('login').hidden = false;
  byId('login-problem').textContent = problem;
  byId('token').focus();
}

function ask() {
  if (document.hidden || socket?.state !== 'open')
    return;
  socket.emit('overview');
  if (tail)
    socket.emit('tail', {server: tail.server, room: tail.room});
  const server = byId('server').value;
  if (!server)
    return;
  socket.emit('rooms', {server, part: byId('room-part').value});
  socket.emit('connections', {server, part: byId('id-part').value});
}

// -- showing ------------------------------------------------------------------

/** @returns a row of a table; a cell is text, or an element */
function rowOf(cells) {
  const row = document.createElement('tr');
  for (const cell of cells)
    row.insertCell().append(cell instanceof Node ? cell : String(cell));
  return row;
}

/** Replaces the rows of a table. */
function fill(id, rows) {
  byId(id).replaceChildren(...rows.map(rowOf));
}

/** @returns whether a click or a key may hit a row, which must then stay */
const isInUse = (id) => byId(id).contains(document.activeElement);

function showOverview(now) {
  const old = before ?? now;
  before = now;
  const seconds = now.seconds - old.seconds;
  const rate = (x, y, key) =>
      number.format(seconds > 0 && y ? Math.max(0, x[key] - y[key]) / seconds : 0);
  const total = (list) => list.reduce((all, x) => {
    for (const [key, value] of Object.entries(x))
      all[key] = (all[key] ?? 0) + value;
    return all;
  }, {});
  const threads = total(now.threads);
  const oldThreads = total(old.threads);
  totals({
    'version': now.version,
    'connections': sum(now.servers, 'connections'),
    'received/s': `${rate(threads, oldThreads, 'received_bytes')} B`,
    'sent/s': `${rate(threads, oldThreads, 'sent_bytes')} B`,
    'messages sent/s': rate(threads, oldThreads, 'messages_out'),
    'busy threads': rate(threads, oldThreads, 'busy_seconds'),
    'output that waits': bytes(threads.queued_bytes),
    'slow clients': threads.congested,
    'accepted/s': rate(now.port, old.port, 'accepted'),
    'refused/s': rate(now.port, old.port, 'refused'),
  });
  fill('servers', now.servers.map((x) => {
    const y = old.servers.find((z) => z.path === x.path);
    return [x.path, x.connections, x.rooms, rate(x, y, 'opened'),
            rate(x, y, 'closed'), rate(x, y, 'messages_in'), rate(x, y, 'dropped'),
            x.slow_receivers, x.handler_failures];
  }));
  fill('nodes', now.nodes.map((x) => {
    const y = old.nodes.find((z) => z.address === x.address);
    return [x.address, x.is_up ? 'up' : 'connecting', bytes(x.queued_bytes),
            rate(x, y, 'sent'), rate(x, y, 'received'), x.lost];
  }));
  offer(now.servers.map((x) => x.path));
}

function totals(values) {
  byId('totals').replaceChildren(...Object.entries(values).map(([key, value]) => {
    const item = document.createElement('div');
    const name = item.appendChild(document.createElement('dt'));
    name.textContent = key;
    item.appendChild(document.createElement('dd')).textContent = String(value);
    return item;
  }));
}

/** Lets the user select one of the servers. */
function offer(paths) {
  const list = byId('server');
  if (list.options.length === paths.length)
    return;
  list.replaceChildren(...paths.map((x) => new Option(x, x)));
  ask();
}

function showRooms({server, rooms}) {
  if (server !== byId('server').value || isInUse('rooms'))
    return;
  rooms.sort((x, y) => y.size - x.size);
  fill('rooms', rooms.map((x) => [x.name, x.size, tailOf(server, x.name)]));
}

function showConnections({server, connections}) {
  if (server !== byId('server').value || isInUse('connections'))
    return;
  connections.sort((x, y) => (y.queued_bytes ?? 0) - (x.queued_bytes ?? 0));
  fill('connections', connections.map((x) => {
    if (x.age === undefined)
      return [x.id, '', '', '', '', '', '', '', 'does not answer', endOf(server, x.id)];
    return [x.id, x.remote, x.path, span(x.age), x.rooms,
            `${x.messages_in} / ${bytes(x.bytes_in)}`,
            `${x.messages_out} / ${bytes(x.bytes_out)}`,
            bytes(x.queued_bytes), slowness(x.is_slow), endOf(server, x.id)];
  }));
}

function slowness(isSlow) {
  const result = document.createElement('span');
  result.textContent = isSlow ? 'slow' : 'ok';
  result.classList.toggle('slow', isSlow);
  return result;
}

/** @returns a button that disconnects at the second click */
function endOf(server, id) {
  const result = document.createElement('button');
  result.textContent = 'disconnect';
  result.addEventListener('click', () => {
    if (result.textContent === 'disconnect') {
      result.textContent = 'really?';
      return;
    }
    result.blur();
    socket.emit('disconnect', {server, id});
  });
  return result;
}

// -- the tail of a room -------------------------------------------------------

/** @returns a button that shows what is published in a room from now on */
function tailOf(server, room) {
  const result = document.createElement('button');
  result.textContent = 'tail';
  result.addEventListener('click', () => {
    result.blur();
    endTail('');
    tail = {server, room, omitted: 0, omittedBytes: 0};
    byId('tail-title').textContent = `Messages in ${room} of ${server}`;
    byId('tail-messages').replaceChildren();
    byId('tail-end').hidden = false;
    byId('tail').hidden = false;
    ask();
  });
  return result;
}

function showTail({server, room, messages, omitted, omitted_bytes, end}) {
  if (server !== tail?.server || room !== tail?.room)
    return;
  const list = byId('tail-messages');
  for (const x of messages)
    list.prepend(rowOf([new Date(x.time).toLocaleTimeString(), x.size,
                        x.is_binary ? `(binary) ${x.text}` : x.text]));
  while (list.rows.length > maxTail)
    list.deleteRow(-1);
  tail.omitted += omitted;
  tail.omittedBytes += omitted_bytes;
  byId('tail-state').textContent = tail.omitted === 0
      ? 'shows what is published from now on'
      : `not shown, too many for a second: ${tail.omitted} (${bytes(tail.omittedBytes)})`;
  if (end)
    endTail(end);
}

function endTail(why) {
  byId('tail-state').textContent = why;
  byId('tail-end').hidden = true;
  if (tail)
    socket.emit('end_tail');
  tail = undefined;
}

// -- start --------------------------------------------------------------------

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', byId('token').value.trim());
  byId('token').value = '';
  connect();
});
for (const id of ['server', 'room-part', 'id-part'])
  byId(id).addEventListener('input', ask);
byId('tail-end').addEventListener('click', () => endTail('ended'));
document.addEventListener('visibilitychange', ask);

takeTokenOfAddress();
connect();
setInterval(ask, period);
