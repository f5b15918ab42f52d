// One stay in one meeting: joining, what the server tells, and coming back by itself. What the buttons do is in
// actions.mjs, the media connection in connection.mjs.
import { announce } from './announce.mjs';
import { Api, Refused, Unreached } from './api.mjs';
import { Connection, longest_ms } from './connection.mjs';
import { openDevices, stopDevices } from './devices.mjs';
import { logTo, note } from './log.mjs';
import { toldOfRooms } from './rooms.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const narrow = () => matchMedia('(max-width: 700px), (max-height: 500px)').matches;
const isWaiting = (person) => person.service_type === 'waiting_room';

// The server's words (docs/client.md) to ours.
const refusals = [
  [/^Invalid PIN$/, 'refused.pin'], [/exceeded PIN entry/, 'refused.pinSlowed'], [/Neither conference nor gateway/, 'refused.unknown'],
  [/Participant limit/, 'refused.full'], [/Out of resource/, 'refused.busy'], [/maintenance/, 'refused.maintenance'], [/locked/i, 'refused.locked'],
  [/guest/i, 'refused.guests'],
];
const endings = [
  [/Disconnected by another participant|administrator disconnect|^Disconnected/, 'removed'], [/Conference terminated/, 'endedForAll'],
  [/Timeout waiting/, 'waitedTooLong'], [/token refresh|Invalid token/, 'lost'],
];
const find = (table, text, otherwise) => (table.find(([pattern]) => pattern.test(text)) ?? [0, otherwise])[1];

export class Meeting {
  constructor(alias) {
    this.alias = alias;
    this.api = new Api(alias);
    this.over = false;
  }
  get me() { return store.state.people.get(this.api.me); }
  get isHost() { return this.me?.role === 'chair'; }

  // What can be made while the user still reads: nothing goes out. Where it cannot, join() says so.
  prepare() {
    try {
      this.connection = this.makeConnection();
      this.connection.prepare();
    } catch { /* a browser without WebRTC */ }
  }

  async join({ name, pin, ticket }) {
    Object.assign(this, { name, pin });
    store.set({ phase: 'joining', joiningFrom: store.state.phase === 'pin' ? 'pin' : 'join', problem: '', name });
    try {
      this.connection ??= this.makeConnection();
      const welcome = await this.api.requestToken({ name, pin, ticket });
      this.enter(welcome);
    } catch (error) {
      this.refusedJoin(error);
    }
  }

  makeConnection() {
    return new Connection(this.api, {
      slots: narrow() ? 6 : 12, tracks: () => this.tracks(), expects: () => store.state.slots.some((slot) => slot.participant_uuid),
      onMedia: () => store.set({ media: {} }), onTrouble: (trouble) => this.trouble(trouble),
      onPicture: (shown) => {
        store.set({ pictureDropped: !shown });
        announce(t(shown ? 'line.pictureBack' : 'line.pictureDropped'));
      },
      onGone: () => this.comeBack(), onFailed: (why) => this.end(why),
    });
  }

  refusedJoin(error) {
    this.connection?.close();
    const result = error instanceof Refused ? error.result : undefined;
    if (result?.pin) {
      const wrong = Boolean(this.pin) && this.pin !== 'none';
      return store.set({ phase: 'pin', guestsWithoutPin: result.guest_pin === 'none', problem: wrong ? 'refused.pin' : '' });
    }
    const problem = typeof result === 'string' ? find(refusals, result, 'refused.other')
      : error instanceof Unreached ? 'refused.network' : 'refused.browser'; // one without WebRTC, or too old for this page
    note('join refused', `${problem} ${error.message}`);
    store.set({ phase: problem === 'refused.pin' ? 'pin' : 'join', problem });
  }

