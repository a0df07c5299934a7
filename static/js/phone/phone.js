import { Sound } from "./sound.js"
import "./transcript.js"

const FILE_STRING_LEAD = 0.25  // seconds of silence that the switch puts before several files

/** <test-phone socket="…" record="…" prompts="…">: dials, keys, shows; the server says the words. */
class TestPhone extends HTMLElement {
  #socket
  #sound
  #call = null  // the channel, while a call lasts
  #rate = 1
  #began = 0
  #ticking
  #reading = false
  #stale = false

  connectedCallback() {
    this.#sound = new Sound(this.getAttribute("prompts"), this.getAttribute("own"))
    this.addEventListener("click", event => this.#clicked(event.target))
    this.#at("[data-form]").addEventListener("submit", event => { event.preventDefault(); this.#dial() })
    document.addEventListener("keydown", this.#keyed)
    const wanted = localStorage.getItem("phone-sound")
    this.#at("[data-sound]").checked = wanted !== "off"
    this.#connect()
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#keyed)
    this.#over()
    this.#socket.close()
  }

  // -- what is done ------------------------------------------------------------------------

  #clicked(target) {
    const button = target.closest("button")
    if (target.matches("[data-sound]")) this.#silenceOrNot(target.checked)
    else if (!button || button.getAttribute("aria-disabled") === "true") return
    else if (button.dataset.key) this.#press(button.dataset.key)
    else if (button.dataset.card) this.#send({ do: "card", card: Number(button.dataset.card) })
    else if (button.matches("[data-dial]")) this.#dial()
    else if (button.matches("[data-hang-up]")) this.#send({ do: "hang_up" })
  }

  #keyed = event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    if (event.key === "Escape") return document.activeElement?.blur()
    if (event.key === "F9" && this.#call) {
      event.preventDefault()
      return this.#send({ do: "hang_up" })
    }
    if (event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return
    if (event.key === "Enter" && !this.#call && !event.target.closest("button, a, label")) this.#dial()
    if (/^[0-9*#]$/.test(event.key) && this.#call) {
      event.preventDefault()
      this.#press(event.key)
    }
  }

  #dial() {
    if (this.#call) return
    const form = new FormData(this.#at("[data-form]"))
    if (!form.get("number")) return
    if (this.#at("[data-sound]").checked) this.#sound.allow()
    this.#say("")
    this.#at("call-transcript").clear()
    this.#send({ do: "dial", number: form.get("number"), caller: form.get("caller"), token: form.get("token") ?? "" })
  }

  #press(key) {
    const button = this.#at(`[data-key="${key}"]`)
    button.classList.add("pressed")
    setTimeout(() => button.classList.remove("pressed"), 120)
    this.#send({ do: "key", keys: key })
  }

  #silenceOrNot(on) {
    localStorage.setItem("phone-sound", on ? "on" : "off")
    if (on) this.#sound.allow()
    else this.#sound.stop()
  }

  // -- what is heard -----------------------------------------------------------------------

  #connect() {
    this.#socket = new WebSocket(this.getAttribute("socket"))
    this.#socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(data)))
    this.#socket.addEventListener("close", () => {
      this.#over()
      this.#say(this.dataset.lost)
    })
  }

  #heard(message) {
    const transcript = this.#at("call-transcript")
    switch (message.event) {
      case "dialled": return this.#dialled(message)
      case "playing":
        transcript.playing(message, this.#rate)
        return this.#play(message.parts.flatMap(part => part.files))
      case "played":
        this.#sound.stop()
        return transcript.played(message)
      case "keyed": return transcript.keyed(message)
      case "stage":
        this.#show(message.what === "ringing" ? "st-ring" : "st-talk", message.text)
        return message.what === "ringing" || message.what === "answered" || transcript.note(message)
      case "ended":
        transcript.note(message)
        return this.#over()
      case "record": return this.#readRecord()
      case "error": return this.#say(message.text)
    }
  }

  #dialled({ call, rate }) {
    this.#call = call
    this.#rate = rate
    this.#began = performance.now()
    this.setAttribute("call", call)
    this.#enable(true)
    this.#ticking = setInterval(() => this.#tick(), 250)
    this.#readRecord()
  }

  #play(files) {
    if (this.#rate !== 1 || !this.#at("[data-sound]").checked) return
    this.#sound.play(files, { leadSeconds: files.length > 1 ? FILE_STRING_LEAD : 0 })
  }

  #over() {
    if (this.#call) this.#show("st-off", this.dataset.over)
    this.#call = null
    clearInterval(this.#ticking)
    this.#sound.stop()
    this.#enable(false)
  }

  // -- what is shown -----------------------------------------------------------------------

  #tick() {
    const s = Math.floor((performance.now() - this.#began) / 1000 * this.#rate)
    this.#at("[data-clock]").textContent = [Math.floor(s / 60), s % 60].map(n => String(n).padStart(2, "0")).join(":")
  }

  #show(shape, words) {
    const state = this.#at("[data-state]")
    state.className = `st ${shape}`
    state.textContent = words
  }

  #say(words) {
    const error = this.#at("[data-error]")
    error.textContent = words
    error.hidden = !words
  }

  #enable(on) {
    for (const button of this.querySelectorAll("[data-key], [data-card]"))
      button.setAttribute("aria-disabled", String(!on))
    this.#at("[data-dial]").hidden = on
    this.#at("[data-hang-up]").hidden = !on
  }

  /** One fetch at a time; what changed meanwhile is fetched after it. */
  async #readRecord() {
    this.#stale = true
    if (this.#reading) return
    this.#reading = true
    try {
      while (this.#stale) {
        this.#stale = false
        const answer = await fetch(`${this.getAttribute("record")}${this.getAttribute("call")}/`)
        if (answer.ok) this.#showRecord(await answer.text())
      }
    } finally {
      this.#reading = false
    }
  }

  #showRecord(html) {
    this.#at("[data-record-pane]").innerHTML = html
    const steps = this.#at("[data-follow]")
    if (steps) steps.scrollTop = steps.scrollHeight
  }

  #at(selector) { return this.querySelector(selector) }

  /** What is pressed before the socket is open goes out when it is. */
  #send(what) {
    const send = () => this.#socket.send(JSON.stringify(what))
    if (this.#socket.readyState === WebSocket.OPEN) send()
    else if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.addEventListener("open", send, { once: true })
    else this.#say(this.dataset.lost)
  }
}
customElements.define("test-phone", TestPhone)
