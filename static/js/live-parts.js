import { serverNow, tell } from "./clock.js"

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 10_000
const STALE_MS = 10_000
const TRUST_MS = 300_000  // so long the best reading of the server's clock holds

const two = n => String(n).padStart(2, "0")
const say = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name])

/** <live-parts socket="…">: swaps each part that changed, says how old the data is, comes back
 *  by itself. Words come from its data-when-… . A stale page has data-stale on <html>;
 *  every swap is told as "parts-shown". */
export class LiveParts extends HTMLElement {
  #socket = null
  #retryMs = FIRST_RETRY_MS
  #retrying = null
  #shown = new Map()
  #at = serverNow()  // when what is shown was read, server time
  #heard = performance.now()
  #told = { offset: -Infinity, since: 0 }
  #ticking
  #time = new Intl.DateTimeFormat("sv", { timeZone: "Asia/Shanghai", timeStyle: "medium" })

  connectedCallback() {
    this.#ticking = setInterval(() => this.#tick(), 100)
    addEventListener("online", this.#again)
    this.#connect()
    this.#tick()
  }

  disconnectedCallback() { this.#end() }

  #connect() {
    this.#retrying = null
    const socket = new WebSocket(this.getAttribute("socket"))
    this.#socket = socket
    socket.addEventListener("message", ({ data }) => { if (socket === this.#socket) this.#hear(JSON.parse(data)) })
    socket.addEventListener("close", () => { if (socket === this.#socket) this.#later() })
  }

  /** Longer each time, and not all pages of a building in the same moment. */
  #later() {
    this.#socket = null
    if (this.#retrying) return
    this.#retrying = setTimeout(() => this.#connect(), this.#retryMs * (0.5 + Math.random() / 2))
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }

  #again = () => {
    if (!this.#retrying) return
    clearTimeout(this.#retrying)
    this.#connect()
  }

  #end() {
    clearInterval(this.#ticking)
    clearTimeout(this.#retrying)
    removeEventListener("online", this.#again)
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  #hear(message) {
    if (message.revoked) return this.#revoked()
    this.#retryMs = FIRST_RETRY_MS
    this.#heard = performance.now()
    this.#at = Date.parse(message.at)
    this.#setClock(message.rate)
    this.#show(message.data)
    this.#tick()
  }

  /** The reading that was the least under way is the best one; a late one only says it is late. */
  #setClock(rate) {
    const offset = this.#at - this.#heard * rate
    if (offset < this.#told.offset && this.#heard - this.#told.since < TRUST_MS) return
    this.#told = { offset, since: this.#heard, rate }
    tell(new Date(this.#at).toISOString(), rate)
  }

  #show(parts) {
    for (const [name, html] of Object.entries(parts)) {
      if (this.#shown.get(name) === html) continue
      const old = this.querySelector(`[data-part="${name}"]`)
      const holder = document.createElement("template")
      holder.innerHTML = html
      const fresh = holder.content.firstElementChild
      flash(old, fresh)
      const top = old.scrollTop
      old.replaceWith(fresh)
      fresh.scrollTop = top
      this.#shown.set(name, html)
    }
    this.dispatchEvent(new CustomEvent("parts-shown"))
  }

  #tick() {
    const silent = performance.now() - this.#heard
    const stale = silent > STALE_MS
    document.documentElement.toggleAttribute("data-stale", stale)
    this.querySelector("[data-clock]").textContent = this.#time.format(serverNow())
    const age = this.querySelector("[data-age]")
    age.className = `st end ${stale ? "st-stale" : "st-ready"}`
    age.textContent = stale ? this.#sayStale(silent) : this.#sayFresh()
    if (stale && this.#socket?.readyState === WebSocket.OPEN) this.#drop()
  }

  #sayFresh() {
    const seconds = Math.max(0, serverNow() - this.#at) / 1000 / (this.#told.rate ?? 1)
    return say(this.dataset.whenFresh, { seconds: seconds.toFixed(1) })
  }

  #sayStale(silent) {
    const s = Math.floor(silent / 1000)
    return say(this.dataset.whenStale, { at: this.#time.format(this.#at), for: `${two(Math.floor(s / 60))}:${two(s % 60)}` })
  }

  /** Open, but silent for longer than the server ever is: the line is dead. */
  #drop() {
    const socket = this.#socket
    this.#later()
    socket.close()
  }

  #revoked() {
    this.#end()
    const words = document.createElement("p")
    words.className = "over st st-off"
    words.role = "alert"
    words.textContent = this.dataset.whenRevoked
    this.replaceChildren(words)
    this.className = ""
  }
}

/** Mark each number that is another one now. */
function flash(old, fresh) {
  for (const number of fresh.querySelectorAll("[data-n]")) {
    const before = old.querySelector(`[data-n="${number.dataset.n}"]`)
    if (before && before.textContent !== number.textContent) number.classList.add("changed")
  }
}

customElements.define("live-parts", LiveParts)
