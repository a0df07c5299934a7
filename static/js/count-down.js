import { serverNow } from "./clock.js"

const two = n => String(n).padStart(2, "0")

/** <count-down until="…+08:00" soon="1800">: h:mm:ss to a moment, −h:mm:ss after it;
 *  data-soon within so many seconds before it, data-late once it has gone by. */
class CountDown extends HTMLElement {
  #timer
  connectedCallback() { this.#timer = setInterval(() => this.#show(), 500); this.#show() }
  disconnectedCallback() { clearInterval(this.#timer) }
  #show() {
    const left = Math.ceil((Date.parse(this.getAttribute("until")) - serverNow()) / 1000)
    const s = Math.abs(left)
    const shown = `${left < 0 ? "−" : ""}${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
    if (shown !== this.textContent) this.textContent = shown
    this.toggleAttribute("data-late", left <= 0)
    this.toggleAttribute("data-soon", left > 0 && left <= Number(this.getAttribute("soon") ?? 0))
  }
}
customElements.define("count-down", CountDown)
