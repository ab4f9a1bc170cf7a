"use strict";
const UNITS = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15, EB: 1e18 };

function size(bytes) {
  if (bytes < 1000) return bytes + " B";
  let unit = "B";
  for (const next of ["kB", "MB", "GB", "TB", "PB", "EB"]) {
    if (bytes < UNITS[next]) break;
    unit = next;
  }
  const number = bytes / UNITS[unit];
  return (number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2)) + " " + unit;
}

function make(tag, text, attributes) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  return element;
}

// What a cell weighs when rows are sorted: a size, a number, a percentage, or text.
function weight(text) {
  const found = /^([+-]?<?[\d,]+(?:\.\d+)?)\s*(B|kB|MB|GB|TB|PB|EB|%)?$/.exec(text.trim());
  if (!found) return text.trim() === "-" || text.trim() === "" ? -Infinity : text.toLowerCase();
  return Number(found[1].replace(/[,<+]/g, "")) * (UNITS[found[2]] || 1);
}

function compare(a, b) {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === "number" ? -1 : 1;
}

function sorts(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const name = head.textContent;
    if (!name) return;
    head.textContent = "";
    const button = make("button", name, { type: "button" });
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "descending";
      const right = head.classList.contains("r");
      const ascending = head.hasAttribute("aria-sort") ? down : !right;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].map((row) => [weight(row.cells[column].textContent), row]);
      rows.sort((a, b) => (ascending ? compare(a[0], b[0]) : compare(b[0], a[0])));
      table.tBodies[0].append(...rows.map((row) => row[1]));
    });
  });
}

// Directories are { name, bytes, files, children, parent }, files { name, bytes, layer, kind, parent }.
function grow(files) {
  const root = { name: "", bytes: 0, files: 0, children: new Map(), parent: null };
  let path = "";
  for (let at = 0; at < files.length; at += 5) {
    path = path.slice(0, files[at]) + files[at + 1];
    const names = path.split("/");
    const last = names.pop();
    const bytes = files[at + 2];
    let dir = root;
    dir.bytes += bytes;
    dir.files += 1;
    for (const name of names) {
      let next = dir.children.get(name);
      if (!next || !next.children) {
        next = { name, bytes: 0, files: 0, children: new Map(), parent: dir };
        dir.children.set(name, next);
      }
      dir = next;
      dir.bytes += bytes;
      dir.files += 1;
    }
    dir.children.set(last, { name: last, bytes, layer: files[at + 3], kind: files[at + 4], parent: dir });
  }
  return root;
}

function sorted(dir) {
  if (!dir.sorted) dir.sorted = [...dir.children.values()].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  return dir.sorted;
}

function pathOf(node) {
  const names = [];
  for (; node.parent; node = node.parent) names.unshift(node.name);
  return names.join("/");
}

// Squarified (Bruls, Huizing, van Wijk): rows of areas that are as square as they can be.
function squarify(nodes, x, y, w, h, put) {
  let total = 0;
  for (const node of nodes) total += node.bytes;
  let at = 0;
  while (at < nodes.length && total > 0 && w > 0.5 && h > 0.5) {
    const side = Math.min(w, h);
    const scale = (w * h) / total;
    let sum = 0;
    let worst = Infinity;
    let end = at;
    const most = nodes[at].bytes * scale;
    while (end < nodes.length) {
      const area = nodes[end].bytes * scale;
      const next = sum + area;
      const ratio = Math.max((side * side * most) / (next * next), (next * next) / (side * side * Math.max(area, 1e-9)));
      if (ratio > worst) break;
      worst = ratio;
      sum = next;
      end += 1;
    }
    if (sum <= 0) return;
    const thick = sum / side;
    let along = 0;
    for (; at < end; at += 1) {
      const long = (nodes[at].bytes * scale) / thick;
      if (w >= h) put(nodes[at], x, y + along, thick, long);
      else put(nodes[at], x + along, y, long, thick);
      along += long;
      total -= nodes[at].bytes;
    }
    if (w >= h) { x += thick; w -= thick; } else { y += thick; h -= thick; }
  }
}

const KINDS = ["#8fa3b8", "#d98a3d", "#c86a4e", "#e0b040", "#d4683f", "#b86a9a", "#7a9a3a", "#a0805a"];
const layerColour = (layer) => `hsl(${(layer * 137.5 + 210) % 360} 45% 62%)`;