  enter(welcome) {
    logTo(this.api);
    store.set({
      phase: welcome.current_service_type === 'waiting_room' ? 'lobby' : 'meeting', role: welcome.role,
      meeting: welcome.conference_name || this.alias, people: new Map(), rooms: new Map(), visiting: '', messages: [], unread: 0, problem: '', slots: [],
      presenter: '', presenting: false, startedAt: Date.now(),
    });
    this.listen();
    this.refreshSoon();
    const { turn = [], stun = [] } = welcome;
    this.connection.start({ servers: [...stun.map(({ url }) => ({ urls: url })), ...turn], relayOnly: welcome.use_relay_candidates_only === true });
    this.apply();
  }

  tracks() {
    const { selfStream, muted, camera } = store.state;
    const [audio] = selfStream?.getAudioTracks() ?? [];
    const [video] = selfStream?.getVideoTracks() ?? [];
    if (audio) audio.enabled = !muted;
    return { audio: audio ?? null, video: camera ? (video ?? null) : null };
  }
  // So that the others read which of the two is off.
  apply() {
    this.api.person(store.state.muted || !store.hasSound() ? 'client_mute' : 'client_unmute').catch(() => {});
    this.api.person(store.hasPicture() ? 'video_unmuted' : 'video_muted').catch(() => {});
  }

  trouble(trouble) {
    if (trouble === store.state.trouble) return;
    if (trouble) note('trouble', trouble);
    else if (store.state.trouble) this.listen(); // what was told meanwhile
    store.set({ trouble });
    announce(trouble ? t(`trouble.${trouble}`) : t('trouble.over'));
  }

  // ---- the token, and coming back
  refreshSoon() {
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(async () => {
      try {
        const fresh = await this.api.refresh();
        if (fresh.role) store.set({ role: fresh.role });
      } catch (error) {
        if (error.status === 401) return this.comeBack();
      }
      if (!this.over) this.refreshSoon();
    }, Math.max(2000, this.api.lifetime_ms / 3));
  }

  // The token is dead: in again, as before, by what was given the first time.
  async comeBack() {
    if (this.over || this.returning) return this.returning;
    this.returning = (async () => {
      note('token lost');
      const began = Date.now();
      for (let attempt = 0; !this.over; attempt++) {
        try {
          await this.api.requestToken({ name: this.name, pin: this.pin });
          this.listen();
          this.refreshSoon();
          this.connection?.repair();
          return;
        } catch (error) {
          if ((error instanceof Refused && error.status < 500) || Date.now() - began > longest_ms) return this.end('lost');
          await wait(Math.min(5000, 500 * 2 ** attempt));
        }
      }
    })().finally(() => { this.returning = undefined; });
    return this.returning;
  }

  listen() {
    if (this.over) return;
    this.api.listen((name, data) => {
      if (name === 'open') this.misses = 0;
      else if (name === 'broken') this.listenAgain();
      else this.told(name, data);
    });
  }
  async listenAgain() {
    this.misses = (this.misses ?? 0) + 1;
    await wait(Math.min(4000, 300 * 2 ** this.misses));
    if (this.over) return;
    if (this.misses > 1) this.trouble(navigator.onLine === false ? 'offline' : 'reconnecting');
    try {
      await this.api.refresh();
    } catch (error) {
      if (error.status === 401) return this.comeBack();
      return this.listenAgain();
    }
    if (this.connection && !this.connection.repairing && this.connection.call?.said === 'connected') this.trouble('');
    this.listen();
  }

  // ---- what the server tells
  told(name, data) {
    const tell = {
      participant_sync_begin: () => { this.syncing = new Map(); },
      participant_sync_end: () => this.synced(),
      participant_create: () => this.person(data), participant_update: () => this.person(data),
      participant_delete: () => this.gone(data.uuid),
      conference_update: () => this.conference(data),
      message_received: () => this.message(data),
      presentation_start: () => this.presented(data.presenter_uuid, data.presenter_name),
      presentation_stop: () => this.presented('', ''),
      stage: () => store.set({ order: data.filter((each) => each.vad > 0).map((each) => each.participant_uuid) }),
      slots: () => store.set({ slots: data.slots }),
      refresh_token: () => this.api.refresh().then((fresh) => store.set({ role: fresh.role })).catch(() => {}),
      disconnect: () => this.end(find(endings, data.reason ?? '', 'over')),
      refer: () => this.transferred(data),
      fecc: () => this.onCamera?.(data),
    }[name];
    if (tell) tell();
    else toldOfRooms[name]?.(data);
  }

