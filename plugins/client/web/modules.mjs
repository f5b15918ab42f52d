// Modules of an organisation's own (docs/page.md): files of its theme that add a button or a panel, without a copy of this
// page. `modules` in its theme.json names them.
import { announce } from './announce.mjs';
import { toast } from './actions.mjs';
import { note } from './log.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const added = [];

export const modulesAt = (place) => added.filter((module) => module.place === place);

// What a module gets. It grows; nothing of it changes its meaning.
function offered() {
  return {
    version: 1,
    // {place: 'controls' | 'more', label: text or () => text, icon?, run()}
    addButton(button) {
      const label = typeof button.label === 'function' ? button.label : () => String(button.label);
      added.push({ place: 'more', ...button, label });
      store.set({});
    },
    state: () => ({ phase: store.state.phase, alias: store.state.alias, role: store.state.role, language: store.state.language,
      people: [...store.state.people.values()].map(({ uuid, display_name, role }) => ({ uuid, name: display_name, role })) }),
    watch: (tell) => store.watch(tell),
    request: (path, body) => globalThis.viadux.meeting.api.post(path, body),
    toast, announce, t,
  };
}

export async function loadModules({ modules = [] }, alias) {
  for (const name of modules.slice(0, 16)) {
    if (!/^[\w-]+\.mjs$/.test(name)) continue;
    try {
      const module = await import(`/branding/${encodeURIComponent(alias)}/modules/${name}`);
      await module.default(offered());
    } catch (error) { // its author's fault; the meeting goes on
      note('module', `${name}: ${error.message}`);
    }
  }
}
