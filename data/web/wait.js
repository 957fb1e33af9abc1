// wait.js: waiting between attempts: longer each time, never in step with the others, and over at once
// when there is reason to hope.

export class Wait {
  #first;
  #longest;
  #attempts = 0;
  #wake = null;

  // In milliseconds.
  constructor(first, longest) {
    this.#first = first;
    this.#longest = longest;
  }

  reset() {
    this.#attempts = 0;
  }

  // The next pause: half of it is chance, so that a hundred pages do not come back in one moment.
  next() {
    const whole = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#attempts, 20));
    this.#attempts++;
    return whole / 2 + Math.random() * whole / 2;
  }

  sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      function done() {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = done;
    });
  }

  // Ends a sleep, if there is one.
  wake() {
    this.#wake?.();
    this.#wake = null;
  }
}
