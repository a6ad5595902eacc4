import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import { CHROMIUM, URL_BASE } from './ajustes';

export const opciones = {
  baseURL: URL_BASE,
  locale: 'es-PE',
  timezoneId: 'America/Lima',
  viewport: { width: 1440, height: 900 },
  trace: 'retain-on-failure' as const,
  contextOptions: { reducedMotion: 'reduce' },
  launchOptions: {
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  },
} satisfies NonNullable<PlaywrightTestConfig['use']>;

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  testIgnore: ['capturas.spec.ts', 'imagenes.spec.ts'],
  workers: 1,
  // Another try is shown as flaky, not hidden: a browser on a busy machine misses a frame now and then.
  retries: 2,
  timeout: 60_000,
  expect: { timeout: 12_000 },
  reporter: process.env.CI ? 'line' : 'list',
  use: opciones,
});
