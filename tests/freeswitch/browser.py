"""A browser with a microphone of its own, on a bare page that holds nothing but the softphone."""

import math
import shutil
import threading
import wave
from array import array
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.conf import settings
from playwright.async_api import Browser, Page, async_playwright

VOICE_HZ = 500  # what the browser's microphone hears: half a second of it in each second
RATE = 48_000
# What the other end is heard as, by pitch: an analyser on each stream that arrives.
EAR = """
const Connection = window.RTCPeerConnection
window.RTCPeerConnection = class extends Connection {
  constructor(...given) {
    super(...given)
    this.addEventListener("track", ({ streams }) => {
      const context = new AudioContext()
      window.ear = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 })
      context.createMediaStreamSource(streams[0]).connect(window.ear)
    })
  }
}
window.pitch = () => {
  const bins = new Float32Array(window.ear.frequencyBinCount)
  window.ear.getFloatFrequencyData(bins)
  const loudest = bins.indexOf(Math.max(...bins))
  return bins[loudest] < -60 ? 0 : loudest * window.ear.context.sampleRate / window.ear.fftSize
}
"""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A bare softphone</title>
<script type="module">
import { softphone } from "/js/phone/softphone.js"
window.told = []
window.phone = await softphone("sip")
window.energy = async () => {
  for (const part of (await window.phone.stats()).values())
    if (part.type === "inbound-rtp" && part.kind === "audio") return part.totalAudioEnergy
  return 0
}
const names = "registered unregistered ringing answered ended level failed"
for (const name of names.split(" "))
  window.phone.addEventListener(name, ({ detail }) => window.told.push({ name, ...detail }))
</script>
"""


class Files(SimpleHTTPRequestHandler):
    """The product's scripts, and the page."""

    def do_GET(self) -> None:
        if self.path != "/bare":
            super().do_GET()
            return
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Its access log is nobody's business."""


@contextmanager
def bare_page():
    """Its address, really on loopback: Chromium asks who serves a page that calls loopback."""
    files = partial(Files, directory=str(settings.BASE_DIR / "static"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), files)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/bare"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


async def hears(page: Page, hertz: float) -> None:
    """Until this is the loudest pitch of what the page plays."""
    await page.wait_for_function(
        "hertz => window.ear && Math.abs(window.pitch() - hertz) < 30",
        arg=hertz,
        timeout=20_000,
        polling=50,
    )


class Softphone:
    """The page, asked and told in a test's words."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def start(self, user: str, secret: str, url: str) -> None:
        await self.page.wait_for_function("window.phone")
        await self.page.evaluate(
            "given => window.phone.start(given)", {"user": user, "secret": secret, "url": url}
        )

    async def do(self, script: str):
        return await self.page.evaluate(script)

    async def hears(self, hertz: float) -> None:
        await hears(self.page, hertz)

    async def tells(self, name: str, *, within_s: float = 30, **detail) -> dict:
        """The next event of that name; those before it are taken too."""
        handle = await self.page.wait_for_function(
            """([name, detail]) => {
              const fits = told => told.name === name
                && Object.entries(detail).every(([key, value]) => told[key] === value)
              const at = window.told.findIndex(fits)
              return at >= 0 && window.told.splice(0, at + 1).at(-1)
            }""",
            arg=[name, detail],
            timeout=within_s * 1000,
            polling=20,
        )
        return await handle.json_value()


@asynccontextmanager
async def browser(folder: Path):
    """Chromium whose microphone hears VOICE_HZ, without asking whether it may."""
    voice = folder / "voice.wav"
    write_voice(voice)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                *("--no-sandbox", "--disable-background-networking", "--disable-sync"),
                *("--disable-component-update", "--disable-gpu"),
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={voice}",
            ],
        )
        try:
            yield running
        finally:
            await running.close()


@asynccontextmanager
async def softphone(running: Browser):
    """The page in a window of its own; closed at the end."""
    with bare_page() as url:
        context = await running.new_context()
        page = await context.new_page()
        await page.add_init_script(EAR)
        await page.goto(url)
        try:
            yield Softphone(page)
        finally:
            await context.close()


def write_voice(path: Path) -> None:
    """A voice that pauses: what never does is taken for noise, and suppressed."""
    samples = array(
        "h",
        (
            int(16_000 * math.sin(2 * math.pi * VOICE_HZ * n / RATE)) if n % RATE < RATE / 2 else 0
            for n in range(RATE * 2)
        ),
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
