"""The contrast of every text that a page shows, as WCAG 2.2 reckons it (1.4.3, 1.4.6).

What is behind a text is found by walking up from it, every translucent layer laid on the next;
opacity counts, as a `filter` of the page does not: it makes grey of grey.
"""

from dataclasses import dataclass

from playwright.sync_api import Page

LARGE_PX, LARGE_BOLD_PX = 24, 18.66
BOLD = 600

MEASURE = """() => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })
    const known = new Map()
    const rgba = colour => {
        if (!known.has(colour)) {
            context.clearRect(0, 0, 1, 1)
            context.fillStyle = colour
            context.fillRect(0, 0, 1, 1)
            const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data
            known.set(colour, [r, g, b, a / 255])
        }
        return known.get(colour)
    }
    const over = (top, below) => top.slice(0, 3)
        .map((value, i) => value * top[3] + below[i] * (1 - top[3])).concat(1)
    const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0)
    const WHITE = [255, 255, 255, 1]
    const lineage = e => e ? [e, ...lineage(e.parentElement)] : []
    const behind = e => lineage(e).reverse().reduce(
        (below, one) => over(rgba(getComputedStyle(one).backgroundColor), below), WHITE)
    const opacity = e => lineage(e).reduce((all, one) => all * getComputedStyle(one).opacity, 1)
    const found = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const measure = (e, words, style) => {
        const back = behind(e)
        const ink = rgba(e instanceof SVGElement ? style.fill : style.color)
        const fore = over([...ink.slice(0, 3), ink[3] * opacity(e)], back)
        const [light, dark] = [luminance(fore), luminance(back)].sort((a, b) => b - a)
        found.push({
            words: words.slice(0, 40),
            where: `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""}`,
            ratio: (light + .05) / (dark + .05),
            px: parseFloat(style.fontSize),
            weight: Number(style.fontWeight),
        })
    }
    while (walker.nextNode()) {
        const words = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement
        const style = getComputedStyle(e)
        if (!words || !e.checkVisibility({ visibilityProperty: true }) || opacity(e) === 0) continue
        if (e.closest("script, style, noscript, title, desc, .material-symbols-outlined")) continue
        if (e.closest("[aria-disabled=true], :disabled")) continue  // 1.4.3 leaves them out
        const box = e.getBoundingClientRect()
        if (box.width <= 1 || box.height <= 1) continue
        measure(e, words, style)
    }
    for (const field of document.querySelectorAll("input[placeholder]:placeholder-shown")) {
        if (!field.checkVisibility()) continue
        measure(field, field.placeholder, getComputedStyle(field, "::placeholder"))
    }
    return found
}"""


@dataclass(frozen=True)
class Text:
    """One text, its colour against what is behind it."""

    words: str
    where: str
    ratio: float
    px: float
    weight: int

    @property
    def is_large(self) -> bool:
        return self.px >= LARGE_PX or (self.px >= LARGE_BOLD_PX and self.weight >= BOLD)

    def __str__(self) -> str:
        return f"{self.ratio:.2f} : 1 {self.words!r} in {self.where}, {self.px:g} px"


def texts(page: Page) -> list[Text]:
    """Every text on the page, the faintest first."""
    return sorted((Text(**found) for found in page.evaluate(MEASURE)), key=lambda t: t.ratio)


def too_faint(page: Page, *, at_least: float, large: float) -> list[str]:
    """What is below the bound of its size. Raises AssertionError for a page without texts."""
    seen = texts(page)
    assert len(seen) > 5
    return [str(text) for text in seen if text.ratio < (large if text.is_large else at_least)]
