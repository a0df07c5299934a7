// The theme's library labels its scroll areas in English; what scrolls needs no label.
addEventListener("load", () => {
  for (const area of document.querySelectorAll(".simplebar-content-wrapper")) {
    area.removeAttribute("aria-label")
  }
})
