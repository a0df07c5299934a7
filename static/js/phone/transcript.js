/** <call-transcript>: what is said as it is said; what lies ahead of the ear is grey. */
class CallTranscript extends HTMLElement {
  #rows = new Map()
  #timers = []

  clear() {
    this.#hush()
    this.#rows.clear()
    this.replaceChildren()
  }

  /** `parts` are {text, seconds}; `rate` is seconds of the switch a second. */
  playing({ line, clock, parts }, rate) {
    this.#hush()
    const row = this.#row(line, clock, "now")
    let seconds = 0
    for (const part of parts) {
      const span = document.createElement("span")
      span.textContent = part.text
      span.className = "ahead"
      row.append(span)
      this.#timers.push(setTimeout(() => span.classList.remove("ahead"), seconds * 1000 / rate))
      seconds += part.seconds
    }
    this.#follow()
  }

  played({ line, interrupted, text, heard_s }) {
    this.#hush()
    const row = this.#rows.get(line)
    if (!row) return
    row.parentElement.classList.remove("now")
    if (interrupted) this.#mark(row, text, heard_s)
    else for (const span of row.children) span.classList.remove("ahead")
  }

  keyed({ line, clock, text }) {
    const row = this.#rows.get(line) ?? this.#row(line, clock, "me")
    row.textContent = text
    this.#follow()
  }

  note({ clock, text }) {
    this.#hush()
    for (const row of this.querySelectorAll(".now")) row.classList.remove("now")
    this.#row(`note ${clock} ${text}`, clock, "note").textContent = text
    this.#follow()
  }

  #mark(row, text, heardSeconds) {
    const mark = document.createElement("span")
    mark.className = "mute"
    mark.textContent = ` ${text}`
    mark.title = `${heardSeconds.toFixed(1)} s`
    row.append(mark)
  }

  #row(line, clock, kind) {
    const row = document.createElement("div")
    row.className = kind
    const time = document.createElement("time")
    time.textContent = clock
    const words = document.createElement("p")
    row.append(time, words)
    this.append(row)
    this.#rows.set(line, words)
    return words
  }

  #follow() { this.scrollTop = this.scrollHeight }

  #hush() { for (const timer of this.#timers.splice(0)) clearTimeout(timer) }
}
customElements.define("call-transcript", CallTranscript)
