// The theme's library labels its scroll areas in English; what scrolls needs no label.
addEventListener("DOMContentLoaded", () => { SimpleBar.defaultOptions.ariaLabel = "" })
