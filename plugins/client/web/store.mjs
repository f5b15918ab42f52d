// What the page shows, in one object; whoever draws is told once per turn of the event loop.
export const store = {
  state: {
    phase: 'loading', // loading, start, join, pin, joining, lobby, meeting, ended
    joiningFrom: 'join', // which of the two pages is shown while joining
    alias: '', meeting: '', name: '', problem: '', role: 'GUEST',
    people: new Map(), conference: {}, order: [], // uuid -> participant; who speaks first
    slots: [], presenter: '', presenting: false,
    muted: false, camera: true, mutedByHost: false, hint: '', trouble: '', pictureDropped: false,
    panel: '', messages: [], unread: 0, layout: 'auto', pinned: '', toast: null,
    devices: [], chosen: {}, permission: 'unknown', level: 0, selfStream: null,
    ended: null, theme: {}, language: 'en', clock: 0, dialog: null, rooms: new Map(), visiting: '',
  },
  // What of one's own there is to be heard and seen: nothing, where the browser has refused it.
  hasSound() { return (this.state.selfStream?.getAudioTracks().length ?? 0) > 0; },
  hasPicture() { return this.state.camera && (this.state.selfStream?.getVideoTracks().length ?? 0) > 0; },
  watchers: new Set(),
  set(change) {
    Object.assign(this.state, change);
    if (this.queued) return;
    this.queued = true;
    queueMicrotask(() => {
      this.queued = false;
      for (const watch of this.watchers) watch();
    });
  },
  watch(tell) {
    this.watchers.add(tell);
    return () => this.watchers.delete(tell);
  },
};
