// Where each picture goes, in pixels. Pure: no page, no state; tests/e2e/page/parts.test.mjs tries it.
const gap = 8;
const wide = 16 / 9;

// `count` boxes of one shape, as large as they can be, in the middle of the area.
export function grid(count, area) {
  if (count === 0) return [];
  let best = { size: 0 };
  const narrowest = area.height > area.width ? 0.8 : 4 / 3;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const roomWide = (area.width - gap * (columns - 1)) / columns;
    const roomHigh = (area.height - gap * (rows - 1)) / rows;
    // Upright areas get taller boxes, as people hold their phones that way, too.
    const shape = Math.min(wide, Math.max(narrowest, roomWide / Math.max(1, roomHigh)));
    const width = Math.min(roomWide, roomHigh * shape);
    const size = width * (width / shape);
    if (size > best.size) best = { size, columns, rows, width, height: width / shape };
  }
  const top = area.y + (area.height - best.rows * best.height - gap * (best.rows - 1)) / 2;
  const boxes = [];
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / best.columns);
    const inRow = row === best.rows - 1 ? count - row * best.columns : best.columns;
    const left = area.x + (area.width - inRow * best.width - gap * (inRow - 1)) / 2;
    boxes.push({ x: left + (i % best.columns) * (best.width + gap), y: top + row * (best.height + gap), width: best.width, height: best.height });
  }
  return boxes;
}

// One large, the rest in a strip at the side, or below where the area is upright. Whoever has no room is left out.
function largeAndStrip(rest, area, share) {
  if (rest === 0) return { large: area, strip: [] };
  const upright = area.height > area.width;
  const length = upright ? area.width : area.height;
  const thick = Math.max(upright ? 84 : 120, Math.min(upright ? 150 : 240, (upright ? area.height : area.width) * share));
  const cell = upright ? thick * 1.2 : thick / wide;
  const places = Math.max(1, Math.min(rest, Math.floor((length + gap) / (cell + gap))));
  const begin = (length - places * cell - gap * (places - 1)) / 2;
  const strip = [];
  for (let i = 0; i < places; i++) {
    const at = begin + i * (cell + gap);
    strip.push(upright ? { x: area.x + at, y: area.y + area.height - thick, width: cell, height: thick }
      : { x: area.x + area.width - thick, y: area.y + at, width: thick, height: cell });
  }
  const large = upright ? { ...area, height: area.height - thick - gap } : { ...area, width: area.width - thick - gap };
  return { large, strip };
}

// `people`: ids in order of importance; `me` is among them. `slides`: id of a presentation, or ''.
// Gives {id -> box}; a box has `large` where it is the one to look at, and `float` where it lies on another.
export function arrange({ mode, people, me, slides, large: chosen, area }) {
  const boxes = new Map();
  const place = (id, box, more = {}) => boxes.set(id, { ...box, ...more });
  const others = people.filter((id) => id !== me);
  if (slides) {
    const { large, strip } = largeAndStrip(people.length, area, mode === 'training' ? 0.3 : 0.2);
    place(slides, large, { large: true, whole: true });
    people.slice(0, strip.length).forEach((id, i) => place(id, strip[i]));
    return boxes;
  }
  if (others.length === 0) {
    if (me) place(me, area, { large: true });
    return boxes;
  }
  if (mode === 'tiles') {
    grid(people.length, area).forEach((box, i) => place(people[i], box));
    return boxes;
  }
  const first = chosen && people.includes(chosen) ? chosen : others[0];
  const rest = people.filter((id) => id !== first);
  if (mode === 'training') {
    // The trainer large, and all the others as large as one another.
    const upright = area.height > area.width;
    const share = rest.length <= 2 ? 0.66 : 0.58;
    const big = upright ? { ...area, height: area.height * share } : { ...area, width: area.width * share };
    const remaining = upright ? { ...area, y: area.y + big.height + gap, height: area.height - big.height - gap }
      : { ...area, x: area.x + big.width + gap, width: area.width - big.width - gap };
    place(first, big, { large: true });
    grid(rest.length, remaining).forEach((box, i) => place(rest[i], box));
    return boxes;
  }
  if (rest.length === 1) { // two people: the other, and oneself in the corner
    place(first, area, { large: true });
    const width = Math.max(96, Math.min(240, area.width * 0.24));
    const height = area.height > area.width ? width * 1.3 : width / wide;
    place(rest[0], { x: area.x + area.width - width - 12, y: area.y + area.height - height - 12, width, height }, { float: true });
    return boxes;
  }
  const { large, strip } = largeAndStrip(rest.length, area, 0.2);
  place(first, large, { large: true });
  rest.slice(0, strip.length).forEach((id, i) => place(id, strip[i]));
  return boxes;
}
