import { defineConfig, type Plugin } from 'vite';
import react from '@vitejs/plugin-react';
// @ts-expect-error The build runs in node; the app itself must not see node's types.
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
// @ts-expect-error As above.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
// @ts-expect-error As above.
import { fileURLToPath } from 'node:url';

/** Writes `.br` and `.gz` beside each text asset; never for `.html`, into which the server writes a nonce. */
const precompress = (): Plugin => {
  const walk = (folder: string) => {
    for (const name of readdirSync(folder) as string[]) {
      const path = `${folder}/${name}`;
      if (statSync(path).isDirectory()) {
        walk(path);
        continue;
      }
      if (!/\.(js|css|svg|json|webmanifest)$/.test(name)) continue;
      const bytes = readFileSync(path);
      if (bytes.length < 1024) continue;
      writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
    }
  };
  let folder = 'dist';
  return { name: 'precompress', apply: 'build', configResolved: (config) => void (folder = config.build.outDir), closeBundle: () => walk(folder) };
};

/** The shell is what every page but the sign-in shows first: it is fetched with the libraries and not after they ran. */
const preloadShell = (): Plugin => ({
  name: 'preload-shell',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      const chunks = Object.values(bundle ?? {}).flatMap((one) => (one.type === 'chunk' ? [one] : []));
      const shell = chunks.find((one) => one.facadeModuleId?.endsWith('/app/Concha.tsx'));
      if (!shell) throw new Error('the shell has no chunk of its own');
      const wanted = [shell.fileName, ...shell.imports].filter((name) => !html.includes(name));
      return wanted.map((name) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` }, injectTo: 'head' as const }));
    },
  },
});

declare const process: { env: Record<string, string | undefined> };

export default defineConfig({
  plugins: [react(), preloadShell(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // `data:` scripts and fonts break the content security policy, and so does the inline polyfill.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 600,
    // What every page needs comes in two parts instead of twenty: each part costs a request and half a kilobyte of headers.
    // The libraries apart from our own code, so that they stay in the browser's cache over a deploy.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'bibliotecas', tags: ['$initial'], test: /node_modules/, priority: 2 },
            { name: 'inicial', tags: ['$initial'], priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/api': { target: process.env.HUELLA_URL ?? 'http://127.0.0.1:8080', changeOrigin: false } },
  },
});
