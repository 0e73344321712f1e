// Steps from passage to passage: n and p, as their links do without this module.
const markers = Array.from(document.querySelectorAll(".marker"));
const hint = document.querySelector("[data-steps]");
if (hint && markers.length > 1) hint.hidden = false;

const at = () => {
  const here = markers.indexOf(document.activeElement);
  if (here >= 0) return here;
  const named = markers.findIndex((marker) => `#${marker.id}` === location.hash);
  return named;
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const step = { n: 1, p: -1 }[event.key];
  if (!step || !markers.length) return;
  const next = Math.min(Math.max(at() + step, 0), markers.length - 1);
  history.replaceState(null, "", `#${markers[next].id}`);
  markers[next].focus({ preventScroll: true });
  markers[next].scrollIntoView({ block: "center" });
  event.preventDefault();
});
