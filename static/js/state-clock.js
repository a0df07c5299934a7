import { serverNow } from "./clock.js"

const two = n => String(n).padStart(2, "0")

/** <state-clock since="…+08:00" limit="60">: mm:ss; data-late past `limit` seconds.
 *  On a page with stale data it stands still, as the data does. */
class StateClock extends HTMLElement {
  static observedAttributes = ["since"]
  #timer
  attributeChangedCallback() { if (this.isConnected) this.#show() }
  connectedCallback() { this.#timer = setInterval(() => this.#show(), 250); this.#show() }
  disconnectedCallback() { clearInterval(this.#timer) }
  #show() {
    if (this.textContent && document.documentElement.hasAttribute("data-stale")) return
    const since = Date.parse(this.getAttribute("since"))
    if (Number.isNaN(since)) return this.replaceChildren()  // nothing runs
    const s = Math.max(0, Math.floor((serverNow() - since) / 1000))
    const shown = `${two(Math.floor(s / 60))}:${two(s % 60)}`
    if (shown !== this.textContent) this.textContent = shown
    this.toggleAttribute("data-late", s > Number(this.getAttribute("limit") ?? Infinity))
  }
}
customElements.define("state-clock", StateClock)
