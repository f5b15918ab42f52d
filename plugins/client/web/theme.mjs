// An organisation's colours, logo and words (docs/page.md), over the page's own.
const is_colour = /^#[0-9a-f]{6}$/i;

function luminance(colour) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}
// Black or white, whichever can be read on it.
export const inkOn = (colour) => ((luminance(colour) + 0.05) / 0.05 > 1.05 / (luminance(colour) + 0.05) ? '#000000' : '#ffffff');

export async function loadTheme(alias) {
  try {
    const response = await fetch(`/branding/${encodeURIComponent(alias || 'home')}/theme.json`);
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

export const themeFile = (alias, name) => (/^[\w.-]+$/.test(name ?? '') ? `/branding/${encodeURIComponent(alias || 'home')}/${name}` : '');

export function applyTheme(theme, alias) {
  const { style } = document.documentElement;
  const use = (name, colour) => {
    if (!is_colour.test(colour ?? '')) return;
    style.setProperty(`--${name}`, colour);
    style.setProperty(`--${name}-ink`, inkOn(colour));
  };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const { colours = {} } = theme;
  const paint = () => use('accent', dark.matches ? colours.accent_dark ?? colours.accent : colours.accent);
  paint();
  dark.addEventListener?.('change', paint);
  const background = themeFile(alias, theme.background);
  if (background) style.setProperty('--backdrop', `url("${background}")`);
  document.title = theme.name ? `${theme.name} · Video` : 'Video';
}

// Links lead to web pages and nowhere else.
export const webAddress = (text) => (/^https?:\/\//.test(text ?? '') ? text : '');
