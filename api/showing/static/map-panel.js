// The panel next to the debate map: the positions of an actor, or what two actors say on the reforms they share.
export const h = (tag, attributes, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};
const name = (text) => h("bdi", {}, text);
const count = (number, noun) => `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;

const badge = (stance, words, signs) =>
  h("span", { class: `stance ${stance}` }, h("span", { class: "sign", "aria-hidden": "true" }, signs[stance]), words);

const quoted = (base, passage) =>
  h(
    "div",
    { class: `evidence of-${passage.stance}` },
    h("blockquote", {}, name(passage.quote)),
    h(
      "p",
      { class: "source" },
      passage.speaker ? `${passage.speaker}, ` : null,
      h("a", { href: `${base}/statements/${passage.id}` }, name(passage.title || passage.article)),
      [passage.publisher, passage.date].filter(Boolean).map((part) => `, ${part}`).join(""),
      `, ${passage.standing}`,
    ),
  );

const stand = (base, words, signs, held, heading) =>
  h(
    "section",
    { class: "position" },
    h("h4", {}, heading, " ", badge(held.position.stance, words[held.degree], signs)),
    held.concern_labels.length ? h("p", { class: "small soft" }, `Grounds: ${held.concern_labels.join(", ")}.`) : null,
    ...held.evidence.slice(0, 1).map((passage) => quoted(base, passage)),
  );

// One actor: its positions with the strongest passage of each, and its ties as buttons.
export const actorPanel = (base, profile, words, signs, ties, openTie) => {
  const reform = (held) =>
    h("a", { href: `${base}/reforms/${encodeURIComponent(held.position.reform)}` }, name(held.position.reform_label));
  const tied = ties.map((tie) => {
    const kind = tie.kind === "conflict" ? "conflict" : "agreement";
    const button = h("button", { type: "button", class: "quiet" }, name(tie.label), `: ${kind}, ${tie.says}`);
    button.addEventListener("click", () => openTie(tie));
    return h("li", {}, button);
  });
  return [
    h("h3", {}, h("a", { href: `${base}/actors/${encodeURIComponent(profile.actor.id)}` }, name(profile.actor.label))),
    h("p", { class: "small" }, `${count(profile.stands.total, "reform")}, ${count(profile.articles, "article")}.`),
    ...profile.stands.items.map((held) => stand(base, words, signs, held, reform(held))),
    profile.stands.total > profile.stands.items.length
      ? h("p", { class: "small" }, h("a", { href: `${base}/actors/${encodeURIComponent(profile.actor.id)}` }, "All positions"))
      : null,
    tied.length ? h("h4", {}, "Ties") : null,
    tied.length ? h("ul", { class: "ties" }, ...tied) : null,
  ].filter(Boolean);
};

const VERDICTS = { part: "Opposite sides", agree: "Same side", mixed: "Neither agreement nor opposite sides" };

// Two actors: the shared reforms, opposite sides first, with the words of both.
export const tiePanel = (base, compared, words, signs) => {
  const { actors, rows } = compared.comparison;
  const address = `${base}/compare?${actors.map((each) => `actor=${encodeURIComponent(each.id)}`).join("&")}`;
  const shared = rows.filter((row) => row.verdict !== "one");
  return [
    h("h3", {}, name(actors[0].label), " and ", name(actors[1].label)),
    h("p", { class: "small" }, `${count(shared.length, "shared reform")}. `, h("a", { href: address }, "Compare in full")),
    ...shared.map((row) =>
      h(
        "section",
        { class: "position" },
        h("h4", {}, h("a", { href: `${base}/reforms/${encodeURIComponent(row.reform.id)}` }, name(row.reform.label))),
        h("p", { class: "small soft" }, `${VERDICTS[row.verdict]}.`),
        h(
          "div",
          { class: "versus" },
          ...row.stands.filter(Boolean).map((held) => stand(base, words, signs, held, name(held.position.actor_label))),
        ),
      ),
    ),
  ];
};
