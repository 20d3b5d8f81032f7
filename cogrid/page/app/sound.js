// Short tones; off until somebody turns them on.

const TONES = { act: [440, 0.05], event: [620, 0.08], paid: [880, 0.16], end: [330, 0.4] };

export class Sound {
  constructor() {
    this.isOn = false;
    /** @private @type {AudioContext | null} */
    this.context = null;
  }

  /** @param {keyof typeof TONES} what */
  play(what) {
    if (!this.isOn) return;
    this.context ??= new AudioContext();
    const [pitch, seconds] = TONES[what];
    const tone = this.context.createOscillator();
    const volume = this.context.createGain();
    const now = this.context.currentTime;
    tone.type = "triangle";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.15, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + seconds);
    tone.connect(volume).connect(this.context.destination);
    tone.start(now);
    tone.stop(now + seconds);
  }
}
