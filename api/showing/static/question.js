// Completion of the question: the names that fit the last words, offered while it is typed.
const box = document.querySelector("form.question input");
const list = document.getElementById("questions");
if (box && list) {
  const whole = Array.from(list.options, (option) => option.value);
  box.addEventListener("input", () => {
    const typed = box.value.toLowerCase();
    const words = typed.split(/\s+/).filter(Boolean);
    const fitting = whole.filter((each) => words.every((word) => each.toLowerCase().includes(word))).slice(0, 20);
    list.replaceChildren(...fitting.map((value) => Object.assign(document.createElement("option"), { value })));
  });
}
