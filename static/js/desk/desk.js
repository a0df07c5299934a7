import { tell } from "../clock.js"
import "../state-clock.js"
import "../server-clock.js"
import "./keys.js"
import "./dialogs.js"
import "./wrap-up.js"
import "./soft-phone.js"
import "./service-list.js"
import "./knowledge.js"
import "./copy.js"

const BEAT_MS = 5_000
const SILENCE_MS = 11_000  // two beats without an answer
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 8_000

/** One tab acts. Who left the page in this tab comes back under her name; a copy of a tab has not left. */
function nameOfTab() {
  const kept = sessionStorage.getItem("desk-tab")
  const left = sessionStorage.getItem("desk-left")
  sessionStorage.removeItem("desk-left")
  addEventListener("pagehide", () => sessionStorage.setItem("desk-left", "yes"))
  const name = kept && left ? kept : crypto.randomUUID()
  sessionStorage.setItem("desk-tab", name)
  return name
}

/** <desk-page socket now>: hears that something changed, and looks anew. */
class DeskPage extends HTMLElement {
  tab = nameOfTab()
  #socket = null
  #retry = FIRST_RETRY_MS
  #retrying
  #beating
  #watching
  #lostAt = null
  #looking = false
  #refused = ""  // the last command that was not carried out: said once
  #seen = false
  #stale = false
  #left = false

