// A passage selected in the text goes into the form, with its place.
const text = document.querySelector(".article-text");
const words = document.getElementById("m-words");
const start = document.querySelector(".missed [name=start]");

// The marks of statements stand between the words, and are none of them.
const plain = (range) => {
  const part = range.cloneContents();
  part.querySelectorAll(".marker").forEach((marker) => marker.remove());
  return part.textContent;
};

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  words.value = plain(range).trim();
  // Near enough to tell the passage from the same words elsewhere.
  start.value = String(Array.from(plain(before)).length + Number(text.dataset.start || 0));
});
