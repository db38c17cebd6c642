import { FileSource, listen } from 'catnap';

await listen({
  // Or, live: new Microphone({ id: 'kitchen', ...systemTime })
  source: new FileSource({ id: 'kitchen', path: 'kitchen.wav' }),
  cascade: { kind: 'voice', tiny: { words: ['alexa'] } },
  onEvent(event) {
    switch (event.type) {
      case 'noticed':
        console.log(`${event.atMs} ms: was that "${event.label}"?`);
        break;
      case 'settled':
        console.log(`${event.intent} ${JSON.stringify(event.slots)}, settled on the device`);
        break;
      case 'escalated':
        console.log(`"${event.transcript}" is for the cloud: ${event.reasons.join(', ')}`);
    }
  },
  onEscalation: (escalation) => console.log(`would send ${escalation.key}`),
});