  connectedCallback() {
    document.body.addEventListener("htmx:configRequest", event => { event.detail.headers["X-Tab"] = this.tab })
    document.body.addEventListener("htmx:oobBeforeSwap", this.#unlessSame)
    document.body.addEventListener("htmx:responseError", event => this.say(event.detail.xhr.status < 500 ? event.detail.xhr.responseText : this.dataset.failed))
    document.body.addEventListener("desk-changed", () => this.look())
    // Not after `htmx.ajax`: behind a request that still hangs it resolves before it has asked.
    document.body.addEventListener("htmx:afterOnLoad", () => this.#show())
    this.addEventListener("click", event => { if (event.target.closest("[data-quiet]")) this.say("") })
    document.addEventListener("phone-changed", () => this.#beat())
    addEventListener("pagehide", () => { this.#left = true })
    addEventListener("offline", () => this.#cut())
    addEventListener("online", () => this.#connect())
    this.#show()
    this.#connect()
  }

  // -- what is said ------------------------------------------------------------------------

  say(words) {
    const line = this.querySelector("[data-says]")
    line.textContent = words
    this.querySelector("[data-quiet]").hidden = !words
  }

  get #presence() { return document.getElementById("presence").dataset }

  /** What the presence says holds for the whole page. */
  #show() {
    const { state, tab, title, refused, why } = this.#presence
    if (refused && refused !== this.#refused && this.#seen) this.say(why)
    this.#refused = refused
    this.#seen = true
    document.title = `${title} · ${this.dataset.name}`
    const before = document.body.dataset.state
    document.body.dataset.state = state
    const elsewhere = Boolean(tab) && tab !== this.tab
    document.body.toggleAttribute("data-elsewhere", elsewhere)
    const dialog = document.getElementById("elsewhere")
    if (elsewhere && !dialog.open) dialog.showModal()
    if (!elsewhere && dialog.open) dialog.close()
    document.dispatchEvent(new CustomEvent("desk-shown", { detail: { ...this.#presence, before, acts: Boolean(tab) && !elsewhere } }))
  }

  // -- looking -----------------------------------------------------------------------------

  /** One look at a time; what changed meanwhile is looked at after it. */
  async look() {
    this.#stale = true
    if (this.#looking) return
    this.#looking = true
    try {
      while (this.#stale) {
        this.#stale = false
        await this.#fetch()
      }
    } finally {
      this.#looking = false
    }
  }

  /** The queues' numbers come by themselves, the same to all desks. */
  #figures({ lines, dispatched }) {
    for (const line of lines)
      for (const place of this.querySelectorAll(`[data-queue="${line.slug}"]`)) {
        for (const figure of place.querySelectorAll("[data-figure]")) figure.textContent = line[figure.dataset.figure]
        place.querySelector("state-clock").setAttribute("since", line.since ?? "")
        place.querySelector("[data-somebody]").hidden = !line.since
        place.querySelector("[data-nobody]").hidden = Boolean(line.since)
      }
    const pulse = document.getElementById("pulse")
    pulse.className = `st ${dispatched ? "st-ready" : "st-breach"}`
    pulse.textContent = dispatched ? pulse.dataset.on : pulse.dataset.off
  }

  /** Swaps in what differs. Without a connection nothing is: the page looks once it is back. */
  async #fetch() {
    try {
      await htmx.ajax("GET", this.getAttribute("now"), { source: this, swap: "none" })
    } catch { /* it is said that the connection is lost */ }
  }

  /** What is the same stays, with its focus and its scroll; what is being typed stays anyway. */
  #unlessSame = event => {
    const { target, fragment } = event.detail
    const fresh = fragment.firstElementChild
    const same = fresh?.dataset.digest !== undefined && fresh.dataset.digest === target.dataset.digest
    const typed = target.querySelector?.("wrap-up")
    const mine = typed?.isTyped && fresh?.querySelector("wrap-up")?.getAttribute("entry") === typed.getAttribute("entry")
    const asks = target.querySelector?.("knowledge-search")?.isTyped
    if (same || mine || asks) event.detail.shouldSwap = false
  }

  // -- the connection ----------------------------------------------------------------------

  #connect() {
    clearTimeout(this.#retrying)
    if (this.#socket) return
    const socket = this.#socket = new WebSocket(this.getAttribute("socket"))
    const on = (name, act) => socket.addEventListener(name, event => { if (socket === this.#socket) act(event) })
    on("open", () => this.#opened())
    on("message", ({ data }) => this.#heard(JSON.parse(data)))
    on("close", () => this.#cut())
  }

  #opened() {
    this.#retry = FIRST_RETRY_MS
    if (this.#lostAt) this.say(this.dataset.back)
    this.#lostAt = null
    document.body.removeAttribute("data-offline")
    this.#beat()
    this.#beating = setInterval(() => this.#beat(), BEAT_MS)
    this.#watch()
    document.dispatchEvent(new CustomEvent("desk-connected"))
  }

  /** Each beat is answered: a network that went without a word is noticed here. */
  #watch() {
    clearTimeout(this.#watching)
    this.#watching = setTimeout(() => this.#cut(), SILENCE_MS)
  }

  #cut() {
    clearInterval(this.#beating)
    clearTimeout(this.#watching)
    const socket = this.#socket
    this.#socket = null  // what it still says is not heard: closing takes as long as the network
    socket?.close()
    if (this.#left) return
    if (!this.#lostAt) {
      this.#lostAt = new Date()
      const at = this.#lostAt.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" })
      this.say(this.dataset.lost.replace("%(at)s", at))
      document.body.setAttribute("data-offline", "")
    }
    clearTimeout(this.#retrying)
    this.#retrying = setTimeout(() => this.#connect(), this.#retry)
    this.#retry = Math.min(this.#retry * 2, LAST_RETRY_MS)
  }

  #beat() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    const phone = this.querySelector("soft-phone")?.isRegistered ?? false
    this.#socket.send(JSON.stringify({ tab: this.tab, phone }))
  }

  #heard({ event, at, data }) {
    this.#watch()
    if (data) return this.#figures(data)
    tell(at)
    const { tab, state } = this.#presence
    switch (event) {
      case "desk": return this.look()
      // The page thinks otherwise than the server: look.
      case "over": return state !== "offline" && this.look()
      case "elsewhere": return tab === this.tab && this.look()
    }
  }
}
customElements.define("desk-page", DeskPage)
