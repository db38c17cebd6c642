/** As the networks hear it. */
const RATE_HZ = 16_000;
const TAKE_MS = 2500;

/** Whether the browser gives this page a microphone: it does so to pages from this machine or over TLS alone. */
export function canRecord(): boolean {
  return isSecureContext && 'mediaDevices' in navigator && 'MediaRecorder' in window;
}

/**
 * Records the browser's microphone as it is, unprocessed, for a take's length.
 * @returns mono, 16 kHz, 16 bits, little-endian, as base64. Throws a sentence for the visitor, as when it may not.
 */
export async function recordTake(): Promise<string> {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const asked = navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, ...plain } });
  const stream = await asked.catch((error: unknown) => {
    throw new Error(noMicrophone(error instanceof DOMException ? error.name : String(error)));
  });
  try {
    return base64Of(await decoded(await recorded(stream)));
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

/** Why a browser gives no microphone and what to do, by the names of getUserMedia (W3C Media Capture and Streams). */
function noMicrophone(why: string): string {
  switch (why) {
    case 'NotAllowedError':
      return 'This browser may not use its microphone here: allow it in the settings of this page, then record again.';
    case 'NotFoundError':
      return 'This browser finds no microphone: plug one in, then record again.';
    case 'NotReadableError':
      return 'The microphone is not to be had: see whether another program has it, then record again.';
    default:
      return `The browser gave no microphone (${why}).`;
  }
}

function recorded(stream: MediaStream): Promise<Blob> {
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  return new Promise((resolve, reject) => {
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    recorder.addEventListener('stop', () => resolve(new Blob(parts)));
    recorder.addEventListener('error', () => reject(new Error('the recording broke off')));
    recorder.start();
    setTimeout(() => recorder.state === 'recording' && recorder.stop(), TAKE_MS);
  });
}

async function decoded(recording: Blob): Promise<Float32Array> {
  const context = new OfflineAudioContext(1, RATE_HZ, RATE_HZ);
  const audio = await context.decodeAudioData(await recording.arrayBuffer());
  return audio.getChannelData(0).subarray(0, (RATE_HZ * TAKE_MS) / 1000);
}

function base64Of(samples: Float32Array): string {
  const pcm = new DataView(new ArrayBuffer(2 * samples.length));
  for (const [at, sample] of samples.entries())
    pcm.setInt16(2 * at, Math.round(32_767 * Math.max(-1, Math.min(1, sample))), true);
  let text = '';
  for (const byte of new Uint8Array(pcm.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
