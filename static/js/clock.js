/** Business time as the server tells it: PC clocks are wrong, and CLOCK_RATE makes it run faster. */
let at = Date.now()
let since = performance.now()
let rate = 1

/** The server's time just now, as it came with a page or a heartbeat. */
export function tell(iso, speed = rate) {
  at = Date.parse(iso)
  since = performance.now()
  rate = Number(speed)
}

/** Milliseconds since the epoch. */
export function serverNow() {
  return at + (performance.now() - since) * rate
}

const told = document.documentElement.dataset
if (told.now) tell(told.now, told.rate ?? 1)
