/** Plays prompt files one after the other, gapless, and stops at once when a key is pressed. */
export class Sound {
  #context
  #prompts
  #own
  #buffers = new Map()
  #sources = []
  #turn = 0

  /** `own` is where the bank's own recordings lie: their names end in twelve hex digits. */
  constructor(prompts, own = prompts) {
    this.#prompts = prompts
    this.#own = own
  }

  /** To be called from a click: a browser lets no page speak before it was touched. */
  allow() {
    this.#context ??= new AudioContext()
    return this.#context.resume()
  }

  /** What plays stops; nothing plays before `allow`. */
  async play(files, { leadSeconds = 0 } = {}) {
    this.stop()
    if (!this.#context) return
    const turn = this.#turn
    let at = this.#context.currentTime + leadSeconds
    for (const buffer of await Promise.all(files.map(file => this.#buffer(file)))) {
      if (turn !== this.#turn) return  // interrupted while it was fetched
      if (!buffer) continue  // the words are on the page all the same
      const source = new AudioBufferSourceNode(this.#context, { buffer })
      source.connect(this.#context.destination)
      source.start(at)
      at += buffer.duration
      this.#sources.push(source)
    }
  }

  stop() {
    this.#turn++
    for (const source of this.#sources.splice(0)) source.stop()
  }

  async #buffer(file) {
    if (!this.#buffers.has(file)) this.#buffers.set(file, await this.#load(file))
    return this.#buffers.get(file)
  }

  async #load(file) {
    const base = /\.[0-9a-f]{12}\.wav$/.test(file) ? this.#own : this.#prompts
    const answer = await fetch(base + file)
    if (!answer.ok) return null
    return this.#context.decodeAudioData(await answer.arrayBuffer()).catch(() => null)
  }
}