  synced() {
    const people = this.syncing ?? new Map();
    this.syncing = undefined;
    store.set({ people });
    this.noticed();
  }
  person(data) {
    if (this.syncing) return void this.syncing.set(data.uuid, data);
    const people = new Map(store.state.people);
    const before = people.get(data.uuid);
    people.set(data.uuid, data);
    store.set({ people });
    if (data.uuid !== this.api.me) this.announcePerson(before, data);
    this.noticed(before);
  }
  announcePerson(before, now) {
    const name = now.display_name;
    if (isWaiting(now)) {
      if (!before) announce(t('say.waits', { name }), { now: true });
    } else if (!before || isWaiting(before)) {
      announce(t('say.joined', { name }));
    } else if (!before.buzz_time && now.buzz_time) {
      announce(t('say.hand', { name }));
    }
  }
  gone(uuid) {
    const people = new Map(store.state.people);
    const person = people.get(uuid);
    people.delete(uuid);
    store.set({ people, ...(store.state.pinned === uuid && { pinned: '' }) });
    if (person && !isWaiting(person)) announce(t('say.left', { name: person.display_name }));
    this.noticed();
  }
  // What follows from the roster for oneself.
  noticed(before) {
    const { me } = this;
    if (!me) return;
    const phase = isWaiting(me) ? 'lobby' : 'meeting';
    if (store.state.phase !== phase && ['lobby', 'meeting', 'joining'].includes(store.state.phase)) {
      store.set({ phase });
      if (phase === 'meeting') announce(t('say.in'));
    }
    const mutedByHost = me.is_muted === 'YES';
    if (mutedByHost !== store.state.mutedByHost) {
      store.set({ mutedByHost });
      announce(t(mutedByHost ? 'say.mutedByHost' : 'say.unmutedByHost'), { now: true });
    }
    if (before?.uuid === me.uuid && !before.spotlight && me.spotlight) announce(t('say.word'), { now: true });
    const inside = [...store.state.people.values()].filter((person) => !isWaiting(person)).length;
    this.connection?.setPeople(inside);
  }
  conference(data) {
    const before = store.state.conference;
    store.set({ conference: data });
    if (Boolean(before.breakout) !== Boolean(data.breakout)) announce(data.breakout ? t('rooms.youAreIn', { name: data.breakout_name }) : before.locked === undefined ? '' : t('rooms.youAreBack'), { now: true });
    if (before.locked !== undefined && before.locked !== data.locked) announce(t(data.locked ? 'say.locked' : 'say.unlocked'));
  }
  message({ origin, uuid, payload, type, direct }) {
    if (type !== 'text/plain') return;
    const unread = store.state.panel === 'chat' ? 0 : store.state.unread + 1;
    store.set({ messages: [...store.state.messages, { from: origin, uuid, text: payload, direct, at: Date.now() }].slice(-500), unread });
    announce(t('say.message', { name: origin, text: payload }));
  }
  presented(uuid, name) {
    if (uuid && store.state.presenting && uuid !== this.api.me) this.stopPresenting?.({ taken: true });
    store.set({ presenter: uuid });
    announce(uuid ? t('say.presents', { name }) : t('say.presentsNoMore'));
  }

  async transferred({ alias, token }) {
    const { name } = this;
    this.stop();
    const next = new Meeting(alias);
    globalThis.viadux.meeting = next;
    await openDevices();
    store.set({ alias });
    await next.join({ name, ticket: token });
  }

  // ---- the end
  stop() {
    this.over = true;
    clearTimeout(this.refreshing);
    this.connection?.close();
    this.api.deafen();
    this.stopPresenting?.({ taken: true });
  }
  end(reason) {
    if (this.over) return;
    this.stop();
    this.api.release();
    stopDevices();
    store.set({ phase: 'ended', ended: { reason }, panel: '', dialog: null, trouble: '', presenting: false });
  }
}
