// Sound and keys of the prompt studio. One sound at a time, its pieces one after the other.

const sound = new Audio()
let playing = null

function stop() {
  sound.pause()
  if (!playing) return
  playing.button.setAttribute("aria-pressed", "false")
  playing.button.textContent = playing.words
  playing = null
}

function next() {
  const address = playing?.rest.shift()
  if (!address) return stop()
  sound.src = address
  sound.play().catch(stop)  // no such audio any more, or the browser plays nothing here
}

sound.addEventListener("ended", next)
sound.addEventListener("error", () => { if (playing) next() })

function play(button) {
  const again = playing?.button === button
  stop()
  if (again || button.getAttribute("aria-disabled") === "true") return
  playing = { button, words: button.textContent, rest: button.dataset.play.split(" ") }
  button.setAttribute("aria-pressed", "true")
  button.textContent = button.dataset.stop
  next()
}

document.addEventListener("click", event => {
  const button = event.target.closest("[data-play]")
  if (button) play(button)
})

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")]
  const here = rows.findIndex(row => row.closest("[aria-selected]"))
  const row = rows[Math.min(rows.length - 1, Math.max(0, here + by))]
  if (row) location.assign(row.href)
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
  if (event.code === "Slash") {
    event.preventDefault()
    return document.querySelector('[type="search"]')?.select()
  }
  if (event.code === "Space" && event.target === document.body) {
    event.preventDefault()
    document.querySelector(".side .play")?.click()
  }
})

document.querySelector(".sel")?.scrollIntoView({ block: "nearest" })
