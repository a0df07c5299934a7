// The tree's rows by arrows, the page's verbs by letters; nothing here knows what a verb does.

for (const bar of document.querySelectorAll("[data-share]")) bar.style.inlineSize = `${bar.dataset.share}%`

const rows = [...document.querySelectorAll("[data-row]")]

function step(by) {
  const here = rows.findIndex(row => row.closest("[aria-selected]"))
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + by))]
  if (next) location.assign(next.href)
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur()
    return
  }
  if (event.code === "ArrowDown" || event.code === "ArrowUp") {
    event.preventDefault()
    return step(event.code === "ArrowDown" ? 1 : -1)
  }
  if (event.code === "Enter" && event.target === document.body) return document.querySelector("[data-first]")?.select()
  if (event.code === "KeyE") return document.querySelector(".side > .sec:last-child summary")?.click()
  document.querySelector(`[data-key="${event.code}"]:not([aria-disabled="true"])`)?.click()
})

document.querySelector(".sel")?.scrollIntoView({ block: "nearest" })
document.querySelector(".pane.tree").scrollLeft = 0  // only its height is scrolled
