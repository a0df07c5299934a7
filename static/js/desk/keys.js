// Every action has a key. F keys work inside fields as well; a letter goes to an area, letter and
// digit act; in a dialog a digit acts, and so it does in a procedure. Physical keys: an active
// input method does not matter.
const ARMED_MS = 2_000
const SIGNS = { Slash: "/", NumpadDivide: "/", Equal: "+", NumpadAdd: "+", Minus: "-", NumpadSubtract: "-" }

let area = ""
let until = 0

function nameOf(event) {
  const { code } = event
  if (code === "Slash" && event.shiftKey) return "?"
  if (/^Key[A-Z]$/.test(code)) return code.slice(3)
  if (/^(Digit|Numpad)[0-9]$/.test(code)) return dtmf(event) ?? code.at(-1)
  if (code === "NumpadMultiply") return "*"
  if (/^F\d+$/.test(code)) return code
  return SIGNS[code] ?? code
}

/** The keypad's star and hash, which share a key with a digit. */
function dtmf(event) {
  return event.shiftKey ? { Digit8: "*", Digit3: "#" }[event.code] : undefined
}

const isField = element => element?.closest("input, textarea, select, [contenteditable]") !== null
// A field in a dialog that was closed a moment ago may still have the focus: nobody types there.
const types = element => isField(element) && element.checkVisibility() && !element.matches("input[type=radio], input[type=checkbox]")

function act(element) {
  if (!element || element.getAttribute("aria-disabled") === "true") return false
  if (element.matches("select, textarea, input:not([type=radio], [type=checkbox])")) {
    element.focus()
    if (element.matches("textarea")) element.setSelectionRange(element.value.length, element.value.length)
  } else element.click()
  return true
}

function find(key, within = document) {
  return [...within.querySelectorAll(`[data-key="${key}"]`)].find(element => element.checkVisibility())
}

function go(letter) {
  const place = document.querySelector(`[data-area="${letter}"]:not([hidden])`)
  if (!place) return false
  place.scrollIntoView({ block: "nearest" })
  place.focus({ preventScroll: true })
  area = letter
  until = performance.now() + ARMED_MS
  return true
}

/** A letter counts until she has come to something else, which has digits of its own. */
function isArmed() {
  const at = document.activeElement
  return area && performance.now() < until && (at === document.body || at.closest(`[data-area="${area}"]`))
}

/** ↵ on a choice goes on, as it does in a text field. An open list takes its own ↵. */
function submit(form) {
  form?.requestSubmit()
  return Boolean(form)
}

/** A caller who rings doesn't wait for what was opened a moment before. */
function answer(dialog) {
  if (find("F2")?.getAttribute("aria-disabled") === "true") return false
  dialog.close()
  return act(find("F2"))
}

function pressed(event) {
  const dialog = document.querySelector("dialog[open]")
  const key = nameOf(event)
  if (event.ctrlKey && key === "Enter") return act(find("Ctrl Enter", dialog ?? document))
  if (event.ctrlKey || event.altKey || event.metaKey) return false
  if (dialog) {
    if (key === "F2" && !dialog.matches("[data-stays]")) return answer(dialog)
    if (key === "Enter" && event.target.matches("select")) return submit(event.target.form)
    if (types(event.target)) return false
    return act(dialog.querySelector(`[data-digit="${CSS.escape(key)}"]`))
  }
  if (key.startsWith("F") && key.length > 1) return act(find(key))
  if (key === "Escape") return types(event.target) && (event.target.blur(), true)
  if (key === "/" && event.target.matches('[data-key="/"]') && !event.target.value) return true  // she is there
  if (types(event.target) || event.shiftKey && !["?", "+"].includes(key)) return false
  if (/^[0-9]$/.test(key) && isArmed() && act(find(`${area} ${key}`))) return true
  if (/^[A-Z]$/.test(key)) return act(find(key)) || go(key)
  return act(find(key))
}

document.addEventListener("keydown", event => {
  if (event.repeat || event.isComposing) return
  if (pressed(event)) event.preventDefault()
})
