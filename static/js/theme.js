// Light, dark or the system's: the admin theme's own key, so that one choice holds everywhere.
const KEY = "adminTheme"

function show() {
  let chosen = "auto"
  try { chosen = JSON.parse(localStorage.getItem(KEY)) ?? "auto" } catch { /* never chosen */ }
  if (chosen === "auto") delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
  for (const button of document.querySelectorAll("[data-choose-theme]"))
    button.setAttribute("aria-pressed", String(button.dataset.chooseTheme === chosen))
}

addEventListener("click", event => {
  const button = event.target.closest("[data-choose-theme]")
  if (!button) return
  localStorage.setItem(KEY, JSON.stringify(button.dataset.chooseTheme))
  show()
})
addEventListener("storage", show)
show()
