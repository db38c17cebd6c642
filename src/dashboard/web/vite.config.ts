import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the page also works under the path of a proxy.
  base: './',
  build: {
    outDir: '../../../dist/dashboard/web',
    emptyOutDir: true,
    target: 'es2022',
    // Small files stay files: the page's policy allows no inline scripts.
    assetsInlineLimit: 0,
  },
});
