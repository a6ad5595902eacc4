import { defineConfig } from '@playwright/test';
import { opciones } from './playwright.config';

export default defineConfig({ testDir: '.', testMatch: 'capturas.spec.ts', workers: 1, timeout: 240_000, reporter: 'line', use: opciones });
