import { defineConfig } from '@playwright/test';
import { opciones } from './playwright.config';

export default defineConfig({ testDir: '.', testMatch: 'imagenes.spec.ts', workers: 1, timeout: 120_000, reporter: 'line', use: { ...opciones, viewport: { width: 1280, height: 800 }, colorScheme: 'light' } });
