import { softphone } from "../phone/softphone.js"

const AGAIN_MS = 4_000

/**
 * <soft-phone address language>: the agent's phone while this tab acts.
 *
 * The server says which kind and by which secret; what rings is answered by F2, or at once when
 * she had that caller already (a reload, a line that was lost and comes again).
 */
class SoftPhone extends HTMLElement {
  #phone = null
  #starting = false
  #again = null
  #leg = ""
  #muted = false
  #shown = { acts: false, leg: "", answered: "" }
  isRegistered = false

  connectedCallback() {
    document.addEventListener("desk-shown", this.#deskShown)
    document.addEventListener("click", this.#clicked)
    document.body.addEventListener("htmx:afterSettle", () => this.#draw())
    this.#draw()
  }

  disconnectedCallback() {
    document.removeEventListener("desk-shown", this.#deskShown)
    document.removeEventListener("click", this.#clicked)
    this.#stop()
  }

  // -- what is done ------------------------------------------------------------------------

  #clicked = ({ target }) => {
    const button = target.closest("[data-does], [data-dtmf]")
    if (!button || button.getAttribute("aria-disabled") === "true") return
    if (button.dataset.dtmf) return this.#key(button.dataset.dtmf)
    switch (button.dataset.does) {
      case "answer": return this.#phone?.answer()
      case "hang-up": return this.#phone?.hangUp()
      case "mute": return this.#mute(!this.#muted)
      case "allow": return Notification.requestPermission().then(() => this.#draw())
    }
  }

  #key(digit) {
    document.querySelector("[data-typed]").textContent += digit
    this.#phone?.sendDigits(digit)
  }

  #mute(on) {
    this.#muted = on
    this.#phone?.mute(on)
    this.#draw()
  }

  // -- its life ----------------------------------------------------------------------------

  /** The tab that acts has a phone, the others have none. */
  #deskShown = ({ detail }) => {
    const { acts } = this.#shown
    this.#shown = detail
    if (detail.acts && !acts) this.#start()
    if (!detail.acts && acts) this.#stop()
    if (this.#leg) this.#takeAtOnce()
  }

  async #start() {
    if (this.#starting || this.#phone) return
    this.#starting = true
    try {
      const answer = await fetch(this.getAttribute("address"), {
        method: "POST",
        headers: { ...JSON.parse(document.body.getAttribute("hx-headers")), "X-Tab": this.closest("desk-page").tab },
      })
      if (!answer.ok) throw new Error(await answer.text())
      const { kind, ...account } = await answer.json()
      this.#phone = await softphone(kind)
      this.#listen(this.#phone)
      await this.#phone.start(account)
    } catch {
      this.#stop()
      this.#later()
    } finally {
      this.#starting = false
    }
  }

  #stop() {
    clearTimeout(this.#again)
    this.#phone?.stop()
    this.#phone = null
    this.#leg = ""
    this.#registered(false)
  }

  #later() {
    clearTimeout(this.#again)
    this.#again = setTimeout(() => { if (this.#shown.acts) this.#start() }, AGAIN_MS)
  }

  #listen(phone) {
    const on = (name, act) => phone.addEventListener(name, ({ detail }) => { if (phone === this.#phone) act(detail) })
    on("registered", () => this.#registered(true))
    on("unregistered", () => this.#registered(false))
    on("ringing", ({ leg }) => this.#ringing(leg))
    on("answered", () => this.#draw())
    on("ended", () => this.#ended())
    on("level", levels => this.#levels(levels))
    on("failed", failure => this.#failed(failure))
  }

  #ringing(leg) {
    this.#leg = leg
    this.#takeAtOnce()
    this.closest("desk-page").look()  // who it is, if the server's own word is still on its way
    if (document.hidden && Notification.permission === "granted")
      new Notification(document.title, { tag: "call" }).onclick = () => window.focus()
  }

  /** She has had this caller already: nobody has to press anything. */
  #takeAtOnce() {
    if (this.#shown.answered && this.#shown.state === "ringing") this.#phone?.answer()
  }

  #ended() {
    this.#leg = ""
    this.#muted = false
    document.querySelector("[data-typed]").textContent = ""
    this.#levels(null)
    this.#draw()
  }

  #failed({ why, text }) {
    if (text) this.closest("desk-page").say(text)
    if (why === "refused" || why === "superseded" || why === "switch") {
      this.#stop()
      if (why !== "superseded") this.#later()
    }
  }

  #registered(on) {
    const before = this.isRegistered
    this.isRegistered = on
    this.#draw()
    if (before !== on) document.dispatchEvent(new CustomEvent("phone-changed"))
  }

  // -- what is shown -----------------------------------------------------------------------

  #draw() {
    for (const state of document.querySelectorAll("[data-phone-state]")) {
      state.className = `st ${this.isRegistered ? "st-ready" : "st-off"}`
      state.textContent = this.isRegistered ? this.dataset.on : this.dataset.off
    }
    const allowed = globalThis.Notification?.permission === "granted"
    for (const state of document.querySelectorAll("[data-sound-state]")) {
      state.className = `st ${allowed ? "st-ready" : "st-warn"}`
      state.textContent = allowed ? state.dataset.yes : state.dataset.no
      state.parentElement.querySelector("button").hidden = allowed
    }
    for (const button of document.querySelectorAll("[data-does=mute]")) {
      button.setAttribute("aria-pressed", String(this.#muted))
      button.classList.toggle("btn-on", this.#muted)
      button.querySelector("[data-off]").hidden = this.#muted
      button.querySelector("[data-on]").hidden = !this.#muted
    }
  }

  #levels(levels) {
    this.querySelector("[data-levels]").hidden = !levels
    for (const meter of this.querySelectorAll("[data-level]"))
      meter.querySelectorAll("i").forEach((bar, i) => bar.classList.toggle("on", i <= (levels?.[meter.dataset.level] ?? -1)))
  }
}
customElements.define("soft-phone", SoftPhone)
