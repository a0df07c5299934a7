import { Softphone } from "./softphone.js"

const AGAIN_MS = [500, 4_000]  // the first and the longest pause between attempts

/** A phone on the simulated switch, through web. It carries no sound: there is nothing to measure. */
export class SimulatedPhone extends Softphone {
  #url
  #socket = null
  #leg = ""
  #off = false  // for good: stopped, or told why
  #pause = AGAIN_MS[0]
  #again

  async start({ url = "/ws/softphone/" }) {
    this.#url = new URL(url, location.href.replace(/^http/, "ws"))
    this.#url.searchParams.set("language", document.documentElement.lang)
    this.#connect()
  }

  answer() { this.#send({ do: "answer" }) }
  hangUp() { this.#send({ do: "hang_up" }) }
  sendDigits(digits) { this.#send({ do: "key", keys: digits }) }

  stop() {
    this.#off = true
    clearTimeout(this.#again)
    this.#socket?.close()
  }

  // -- its socket --------------------------------------------------------------------------

  #connect() {
    this.#socket = new WebSocket(this.#url)
    this.#socket.addEventListener("message", ({ data }) => this.#told(JSON.parse(data)))
    this.#socket.addEventListener("close", () => this.#closed())
  }

  #told({ event, ...detail }) {
    if (event === "registered") this.#pause = AGAIN_MS[0]
    if (event === "ringing") this.#leg = detail.leg
    if (event === "ended") this.#leg = ""
    if (event === "failed") this.#off = true
    this.say(event, detail)
  }

  /** What rang or talked is lost with it; web may only have restarted. */
  #closed() {
    this.say("unregistered")
    if (this.#leg) this.say("ended", { leg: this.#leg, cause: "lost" })
    this.#leg = ""
    if (this.#off) return
    this.#again = setTimeout(() => this.#connect(), this.#pause * (0.5 + Math.random() / 2))
    this.#pause = Math.min(2 * this.#pause, AGAIN_MS[1])
  }

  #send(what) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(what))
  }
}
