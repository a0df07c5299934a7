import "./count-down.js"
import "./server-clock.js"
import "./desk/keys.js"
import "./desk/dialogs.js"

// What is keyed again is keyed, not pasted.
document.addEventListener("paste", event => { if (event.target.matches("[data-blind]")) event.preventDefault() })

// Enter in a field goes to the next one: an order is sent by Ctrl ↵ alone.
document.addEventListener("keydown", event => {
  const field = event.target.closest("#make input")
  if (event.key !== "Enter" || event.ctrlKey || event.isComposing || !field) return
  event.preventDefault()
  const fields = [...document.querySelectorAll("#make input:not([type=hidden], [type=radio]:not(:checked))")]
  fields[fields.indexOf(field) + 1]?.focus()
})
