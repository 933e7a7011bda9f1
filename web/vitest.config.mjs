import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: '../build/web-cache',
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
