// What a screen reader is to say: one calm voice, and one for what cannot wait.
const clear_ms = 4000;

export function announce(text, { now = false } = {}) {
  const place = document.getElementById(now ? 'say-now' : 'say');
  if (!place || !text) return;
  const line = document.createElement('p');
  line.textContent = text;
  place.append(line);
  setTimeout(() => line.remove(), clear_ms);
}
