// The theme's library labels its scroll areas in English; what scrolls needs no label. Ours is the
// document's first listener: the library makes the areas in its own.
document.addEventListener("DOMContentLoaded", () => { SimpleBar.defaultOptions.ariaLabel = "" })
