// The bank's answers: found as she types, chosen by arrows, opened by ↵, left by Esc.

const SETTLED_MS = 500  // without another letter: that is what she looked for

/** <knowledge-search searched> around the field and the place where results and answers stand. */
class KnowledgeSearch extends HTMLElement {
  #at = 0
  #waits = false  // for the results of what was typed last
  #entered = false  // ↵ came before them
  #settling

  connectedCallback() {
    this.addEventListener("input", () => this.#typed())
    this.addEventListener("keydown", event => this.#pressed(event))
    this.addEventListener("click", event => { if (event.target.closest("[data-leaves]")) this.#back() })
    this.addEventListener("htmx:afterSettle", () => this.#arrived())  // its buttons work from here on
  }

  disconnectedCallback() { clearTimeout(this.#settling) }

  /** What is typed or read is not swapped away under her hands. */
  get isTyped() { return this.#field === document.activeElement }

  get #field() { return this.querySelector("input") }

  get #article() { return this.querySelector(".answer") }

  get #hits() {
    return [...this.closest(".col").querySelectorAll("[data-hit]")].filter(hit => hit.checkVisibility())
  }

  #typed() {
    this.#at = 0
    this.#waits = true
    this.#entered = false
    this.#settled()
  }

  /** What is near to earlier words is not put over what is here now. */
  #settled() {
    clearTimeout(this.#settling)
    htmx.trigger(this, "htmx:abort")
  }

  #arrived() {
    if (this.#article) {
      this.#settled()
      return (this.#article.querySelector("[autofocus]") ?? this.#article).focus()
    }
    if (this.querySelector("[data-asked]")?.dataset.asked !== this.#field.value.trim()) return  // of fewer letters
    this.#choose()
    if (!this.#waits) return
    this.#waits = false
    if (this.#entered) return this.#open()
    if (this.#field.value.trim()) this.#settling = setTimeout(() => this.#say(), SETTLED_MS)
  }

  /** Written down, and answered where something else is near in meaning; what she moves in stays. */
  #say() {
    const shown = [...this.querySelectorAll("[data-version]")].map(hit => hit.dataset.version)
    const where = this.#at ? { swap: "none" } : { target: "#found", swap: "innerHTML" }
    htmx.ajax("POST", this.getAttribute("searched"), { source: this, ...where, values: { asked: this.#field.value, shown } })
  }

  #choose() {
    this.#hits.forEach((hit, at) => { hit.ariaSelected = at === this.#at })
    this.#hits[this.#at]?.scrollIntoView({ block: "nearest" })
  }

  #open() {
    this.#entered = false
    this.#settled()
    this.#hits[this.#at]?.click()
  }

  /** To the results that it was opened from, or to what is suggested. */
  #back() {
    this.querySelector("#found").replaceChildren()
    this.#field.focus()
    this.#waits = Boolean(this.#field.value)
    if (this.#waits) htmx.trigger(this.#field, "again")
  }

  #clear() {
    htmx.trigger(this.#field, "htmx:abort")  // what is still on its way is not wanted
    this.#field.value = ""
    this.#typed()
    this.#waits = false
    this.querySelector("#found").replaceChildren()
  }

  /** An input method's own ↵ ends a word, and opens nothing. */
  #pressed(event) {
    if (event.isComposing) return
    const inField = event.target === this.#field
    if (event.key === "Escape") return this.#article ? this.#back() : this.#clear()
    if (!inField) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const count = this.#hits.length
    if (step && count) this.#at = (this.#at + step + count) % count
    else if (event.key === "Enter") this.#waits ? this.#entered = true : this.#open()
    else return
    event.preventDefault()
    this.#choose()
  }
}
customElements.define("knowledge-search", KnowledgeSearch)
