// Draws the debate map with D3, over the picture and the tables that stay without this script.
import { actorPanel, h, tiePanel } from "./map-panel.js";

const { d3 } = window;
const place = document.querySelector("[data-map]");
const KNOWN = ["since", "until", "at_least", "ties", "standing", "highlight"];
const LETTER = 6.6;
const LINE = 14;
const STEPS = 16;
const PAUSE = 900;
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const cut = (text) => (text.length > 26 ? `${text.slice(0, 25).trimEnd()}…` : text);
const shapes = () => [
  d3.symbolCircle, d3.symbolCircle, d3.symbolSquare, d3.symbolTriangle, d3.symbolDiamond,
  d3.symbolCross, d3.symbolStar, d3.symbolWye,
];

const start = async () => {
  const base = place.dataset.map.replace(/\/api\/map$/, "");
  const keeps = place.hasAttribute("data-address");
  const svg = d3.select(place.querySelector("svg"));
  const canvas = svg.append("g");
  const [lines, dots] = [canvas.append("g"), canvas.append("g")];
  const form = place.querySelector("form");
  const panel = place.querySelector(".map-panel");
  const tray = place.querySelector(".map-tray");
  const status = place.querySelector("[role=status]");
  const asked = new URLSearchParams(keeps ? location.search : "");
  let data = null;
  let months = [];
  let at = d3.zoomIdentity;
  let chosen = null;
  let active = null;
  let playing = false;
  let latest = 0;

  const say = (text) => {
    status.textContent = text;
  };
  const json = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json()).detail || "The data cannot be read.");
    return answer.json();
  };
  const standing = () => (asked.get("standing") ? `&standing=${asked.get("standing")}` : "");
  const spot = (node) => `translate(${node.x},${node.y})`;
  const radius = (node) => node.radius * (svg.node().clientWidth < 600 ? 0.7 : 1);
  const neighbours = (id) =>
    new Set([id, ...data.ties.filter((tie) => tie.a === id || tie.b === id).flatMap((tie) => [tie.a, tie.b])]);

  // Names that would cover another name or mark wait until there is room.
  const label = () => {
    const taken = [];
    const { clientWidth: width, clientHeight: height } = svg.node();
    const inside = (box) => box[0] > 2 && box[1] > 2 && box[2] < width - 2 && box[3] < height - 2;
    const free = (box) => inside(box) && taken.every((o) => box[0] > o[2] || box[2] < o[0] || box[1] > o[3] || box[3] < o[1]);
    const drawn = data.nodes.filter((node) => node.tied);
    for (const node of drawn) {
      const [x, y] = at.apply([node.x, node.y]);
      const r = radius(node);
      node.box = [x - r, y - r, x + r, y + r];
      taken.push(node.box);
    }
    const near = active ? neighbours(active) : new Set();
    const shown = new Map();
    for (const node of d3.sort(drawn, (n) => !near.has(n.id), (n) => -n.statements)) {
      const [x, y] = at.apply([node.x, node.y]);
      const [wide, r] = [cut(node.short || node.label).length * LETTER, radius(node)];
      const spots = [
        { anchor: "middle", dx: 0, dy: r + LINE - 2, box: [x - wide / 2, y + r + 1, x + wide / 2, y + r + LINE] },
        { anchor: "middle", dx: 0, dy: -r - 5, box: [x - wide / 2, y - r - LINE, x + wide / 2, y - r - 1] },
        { anchor: "start", dx: r + 4, dy: 4, box: [x + r + 1, y - LINE / 2, x + r + 4 + wide, y + LINE / 2] },
        { anchor: "end", dx: -r - 4, dy: 4, box: [x - r - 4 - wide, y - LINE / 2, x - r - 1, y + LINE / 2] },
      ];
      const found = spots.find((spot) => free(spot.box));
      if (found) taken.push(found.box);
      shown.set(node.id, found || spots[0]);
      node.labelled = Boolean(found);
    }
    const nodes = dots.selectAll("g.node").classed("unlabelled", (node) => !node.labelled);
    nodes.select("text.name")
      .attr("text-anchor", (node) => shown.get(node.id).anchor)
      .attr("dx", (node) => shown.get(node.id).dx)
      .attr("dy", (node) => shown.get(node.id).dy);
  };
  const dim = (id) => {
    active = id;
    const near = id ? neighbours(id) : null;
    dots.selectAll("g.node").classed("dim", (node) => near !== null && !near.has(node.id));
    lines.selectAll("line.tie").classed("dim", (tie) => id !== null && tie.a !== id && tie.b !== id);
  };
  const moved = (transform) => {
    at = transform;
    canvas.attr("transform", transform);
    svg.node().style.setProperty("--unscale", 1 / transform.k);
  };
  const zoom = d3.zoom().scaleExtent([0.1, 8]).on("zoom", (event) => moved(event.transform)).on("end", () => data && label());
  const fit = () => {
    const { clientWidth: width, clientHeight: height } = svg.node();
    const tied = data.nodes.filter((node) => node.tied);
    const reach = (axis, end) => (tied.length ? d3.extent(tied, (node) => node[axis]) : [0, end]);
    const [low, high] = reach("y", data.height);
    const [west, east] = reach("x", data.width);
    const scale = Math.min((width - 80) / Math.max(east - west, 100), (height - 100) / Math.max(high - low, 100));
    const left = (width - (east + west) * scale) / 2;
    const top = (height + 40 - (high + low) * scale) / 2;
    svg.call(zoom.transform, d3.zoomIdentity.translate(left, top).scale(scale));
  };
  const fly = (node) => {
    const { clientWidth: width, clientHeight: height } = svg.node();
    const to = d3.zoomIdentity.translate(width / 2, height / 2).scale(Math.max(at.k, 1)).translate(-node.x, -node.y);
    svg.transition().duration(still() ? 0 : 600).call(zoom.transform, to);
  };

  const keep = () => {
    if (!keeps) return;
    const query = asked.toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  };
  const show = (key, parts, told) => {
    chosen = key;
    panel.replaceChildren(close, ...parts);
    panel.hidden = false;
    panel.scrollTop = 0;
    say(told);
    panel.focus({ preventScroll: false });
  };
  const close = h("button", { type: "button", class: "quiet close" }, "Close");
  close.addEventListener("click", () => shut());
  const shut = () => {
    const last = chosen;
    panel.hidden = true;
    chosen = null;
    dim(null);
    asked.delete("chosen");
    keep();
    const node = dots.selectAll("g.node").filter((each) => each.id === last).node();
    (node || svg.node()).focus();
  };
  const openTie = async (tie) => {
    const pair = [tie.a, tie.b].map((id) => `actor=${encodeURIComponent(id)}`).join("&");
    const compared = await json(`${base}/api/compare?${pair}${standing()}`);
    const [a, b] = compared.comparison.actors;
    show(tie.a, tiePanel(base, compared, data.words, data.signs), `The words of ${a.label} and ${b.label} are shown.`);
  };
  const openActor = async (id) => {
    const profile = await json(`${base}/api/actors/${encodeURIComponent(id)}?limit=8${standing()}`);
    const labels = new Map(data.nodes.map((node) => [node.id, node.label]));
    const ties = data.ties
      .filter((tie) => tie.a === id || tie.b === id)
      .map((tie) => ({ ...tie, label: labels.get(tie.a === id ? tie.b : tie.a) }));
    dim(id);
    asked.set("chosen", id);
    keep();
    show(id, actorPanel(base, profile, data.words, data.signs, ties, failing(openTie)), `${profile.actor.label} is shown.`);
  };
  // A request that fails is said, not swallowed.
  const failing = (act) => (...given) => act(...given).catch((error) => say(error.message));

  // Arrow keys go to the nearest actor in that direction; only one actor is a stop of the Tab key.
  const nearest = (from, key) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const ahead = data.nodes
      .filter((node) => node.tied && node.id !== from.id)
      .map((node) => ({ node, x: node.x - from.x, y: node.y - from.y }))
      .filter(({ x, y }) => x * dx + y * dy > 0);
    return d3.least(ahead, ({ x, y }) => Math.hypot(x, y) * (1 + 2 * Math.abs(x * dy - y * dx) / Math.hypot(x, y)))?.node;
  };
  const focus = (node) => {
    dots.selectAll("g.node").attr("tabindex", (each) => (each.id === node.id ? 0 : -1));
    dots.selectAll("g.node").filter((each) => each.id === node.id).node()?.focus();
  };
  const pressed = (event, node) => {
    if (event.key === "Enter" || event.key === " ") failing(openActor)(node.id);
    else if (event.key.startsWith("Arrow")) {
      const next = nearest(node, event.key);
      if (next) focus(next);
    } else if (event.key === "+") svg.call(zoom.scaleBy, 1.4);
    else if (event.key === "-") svg.call(zoom.scaleBy, 1 / 1.4);
    else return;
    event.preventDefault();
  };

  const drawNodes = () => {
    const kinds = shapes();
    const drawn = d3.sort(data.nodes.filter((node) => node.tied), (node) => -node.statements);
    const made = (entering) => {
      const node = entering.append("g").attr("class", "node").attr("role", "button").attr("tabindex", -1);
      node.attr("transform", spot);
      const mark = node.append("g").attr("class", "mark");
      mark.append("path");
      mark.append("text").attr("class", "side");
      mark.append("text").attr("class", "name");
      node.on("click", (event, each) => failing(openActor)(each.id)).on("keydown", pressed);
      node.on("pointerenter", (event, each) => dim(each.id)).on("pointerleave", () => dim(chosen));
      node.on("focus", (event, each) => dim(each.id)).on("blur", () => dim(chosen));
      return node;
    };
    const node = dots.selectAll("g.node").data(drawn, (each) => each.id).join(made);
    node.attr("aria-label", (each) => each.says + (each.side ? `; on the reform: ${each.side}` : ""));
    node.attr("tabindex", (each, number) => (number === 0 ? 0 : -1));
    const highlight = Boolean(asked.get("highlight"));
    node.classed("silent", (each) => highlight && !each.side);
    node.select("path")
      .attr("class", (each) => (highlight && each.side ? `at-${each.side}` : `camp-${each.camp}`))
      .attr("d", (each) => d3.symbol(kinds[each.camp], Math.PI * radius(each) ** 2)());
    node.select("text.side").text((each) => (each.side ? data.signs[each.side] : "")).attr("dy", 4.5);
    node.select("text.name").text((each) => cut(each.short || each.label));
  };
  const drawTies = () => {
    const nodes = new Map(data.nodes.map((node) => [node.id, node]));
    const labels = (tie) => `${nodes.get(tie.a).label} and ${nodes.get(tie.b).label}: ${tie.says}`;
    const ties = data.ties.filter((tie) => nodes.has(tie.a) && nodes.has(tie.b));
    const tie = lines.selectAll("line.tie").data(ties, (each) => `${each.a}|${each.b}`).join((entering) => {
      const line = entering.append("line").on("click", (event, each) => failing(openTie)(each));
      line.append("title");
      return line;
    });
    tie.attr("class", (each) => `tie ${each.kind}`).attr("stroke-width", (each) => each.width);
    for (const [name, end, axis] of [["x1", "a", "x"], ["y1", "a", "y"], ["x2", "b", "x"], ["y2", "b", "y"]])
      tie.attr(name, (each) => nodes.get(each[end])[axis]);
    tie.select("title").text(labels);
  };
  const drawTray = () => {
    const alone = data.nodes.filter((node) => !node.tied);
    tray.hidden = alone.length === 0;
    tray.querySelector("ul").replaceChildren(
      ...alone.map((node) => {
        const button = h("button", { type: "button", class: "quiet" }, h("bdi", {}, node.label));
        button.addEventListener("click", () => failing(openActor)(node.id));
        return h("li", {}, button);
      }),
    );
    tray.querySelector("summary").textContent = `${alone.length} without ties here`;
  };

  const month = (value) => (value && months.length ? Math.max(0, d3.bisectLeft(months, value.slice(0, 7))) : null);
  const dates = () => {
    if (!form.elements.from) return;
    const [from, to] = [form.elements.from, form.elements.to];
    from.max = to.max = months.length - 1;
    from.value = month(asked.get("since")) ?? 0;
    to.value = month(asked.get("until")) ?? months.length - 1;
    from.setAttribute("aria-valuetext", months[from.value]);
    to.setAttribute("aria-valuetext", months[to.value]);
    place.querySelector("[data-dates]").textContent = `${months[from.value]} to ${months[to.value]}`;
  };
  const load = async () => {
    const turn = ++latest;
    const query = new URLSearchParams([...asked].filter(([name, value]) => name !== "chosen" && value));
    const answer = await json(`${place.dataset.map}?${query}`);
    // An earlier answer may come later.
    if (turn !== latest) return;
    data = answer;
    const months_of = (first, last) => d3.utcMonths(new Date(`${first.slice(0, 7)}-01`), d3.utcMonth.offset(new Date(`${last.slice(0, 7)}-01`), 1));
    const full = (date, end) => (date.length === 4 ? `${date}-${end}` : date);
    months = data.first ? months_of(full(data.first, "01"), full(data.last, "12")).map(d3.utcFormat("%Y-%m")) : [];
    dates();
    drawTies();
    drawNodes();
    drawTray();
    dim(chosen);
    label();
    say(data.says);
    place.querySelector("datalist").replaceChildren(...data.nodes.map((node) => h("option", { value: node.label })));
    keep();
  };
  const changed = (name, value) => {
    if (value) asked.set(name, value);
    else asked.delete(name);
    return failing(load)();
  };
  const slid = (event) => {
    const [from, to] = [form.elements.from, form.elements.to];
    if (Number(from.value) > Number(to.value)) (event.target === from ? to : from).value = event.target.value;
    const [low, high] = [Number(from.value), Number(to.value)];
    if (low > 0) asked.set("since", months[low]);
    else asked.delete("since");
    return changed("until", high < months.length - 1 ? months[high] : "");
  };
  const play = async (button) => {
    playing = !playing;
    button.setAttribute("aria-pressed", String(playing));
    button.textContent = playing ? "Stop" : "Play";
    const first = Number(form.elements.from.value);
    const step = Math.max(1, Math.ceil((months.length - first) / STEPS));
    for (let until = first + step; playing && until < months.length + step; until += step) {
      await changed("until", until < months.length - 1 ? months[until] : "");
      await wait(PAUSE);
    }
    playing = false;
    button.setAttribute("aria-pressed", "false");
    button.textContent = "Play";
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = form.elements.find.value.trim().toLowerCase();
    const node = data.nodes.find((each) => each.label.toLowerCase() === wanted)
      || data.nodes.find((each) => wanted && each.label.toLowerCase().includes(wanted));
    if (!node) say(`There is no actor ${form.elements.find.value} on the map.`);
    else {
      if (node.tied) fly(node);
      failing(openActor)(node.id);
    }
  });
  for (const name of KNOWN) {
    const field = form.elements[name];
    if (!field) continue;
    if (asked.get(name)) field.value = asked.get(name);
    field.addEventListener("change", () => changed(name, field.value));
  }
  for (const name of ["from", "to"]) form.elements[name]?.addEventListener("change", slid);
  place.querySelector("[data-play]")?.addEventListener("click", (event) => play(event.target));
  for (const [name, by] of [["in", 1.4], ["out", 1 / 1.4]])
    place.querySelector(`[data-zoom=${name}]`).addEventListener("click", () => svg.call(zoom.scaleBy, by));
  place.querySelector("[data-zoom=all]").addEventListener("click", fit);
  place.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) shut();
  });

  const wanted = asked.get("chosen");
  await load();
  place.hidden = false;
  for (const folded of place.querySelectorAll("[data-filters]")) folded.open = innerWidth > 700;
  for (const drawn of document.querySelectorAll("[data-still]")) drawn.hidden = true;
  fit();
  svg.call(zoom).on("dblclick.zoom", null);
  new ResizeObserver(() => (drawNodes(), fit())).observe(svg.node());
  if (wanted && data.nodes.some((node) => node.id === wanted)) await failing(openActor)(wanted);
  place.dataset.ready = "true";
};

if (place && d3) start().catch((error) => console.error(error));