function map(place) {
  const data = JSON.parse(document.getElementById(place.dataset.map).textContent);
  const root = grow(data.files);
  const view = { dir: root, chosen: null, byLayer: false, areas: [] };
  const layers = [...new Set(data.files.filter((_, at) => at % 5 === 3))].sort((a, b) => a - b);
  const kinds = [...new Set(data.files.filter((_, at) => at % 5 === 4))].sort((a, b) => a - b);
  if (kinds.length < 2 && layers.length > 1) view.byLayer = true;
  const crumbs = make("nav", undefined, { class: "crumbs", "aria-label": "directory shown" });
  const legend = make("div", undefined, { class: "legend" });
  const canvas = make("canvas", undefined, {
    tabindex: "0", role: "img",
    "aria-label": "Map of directories and files by size. The table after it says the same. Arrow keys choose, Enter opens, Backspace goes up.",
  });
  const status = make("p", "", { class: "status", "aria-live": "polite" });
  const list = make("div", undefined, { class: "scroll" });
  place.append(crumbs, legend, canvas, status, list);

  const colour = (file) => (view.byLayer ? layerColour(file.layer) : KINDS[file.kind % KINDS.length]);
  const share = (node) => ((100 * node.bytes) / Math.max(root.bytes, 1)).toFixed(1) + " %";
  // What becomes of a directory's bytes, class by class.
  const fates = (node) => {
    if (!node.children) return data.legend[node.kind];
    const sums = new Map();
    const count = (one) => {
      if (one.children) for (const child of one.children.values()) count(child);
      else sums.set(one.kind, (sums.get(one.kind) || 0) + one.bytes);
    };
    count(node);
    const rows = [...sums].filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1]);
    if (rows.length === 1) return data.legend[rows[0][0]];
    return rows.map(([kind, bytes]) => `${data.legend[kind]} ${((100 * bytes) / node.bytes).toFixed(1)} %`).join(", ");
  };
  const told = (node) => {
    const what = node.children ? `${node.files.toLocaleString("en")} ${node.files === 1 ? "file" : "files"}` : `layer ${node.layer}, ${data.legend[node.kind]}`;
    return `${pathOf(node)}${node.children ? "/" : ""}: ${size(node.bytes)}, ${share(node)} of all, ${what}`;
  };

  function area(context, node, x, y, w, h, depth) {
    if (w < 1.2 || h < 1.2) return;
    view.areas.push([node, x, y, w, h]);
    if (!node.children) {
      context.fillStyle = colour(node);
      context.fillRect(x + 0.5, y + 0.5, w - 1, h - 1);
      label(context, node.name, x, y, w, h, "#10161c");
      return;
    }
    // A directory that holds one directory alone shares its frame.
    let name = node.name + "/";
    while (node.children.size === 1 && sorted(node)[0].children) {
      node = sorted(node)[0];
      name += node.name + "/";
      view.areas.push([node, x, y, w, h]);
    }
    context.fillStyle = view.ink[depth % 2];
    context.fillRect(x + 0.5, y + 0.5, w - 1, h - 1);
    const named = w > 44 && h > 34 ? 15 : 1;
    if (named > 1) label(context, name, x, y, w, 17, view.ink[2]);
    const inside = [x + 2, y + named + 1, w - 4, h - named - 3];
    squarify(sorted(node), ...inside, (child, a, b, c, d) => area(context, child, a, b, c, d, depth + 1));
  }

  function label(context, text, x, y, w, h, ink) {
    if (w < 34 || h < 14) return;
    context.save();
    context.beginPath();
    context.rect(x + 2, y, w - 5, h);
    context.clip();
    context.fillStyle = ink;
    context.fillText(text, x + 4, y + 12);
    context.restore();
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const w = canvas.clientWidth, h = canvas.clientHeight;
    canvas.width = w * ratio;
    canvas.height = h * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.font = "11px system-ui, sans-serif";
    view.areas = [];
    const style = getComputedStyle(document.documentElement);
    view.ink = ["--shade", "--shade-two", "--ink"].map((name) => style.getPropertyValue(name));
    squarify(sorted(view.dir), 1, 1, w - 2, h - 2, (child, a, b, c, d) => area(context, child, a, b, c, d, 0));
    outline(context);
  }

  function outline(context) {
    const found = view.areas.find((one) => one[0] === view.chosen);
    if (!found) return;
    context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--focus");
    context.lineWidth = 3;
    context.strokeRect(found[1] + 1.5, found[2] + 1.5, Math.max(found[3] - 3, 1), Math.max(found[4] - 3, 1));
  }

  function choose(node) {
    view.chosen = node;
    status.textContent = node ? told(node) : "";
    draw();
  }

  function open(dir) {
    view.dir = dir;
    view.chosen = null;
    crumbs.replaceChildren();
    const trail = [];
    for (let at = dir; at; at = at.parent) trail.unshift(at);
    trail.forEach((at, place) => {
      const name = (at.name || "/") + (at.name ? "/" : "");
      if (place === trail.length - 1) crumbs.append(make("strong", `${name} ${size(at.bytes)}`, { "aria-current": "true" }));
      else {
        const button = make("button", name, { type: "button", class: "plain" });
        button.addEventListener("click", () => open(at));
        crumbs.append(button);
      }
    });
    table();
    status.textContent = told(dir);
    draw();
  }

  function table() {
    const body = make("tbody");
    for (const node of sorted(view.dir).slice(0, 12)) {
      const row = make("tr");
      const name = make("td");
      if (node.children) {
        const button = make("button", node.name + "/", { type: "button", class: "plain" });
        button.addEventListener("click", () => open(node));
        name.append(button);
      } else name.append(make("code", node.name));
      row.append(make("td", size(node.bytes), { class: "r" }), make("td", share(node), { class: "r" }));
      row.append(make("td", node.children ? node.files.toLocaleString("en") : "", { class: "r" }), name);
      row.append(make("td", fates(node)));
      body.append(row);
    }
    const head = make("tr");
    for (const [text, side] of [["bytes", "r"], ["of all", "r"], ["files", "r"], ["name", ""], ["what becomes of it", ""]]) {
      head.append(make("th", text, { scope: "col", class: side }));
    }
    const whole = make("table", undefined, { class: "held" });
    const thead = make("thead");
    thead.append(head);
    whole.append(make("caption", `Largest in ${pathOf(view.dir) || "/"}`), thead, body);
    const more = sorted(view.dir).length - 12;
    list.replaceChildren(whole);
    if (more > 0) list.append(make("p", `… and ${more.toLocaleString("en")} more`, { class: "note" }));
  }

  function legends() {
    legend.replaceChildren();
    const rows = view.byLayer ? layers.map((layer) => [layerColour(layer), `layer ${layer}`]) : kinds.map((kind) => [KINDS[kind % KINDS.length], data.legend[kind]]);
    for (const [tint, text] of rows) {
      const one = make("span", text);
      const spot = make("i");
      spot.style.background = tint;
      one.prepend(spot);
      legend.append(one);
    }
    if (layers.length > 1 && kinds.length > 1) {
      const button = make("button", view.byLayer ? "Colour by what goes" : "Colour by layer", { type: "button" });
      button.addEventListener("click", () => { view.byLayer = !view.byLayer; legends(); draw(); });
      legend.append(button);
    }
  }

  function under(event) {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    let found = null;
    for (const one of view.areas) {
      if (x >= one[1] && x < one[1] + one[3] && y >= one[2] && y < one[2] + one[4]) found = one[0];
    }
    return found;
  }

  canvas.addEventListener("mousemove", (event) => {
    const node = under(event);
    if (node) status.textContent = told(node);
  });
  // A click opens the directory, one step below the shown one, that holds what was clicked.
  canvas.addEventListener("click", (event) => {
    let node = under(event);
    while (node && node.parent !== view.dir) node = node.parent;
    if (node && node.children) open(node);
    else if (node) choose(node);
  });
  canvas.addEventListener("keydown", (event) => {
    const all = sorted(view.dir);
    const at = all.indexOf(view.chosen);
    if (event.key === "ArrowRight" || event.key === "ArrowDown") choose(all[Math.min(at + 1, all.length - 1)]);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") choose(all[Math.max(at - 1, 0)]);
    else if (event.key === "Enter" && view.chosen && view.chosen.children) open(view.chosen);
    else if ((event.key === "Backspace" || event.key === "Escape") && view.dir.parent) open(view.dir.parent);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(canvas);
  legends();
  open(root);
  return { root, open, choose, draw, legend: data.legend };
}

const maps = [...document.querySelectorAll("[data-map]")].map(map);
document.querySelectorAll("table.sorts").forEach(sorts);

const found = document.getElementById("found");
const search = document.getElementById("search");
function look() {
  const wanted = search.value.trim().toLowerCase();
  for (const row of document.querySelectorAll("table.sorts tbody tr")) {
    row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
  }
  for (const section of document.querySelectorAll("details")) {
    if (wanted === "") { if (section.dataset.was) section.open = section.dataset.was === "yes"; delete section.dataset.was; continue; }
    if (!section.dataset.was) section.dataset.was = section.open ? "yes" : "no";
    section.open = [...section.querySelectorAll("tbody tr")].some((row) => !row.hidden);
  }
  found.hidden = wanted === "";
  if (wanted === "") return;
  const rows = [];
  let count = 0, bytes = 0;
  const visit = (map, node, path) => {
    for (const child of node.children.values()) {
      const at = path + child.name;
      if (child.children) { visit(map, child, at + "/"); continue; }
      if (!at.toLowerCase().includes(wanted)) continue;
      count += 1;
      bytes += child.bytes;
      rows.push([child.bytes, at, map, child]);
    }
  };
  for (const map of maps) visit(map, map.root, "");
  rows.sort((a, b) => b[0] - a[0]);
  const body = make("tbody");
  for (const [bytes, path, map, file] of rows.slice(0, 100)) {
    const row = make("tr");
    const cell = make("td");
    const button = make("button", path, { type: "button", class: "plain" });
    button.addEventListener("click", () => { map.open(file.parent); map.choose(file); });
    cell.append(button);
    row.append(make("td", size(bytes), { class: "r" }), cell, make("td", `layer ${file.layer}`), make("td", map.legend[file.kind]));
    body.append(row);
  }
  const table = make("table");
  table.append(make("caption", "Files found"), body);
  const more = count > 100 ? "; the 100 largest" : "";
  found.replaceChildren(make("h2", `${count.toLocaleString("en")} ${count === 1 ? "file" : "files"} on the map, ${size(bytes)}${more}`), table);
}
let waiting;
search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 120); });
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea");
  if (event.key === "/" && !typing) { search.focus(); event.preventDefault(); }
  else if (event.key === "Escape" && event.target === search) { search.value = ""; look(); }
});
document.getElementById("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  for (const map of maps) map.draw();
});
document.documentElement.dataset.ready = String(Math.round(performance.now()));
