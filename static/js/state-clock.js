import { serverNow } from "./clock.js"

const two = n => String(n).padStart(2, "0")

/** <state-clock since="…+08:00" limit="60">: mm:ss; data-late past `limit` seconds.
 *  On a page with stale data it stands still, as the data does. */
class StateClock extends HTMLElement {
  #timer
  connectedCallback() { this.#timer = setInterval(() => this.#show(), 250); this.#show() }
  disconnectedCallback() { clearInterval(this.#timer) }
  #show() {
    if (this.textContent && document.documentElement.hasAttribute("data-stale")) return
    const s = Math.max(0, Math.floor((serverNow() - Date.parse(this.getAttribute("since"))) / 1000))
    const shown = `${two(Math.floor(s / 60))}:${two(s % 60)}`
    if (shown !== this.textContent) this.textContent = shown
    this.toggleAttribute("data-late", s > Number(this.getAttribute("limit") ?? Infinity))
  }
}
customElements.define("state-clock", StateClock)
