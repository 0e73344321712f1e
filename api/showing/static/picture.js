// Puts Bokeh's picture in the place of the drawn one; without this module the drawn one and the tables stay.
for (const place of document.querySelectorAll("[data-picture]")) {
  const show = async () => {
    const address = new URL(place.dataset.picture, location);
    if (matchMedia("(prefers-color-scheme: dark)").matches) address.searchParams.set("dark", "true");
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || !window.Bokeh) return;
    const item = await answer.json();
    const live = document.createElement("div");
    live.className = "live-picture";
    live.id = `live-${Array.from(document.querySelectorAll("[data-picture]")).indexOf(place)}`;
    place.before(live);
    await window.Bokeh.embed.embed_item(item, live.id);
    place.hidden = true;
  };
  show().catch((error) => console.error(error));
}
