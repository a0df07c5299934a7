// Dialogs open with what they ask and close when it is done; Esc leaves them, as everywhere.

function open(dialog) {
  const shown = document.querySelector("dialog[open]")
  if (shown && shown !== dialog) return
  if (!dialog.open) dialog.showModal()
  const first = dialog.querySelector("[autofocus]")
  first?.focus()
  if (first?.matches("textarea")) first.setSelectionRange(first.value.length, first.value.length)
}

document.addEventListener("click", event => {
  const button = event.target.closest("[data-opens]")
  if (button && button.getAttribute("aria-disabled") !== "true") open(document.getElementById(button.dataset.opens))
})

document.body.addEventListener("htmx:afterSwap", event => {
  if (event.detail.target.id === "dialog") open(event.detail.target)
})

document.body.addEventListener("htmx:beforeRequest", event => {
  if (event.detail.elt.getAttribute("aria-disabled") === "true") event.preventDefault()
})

// Done: whatever asked for it goes. What was refused is said in the page's own line.
document.body.addEventListener("htmx:afterRequest", event => {
  const dialog = event.detail.elt.closest("dialog")
  const answer = event.detail.xhr
  if (!dialog?.open || !answer || dialog.matches("[data-stays]")) return
  const refused = answer.status >= 400
  if (answer.status === 204 || refused || event.detail.elt.matches("[data-closes]")) dialog.close()
})

// One that the page itself opens and closes, by what the server says.
for (const dialog of document.querySelectorAll("[data-stays]"))
  dialog.addEventListener("cancel", event => event.preventDefault())

// A number that was shown in full, or a half-written reason, does not stay behind.
document.getElementById("dialog").addEventListener("close", event => event.target.replaceChildren())
