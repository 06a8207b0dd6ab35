// Runs on the audio thread: collects the microphone's samples and posts them as frames.
registerProcessor('capture', class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.frame = new Float32Array(processorOptions.samples);
    this.used = 0;
  }

  process([input]) {
    let samples = input[0];
    while (samples?.length) {
      const count = Math.min(samples.length, this.frame.length - this.used);
      this.frame.set(samples.subarray(0, count), this.used);
      this.used += count;
      samples = samples.subarray(count);
      if (this.used === this.frame.length) {
        this.port.postMessage(this.frame.slice());
        this.used = 0;
      }
    }
    return true;
  }
});
