// What can be done for her, narrowed by each letter typed; the first that is left is one ↵ away.

/** <service-list> around a field and buttons with `data-typed`, in sections that go when empty. */
class ServiceList extends HTMLElement {
  #at = 0

  connectedCallback() {
    this.addEventListener("input", () => { this.#at = 0; this.#show() })
    this.addEventListener("keydown", event => this.#pressed(event))
    this.#show()
  }

  get #left() { return [...this.querySelectorAll("[data-typed]:not([hidden])")] }

  #show() {
    const wanted = this.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean)
    for (const button of this.querySelectorAll("[data-typed]"))
      button.hidden = !wanted.every(word => this.#fits(button.dataset.typed.toLowerCase(), word))
    for (const group of this.querySelectorAll("section"))
      group.hidden = !group.querySelector("[data-typed]:not([hidden])")
    const left = this.#left
    this.querySelector("[data-none]").hidden = left.length > 0
    const chosen = left[this.#at]
    for (const button of this.querySelectorAll("[data-typed]")) button.ariaSelected = button === chosen
    this.querySelector("input").setAttribute("aria-activedescendant", chosen?.id ?? "")
    chosen?.scrollIntoView({ block: "nearest" })
  }

  /** Letters begin a word or initials; characters may stand anywhere in a name. */
  #fits(typed, word) {
    if (/^[\x00-\x7f]*$/.test(word)) return typed.split(/\s+/).some(each => each.startsWith(word))
    return typed.includes(word)
  }

  /** An input method's own ↵ ends a word, and chooses nothing. */
  #pressed(event) {
    if (event.isComposing) return
    const left = this.#left
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && left.length) this.#at = (this.#at + step + left.length) % left.length
    else if (event.key === "Enter" && event.target.matches("input")) left[this.#at]?.click()
    else return
    event.preventDefault()
    this.#show()
  }
}
customElements.define("service-list", ServiceList)
