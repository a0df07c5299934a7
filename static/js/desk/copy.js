// Words as they stand on the page, blanks by their names. By the selection, and not by the
// clipboard's own interface: a page that comes without TLS has none.
document.addEventListener("click", event => {
  const button = event.target.closest("[data-copies]")
  if (!button) return
  getSelection().selectAllChildren(document.getElementById(button.dataset.copies))
  if (document.execCommand("copy")) button.firstChild.textContent = `${button.dataset.done} `
})
