import JsSIP from "../vendor/jssip.js"
import { Softphone } from "./softphone.js"

const REALM = "bankline"  // settings.SIP_REALM
const EXPIRES_S = 45  // renewed before a proxy takes the socket for idle
const BACK_WITHIN_S = 5  // between attempts, once the switch is gone
const AGAIN_MS = 2_000  // until it registers once more where the switch would not have it yet
const GATHER_MS = 150  // after the first of our addresses; on a local network there is no better one
const LEVEL_MS = 250
const STEPS = [0.002, 0.01, 0.04, 0.12]  // of full scale: silence, breath, speech, loud speech
const BUSY = 486
// A leg that ends so was lost with its page; one that she ends says 16, normal clearing.
const LOST = 'Reason: Q.850;cause=41;text="page left"'

/** SIP over WebSocket, and sound by WebRTC, to FreeSWITCH. */
export class JssipPhone extends Softphone {
  #agent
  #call = null  // JsSIP's session, from the first ring to its end
  #hungUp = false
  #microphone
  #speaker = new Audio()
  #measuring
  #again

  async start({ user, secret, url }) {
    try {
      // Kept open: answering must not wait for it, and it shows our addresses to the switch.
      this.#microphone = await navigator.mediaDevices.getUserMedia({ audio: true })
    } catch {
      return this.say("failed", { why: "microphone" })
    }
    this.#agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(url)],
      uri: `sip:${user}@${REALM}`,
      password: secret,
      register_expires: EXPIRES_S,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: BACK_WITHIN_S,
    })
    this.#agent.on("registered", () => this.say("registered"))
    this.#agent.on("unregistered", () => this.say("unregistered"))
    this.#agent.on("disconnected", () => {
      clearTimeout(this.#again)
      this.say("unregistered")
    })
    this.#agent.on("registrationFailed", ({ response, cause }) => this.#refused(response, cause))
    this.#agent.on("newRTCSession", ({ session, request, originator }) => {
      if (originator === "remote") this.#invited(session, request.call_id)
    })
    addEventListener("pagehide", this.#leave)
    this.#agent.start()
  }

  answer() {
    if (!this.#call?.isInProgress()) return
    this.#call.answer({ mediaStream: this.#microphone, pcConfig: { iceServers: [] } })
  }

  hangUp() {
    if (!this.#call) return
    this.#hungUp = true
    this.#call.terminate(this.#call.isEstablished() ? {} : { status_code: BUSY })
  }

  mute(on) {
    if (on) this.#call?.mute({ audio: true })
    else this.#call?.unmute({ audio: true })
  }

  sendDigits(digits) {
    this.#call?.sendDTMF(digits, { transportType: "RFC2833", duration: 100, interToneGap: 70 })
  }

  stop() {
    removeEventListener("pagehide", this.#leave)
    this.#leave()
    for (const track of this.#microphone?.getTracks() ?? []) track.stop()
  }

  /** What is measured of the sound, for whoever wants to know more than `level`. */
  stats() {
    return this.#call?.connection?.getStats()
  }

  // -- a call ------------------------------------------------------------------------------

  #invited(session, leg) {
    if (this.#call) return session.terminate({ status_code: BUSY })
    this.#call = session
    this.#hungUp = false
    session.on("peerconnection", ({ peerconnection }) => this.#listen(peerconnection))
    session.on("icecandidate", ({ ready }) => setTimeout(ready, GATHER_MS))
    session.on("accepted", () => this.say("answered", { leg }))
    session.on("confirmed", () => this.#measure())
    session.on("ended", ({ originator }) => this.#over(leg, originator))
    session.on("failed", ({ originator }) => this.#over(leg, originator))
    // Told once it can be answered: who had this caller already does so at once.
    session.on("progress", () => this.say("ringing", { leg }))
  }

  #over(leg, originator) {
    clearInterval(this.#measuring)
    this.#call = null
    this.#speaker.srcObject = null
    for (const track of this.#microphone.getAudioTracks()) track.enabled = true
    const cause = this.#hungUp ? "hung-up" : originator === "remote" ? "over" : "lost"
    this.say("ended", { leg, cause })
  }

  #leave = () => {
    clearTimeout(this.#again)
    if (this.#call?.isEstablished()) this.#call.terminate({ extraHeaders: [LOST] })
    this.#agent?.stop()
  }

  /** In mid-call nothing is final: web, which is asked who may register, may only be restarting. */
  #refused(response, cause) {
    if (response?.status_code === 403 && !this.#call) {
      this.stop()
      return this.say("failed", { why: "refused" })
    }
    // JsSIP tries again only when its socket broke; a switch that starts says 503 on a sound one.
    this.#again = setTimeout(() => this.#agent.register(), AGAIN_MS)
    this.say("failed", { why: "unreachable", cause })
  }

  // -- its sound ---------------------------------------------------------------------------

  #listen(connection) {
    connection.addEventListener("track", ({ streams }) => {
      this.#speaker.srcObject = streams[0]
      this.#speaker.play().catch(() => this.say("failed", { why: "speaker" }))
    })
  }

  #measure() {
    clearInterval(this.#measuring)
    this.#measuring = setInterval(async () => {
      const level = { mine: 0, theirs: 0 }
      for (const part of (await this.stats())?.values() ?? []) {
        if (part.kind !== "audio") continue
        if (part.type === "media-source") level.mine = steps(part.audioLevel)
        if (part.type === "inbound-rtp") level.theirs = steps(part.audioLevel)
      }
      this.say("level", level)
    }, LEVEL_MS)
  }
}

const steps = level => STEPS.filter(step => level > step).length
