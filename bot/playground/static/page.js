// Keeps a conversation up to date: when its stamp changed, the page is fetched again and its parts are put in, unless somebody
// is writing. Without scripts everything works too, by reloading.
(() => {
  const root = document.querySelector("[data-stamp]");
  if (!root) return;
  const PARTS = ["#stream", ".merge", "aside", ".under"];
  const isWriting = () => [...document.querySelectorAll("textarea, input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
  async function look() {
    if (document.hidden) return;
    const answer = await fetch(root.dataset.stampUrl);
    const stamp = await answer.text();
    if (!answer.ok || stamp === root.dataset.stamp || document.querySelector("#stream textarea") || isWriting()) return;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    for (const part of PARTS) {
      const before = document.querySelector(part), after = page.querySelector(part);
      if (before && after && before.innerHTML !== after.innerHTML) before.replaceWith(after);
    }
    root.dataset.stamp = stamp;
  }
  setInterval(() => look().catch(() => {}), 2000);
})();
