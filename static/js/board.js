import "./state-clock.js"
import "./live-parts.js"

/** A board is drawn for 1920 × 1080; another screen shows the same, larger or smaller. */
function fit() {
  document.body.style.transform = `scale(${Math.min(innerWidth / 1920, innerHeight / 1080)})`
}

addEventListener("resize", fit)
fit()
