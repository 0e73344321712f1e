// Completion of prefixes and terms in the SPARQL editor; the form works without it.
const box = document.getElementById("query");
const hint = document.querySelector("[data-steps]");
const form = document.querySelector("form[data-query]");

if (box && form) {
  const prefixes = JSON.parse(box.dataset.prefixes);
  const offers = [
    ...box.dataset.terms.split(" "),
    ...Object.entries(prefixes).map(([prefix, start]) => `PREFIX ${prefix}: <${start}>`),
    ...Object.keys(prefixes).filter(Boolean).map((prefix) => `${prefix}:`),
    ..."SELECT DISTINCT WHERE FILTER OPTIONAL UNION VALUES GROUP BY ORDER LIMIT OFFSET COUNT CONSTRUCT ASK GRAPH".split(" "),
  ];
  hint.hidden = false;
  const list = document.createElement("ul");
  list.className = "completion";
  list.id = "completion";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Completions");
  list.hidden = true;
  box.after(list);
  let chosen = 0;

  const word = () => box.value.slice(0, box.selectionStart).match(/[\w:]*$/)[0];
  const close = () => {
    list.hidden = true;
    box.removeAttribute("aria-activedescendant");
  };
  const mark = () => {
    Array.from(list.children).forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    box.setAttribute("aria-activedescendant", `completion-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  };
  const take = () => {
    const text = list.children[chosen].textContent;
    const end = box.selectionStart;
    box.setRangeText(text, end - word().length, end, "end");
    close();
    box.focus();
  };
  const open = () => {
    const typed = word().toLowerCase();
    const fitting = offers.filter((each) => each.toLowerCase().includes(typed)).slice(0, 12);
    if (!fitting.length) return close();
    list.replaceChildren(...fitting.map((text, place) => {
      const item = document.createElement("li");
      item.id = `completion-${place}`;
      item.setAttribute("role", "option");
      item.textContent = text;
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        chosen = place;
        take();
      });
      return item;
    }));
    chosen = 0;
    list.hidden = false;
    mark();
  };

  box.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      open();
    } else if (event.key === "Enter" && event.ctrlKey) {
      form.requestSubmit();
    } else if (!list.hidden) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        chosen = (chosen + step + list.children.length) % list.children.length;
        mark();
      } else if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        take();
      } else if (event.key === "Escape") {
        close();
      }
    }
  });
  box.addEventListener("input", () => (list.hidden ? null : open()));
  box.addEventListener("blur", close);
  form.addEventListener("submit", () => {
    // A long query does not fit into an address.
    if (box.value.length > 2000) form.method = "post";
  });
}
