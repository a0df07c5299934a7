import { serverNow } from "./clock.js"

/** <server-clock lang>: date, weekday and time of the bank, as the server has them. */
class ServerClock extends HTMLElement {
  #timer
  #date
  #time
  connectedCallback() {
    const zone = { timeZone: "Asia/Shanghai" }
    this.#date = new Intl.DateTimeFormat(this.lang === "en" ? "en" : "zh-CN", { ...zone, weekday: "short" })
    this.#time = new Intl.DateTimeFormat("sv", { ...zone, dateStyle: "short", timeStyle: "medium" })
    this.#timer = setInterval(() => this.#show(), 250)
    this.#show()
  }
  disconnectedCallback() { clearInterval(this.#timer) }
  #show() {
    const now = serverNow()
    const [day, time] = this.#time.format(now).split(" ")
    const shown = `${day} ${this.#date.format(now)} ${time}`
    if (shown !== this.textContent) this.textContent = shown
  }
}
customElements.define("server-clock", ServerClock)
