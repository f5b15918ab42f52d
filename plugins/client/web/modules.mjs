// Modules of an organisation's own (docs/page.md): files of its theme that add a button or a panel, without a copy of this
// page. `modules` in its theme.json names them.
import { html, useEffect, useRef } from './vendor/preact.mjs';
import { announce } from './announce.mjs';
import { toast } from './actions.mjs';
import { note } from './log.mjs';
import { Panel } from './parts.mjs';
import { store } from './store.mjs';
import { t } from './texts.mjs';

const added = [];

export const modulesAt = (place) => added.filter((module) => module.place === place);
export const panelNamed = (name) => added.find((module) => module.panel === name);

// Its author's fault harms nobody else.
async function guard(name, run) {
  try {
    return await run();
  } catch (error) {
    note('module', `${name}: ${error.message}`);
    return undefined;
  }
}

function add(module, file) {
  const { label, run } = module;
  added.push({ place: 'more', icon: 'star', ...module, file, label: typeof label === 'function' ? label : () => String(label), run: () => guard(file, run) });
  store.set({});
}

// What a module gets. It grows; nothing of it changes its meaning.
function offered(file) {
  return {
    version: 1,
    // {place: 'controls' | 'more', label: text or () => text, icon?, run()}
    addButton: (button) => add(button, file),
    // {name, place?, label, icon?, show(element)}: a button that opens a panel; what show() gives back is called when it closes.
    addPanel: ({ name, ...panel }) => add({ ...panel, panel: `own:${name}`, run: () => store.set({ panel: `own:${name}` }) }, file),
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
    await guard(name, async () => {
      const module = await import(`/branding/${encodeURIComponent(alias)}/modules/${name}`);
      await module.default(offered(name));
    });
  }
}

export function OwnPanel({ module }) {
  const place = useRef(null);
  useEffect(() => {
    const shown = guard(module.file, () => module.show(place.current));
    return () => { shown.then((over) => guard(module.file, () => over?.())); };
  }, []);
  return html`<${Panel} title=${module.label()} kind="own" onClose=${() => store.set({ panel: '' })}><div class="scroll" ref=${place}></div><//>`;
}
