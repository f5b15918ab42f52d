// Danish and English, from two files with the same keys; an organisation's theme may have its own words for some.
const languages = ['da', 'en'];
const loaded = new Map(); // without a network there are still both languages, once seen
let words = {};

export function preferredLanguage(fallback = 'en') {
  const kept = localStorage.getItem('viadux.language');
  if (languages.includes(kept)) return kept;
  for (const wanted of navigator.languages ?? [navigator.language]) {
    const short = wanted.slice(0, 2).toLowerCase();
    if (languages.includes(short)) return short;
    if (short === 'no' || short === 'nb' || short === 'nn' || short === 'sv') return 'da';
  }
  return fallback;
}

export async function loadTexts(language, theme = {}) {
  if (!loaded.has(language)) loaded.set(language, await (await fetch(`/page/texts/${language}.json`)).json());
  words = { ...loaded.get(language), ...(theme.texts?.[language] ?? {}) };
  document.documentElement.lang = language;
}

export function keepLanguage(language) { localStorage.setItem('viadux.language', language); }

// With {name: 'Anna'}, "{name}" in the text becomes Anna.
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
