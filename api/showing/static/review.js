// One key a verdict: what the buttons and links with data-key do, and 1 to 4 for the right side.
const hint = document.querySelector("[data-steps]");
if (hint) hint.hidden = false;

const form = document.getElementById("verdict");
const sides = ["support", "mixed", "oppose", "neutral"];
let sent = false;

// One verdict a screen, however often a key is struck.
const press = (button) => {
  if (!sent && button.form) button.form.requestSubmit(button);
};
document.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  else sent = event.target.method === "post";
});
window.addEventListener("pageshow", () => { sent = false; });

// Without this module each article of a release has a box of its own; with it one box takes all.
const all = form && form.querySelector("[data-also]");
if (all) {
  all.addEventListener("change", () => {
    form.querySelectorAll("[name=also]").forEach((box) => { box.checked = all.checked; });
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const side = sides[Number(event.key) - 1];
  if (side && form) {
    form.elements.stance.value = side;
    press(form.querySelector("[value=corrected]"));
  } else {
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    if (target.value === "corrected" && !["stance", "reform", "actor"].some((name) => form.elements[name].value)) {
      form.elements.stance.focus();
    } else if (target.matches("a")) target.click();
    else press(target);
  }
  event.preventDefault();
});
