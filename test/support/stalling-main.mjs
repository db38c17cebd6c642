// Runs a configuration and then stalls its own main thread.
import { loadConfig } from '../../dist/config/load.js';
import { runCatnap } from '../../dist/runtime/main.js';

await runCatnap({
  config: loadConfig(process.argv[2]),
  folder: '.',
  version: '0.0.0',
  onError: () => {},
  onReady: () =>
    setTimeout(() => {
      for (;;);
    }, 1000),
});
