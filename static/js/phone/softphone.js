/**
 * The agent's phone in her browser: one interface, two backs.
 *
 *     const phone = await softphone("sip")  // or "simulated": the server says which
 *     phone.addEventListener("ringing", ({ detail }) => show(detail.leg))
 *     await phone.start({ user: "1001", secret, url })
 *
 * What it tells, each with its `detail`:
 *   registered               calls reach her from now on
 *   unregistered             … no longer; it comes back by itself
 *   ringing     {leg}        the switch's name of this leg; one at a time
 *   answered    {leg}
 *   ended       {leg, cause} `hung-up` by her, `over` by the switch, `lost`
 *   level       {mine, theirs}  0 to 4, four times a second while she talks; without sound never
 *   refused     {text}       what was asked for last can't be done; the phone is as it was
 *   failed      {why, text}  `refused` (not signed in), `superseded` (by another window), `switch`
 *                            (there is none): it is over. `microphone`, `speaker`: what she must
 *                            allow. `unreachable`: it goes on trying. Text where the server wrote it
 *
 * The server holds a call (desk commands); a phone only rings, answers, mutes, keys and hangs up.
 */
export class Softphone extends EventTarget {
  /** Be the phone of this staff number. Resolves when it tries; `registered` tells that it is. */
  async start({ user, secret, url }) {}

  /** Pick up what rings. */
  answer() {}

  /** End the call, or decline what rings: her own wish. */
  hangUp() {}

  /** She is not heard while it is on; forgotten with the call. */
  mute(on) {}

  /** Keys for the other end: 0-9 * #. */
  sendDigits(digits) {}

  /** Be a phone no longer. A call that goes on counts as lost, not as hung up. */
  stop() {}

  say(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

const BACKS = {
  sip: () => import("./jssip-back.js").then(module => new module.JssipPhone()),
  simulated: () => import("./simulated-back.js").then(module => new module.SimulatedPhone()),
}

/** A phone of this kind, not yet started. */
export const softphone = kind => BACKS[kind]()
