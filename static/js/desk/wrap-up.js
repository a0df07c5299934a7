const SAVE_MS = 3_000

/** <wrap-up entry>: keeps what is typed in the tab at once, on the server every few seconds. */
class WrapUp extends HTMLElement {
  #form
  #timer
  #saving = false
  #unsaved = false

  connectedCallback() {
    this.#form = this.querySelector("form")
    this.#form.addEventListener("input", this.#typed)
    this.#form.querySelector("[data-other]").addEventListener("change", this.#other)
    this.#form.addEventListener("htmx:configRequest", this.#ready)
    this.#form.addEventListener("htmx:afterRequest", this.#finished)
    document.addEventListener("desk-shown", this.#shown)
    document.addEventListener("desk-connected", this.#again)
    this.#restore()
    this.#show(document.body.dataset.state)
    this.#timer = setInterval(() => this.#save(), SAVE_MS)
  }

  disconnectedCallback() {
    clearInterval(this.#timer)
    document.removeEventListener("desk-shown", this.#shown)
    document.removeEventListener("desk-connected", this.#again)
  }

  /** Whether she has written herself: then no fresh draft takes its place. */
  get isTyped() { return sessionStorage.getItem(this.#key) !== null }

  get #key() { return `wrap-up-${this.getAttribute("entry")}` }

  #typed = () => {
    this.#unsaved = true
    const { code, note, follows, follow_up_at } = this.#values()
    sessionStorage.setItem(this.#key, JSON.stringify({ code, note, follows, follow_up_at }))
  }

  #values() { return Object.fromEntries(new FormData(this.#form)) }

  /** After a reload: what was typed stands again, and goes to the server. */
  #restore() {
    const kept = sessionStorage.getItem(this.#key)
    if (!kept) return
    const { code, note, follows, follow_up_at } = JSON.parse(kept)
    const { elements } = this.#form
    elements.note.value = note ?? ""
    elements.follows.checked = follows === "on"
    elements.follow_up_at.value = follow_up_at ?? ""
    if (code) this.#choose(code)
    this.#unsaved = true
  }

  /** By one of the first codes, or by the list of all. */
  #choose(code) {
    const first = this.#form.querySelector(`input[name=code][value="${CSS.escape(code)}"]`)
    const other = this.#form.querySelector("[data-other]")
    if (first) {
      first.checked = true
      return
    }
    for (const radio of this.#form.querySelectorAll("input[name=code]")) radio.checked = false
    other.name = "code"
    other.value = code
  }

  #other = ({ target }) => {
    if (!target.value) return target.removeAttribute("name")
    const first = this.#form.querySelector(`input[name=code][value="${CSS.escape(target.value)}"]`)
    if (first) {
      first.checked = true
      target.value = ""
      target.removeAttribute("name")
    } else this.#choose(target.value)
    this.#typed()
  }

  #shown = ({ detail }) => this.#show(detail.state)

  #show(state) {
    const over = state === "wrap_up"
    const button = this.#form.querySelector("[data-finish]")
    button.setAttribute("aria-disabled", String(!over))
    button.classList.toggle("btn-go", over)
    button.querySelector("[data-live]").hidden = over
    button.querySelector("[data-over]").hidden = !over
  }

  /** While the call lasts the button does nothing. */
  #ready = event => {
    if (document.body.dataset.state !== "wrap_up") event.preventDefault()
  }

  #finished = ({ detail }) => {
    if (detail.xhr?.status === 204) sessionStorage.removeItem(this.#key)
  }

  #again = () => { if (this.#unsaved) this.#save() }

  async #save() {
    if (!this.#unsaved || this.#saving) return
    this.#saving = true
    this.#unsaved = false
    try {
      const answer = await fetch(this.#form.dataset.save, {
        method: "POST",
        headers: { ...JSON.parse(document.body.getAttribute("hx-headers")), "X-Tab": this.closest("desk-page").tab },
        body: new FormData(this.#form),
      })
      const words = await answer.text()
      if (answer.ok) this.#say(words)
      else if (answer.status < 500) this.closest("desk-page").say(words)
      else this.#unsaved = true
    } catch {
      this.#unsaved = true  // no connection: kept in the tab, tried again
    } finally {
      this.#saving = false
    }
  }

  #say(at) {
    const line = document.querySelector("[data-saved]")
    line.textContent = line.dataset.words.replace("%(at)s", at)
  }
}
customElements.define("wrap-up", WrapUp)
