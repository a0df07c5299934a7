import "./state-clock.js"
import "./live-parts.js"

const ARMED_MS = 2_000  // so long after its letter a digit belongs to an area

/** The supervisor's page: a selection that stays where it is while parts are swapped, and keys. */
class Floor {
  #page = document.querySelector("live-parts")
  #row = ""    // key of the row selected
  #agent = ""  // id of the agent selected
  #armed = 0

  constructor() {
    this.#page.addEventListener("parts-shown", () => this.#mark())
    this.#page.addEventListener("click", event => this.#clicked(event))
    document.addEventListener("keydown", event => this.#keyed(event))
    this.#mark()
  }

  // -- what is done ------------------------------------------------------------------------

  #clicked({ target }) {
    if (target.closest("[data-keys]")) return this.#showKeys()
    const callback = target.closest("[data-callback]")
    if (callback) return this.#askCallback(callback)
    if (target.closest("a")) return
    const tile = target.closest(".tile [data-agent]")
    if (tile) return this.#select("", tile.dataset.agent)
    const row = target.closest(".need li")
    if (row) this.#select(row.dataset.key, row.dataset.agent ?? "")
  }

  #keyed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return
    if (event.target.matches("input, textarea, select")) return
    const { code } = event
    if (code === "Slash" && event.shiftKey) return this.#showKeys()
    if (code === "Escape") return this.#select("", "")
    if (code === "KeyO") return this.#at("[data-open-call]:not([hidden])")?.click()
    if (code === "KeyC") return void (this.#armed = performance.now() + ARMED_MS)
    if (code === "Enter" && !event.target.closest("button, a")) return this.#at(".need [aria-current] [data-act]")?.click()
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1]
    if (!digit) return
    if (performance.now() < this.#armed) this.#at(`.lost li:nth-child(${digit}) [data-callback]`)?.click()
    else this.#at(`.need li:nth-child(${digit})`)?.click()
    this.#armed = 0
  }

  async #askCallback(button) {
    button.setAttribute("aria-disabled", "true")
    const answer = await fetch(`/floor/callback/${button.dataset.callback}/`, {
      method: "POST", headers: { "X-CSRFToken": this.#at("[name=csrfmiddlewaretoken]").value },
    })
    this.#at("[data-says]").textContent = await answer.text()
    if (!answer.ok) button.removeAttribute("aria-disabled")
  }

  #showKeys() { document.querySelector(".all-keys").showModal() }

  // -- what is shown -----------------------------------------------------------------------

  #select(row, agent) {
    this.#row = row
    this.#agent = agent
    this.#at("[data-says]").textContent = ""
    this.#mark()
  }

  #mark() {
    for (const row of this.#page.querySelectorAll(".need li"))
      if (row.dataset.key === this.#row) row.setAttribute("aria-current", "true")
      else row.removeAttribute("aria-current")
    let picked = null
    for (const tile of this.#page.querySelectorAll(".tile [data-agent]")) {
      const here = tile.dataset.agent === this.#agent
      tile.setAttribute("aria-pressed", String(here))
      if (here) picked = tile
    }
    const name = this.#at("[data-picked]")
    name.textContent = picked?.dataset.name ?? name.dataset.nobody
    name.classList.toggle("mute", !picked)
    const open = this.#at("[data-open-call]")
    open.hidden = !picked?.dataset.call
    if (picked?.dataset.call) open.href = picked.dataset.call
  }

  #at(selector) { return this.#page.querySelector(selector) }
}

new Floor()
