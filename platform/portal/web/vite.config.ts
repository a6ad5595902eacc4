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

/** Screens that a working day begins with, by their address. */
const FIRST: Record<string, string> = { '/inicio': '/inicio/Inicio.tsx', '/agenda': '/agenda/Agenda.tsx', '/sala': '/sala/Sala.tsx' };
/** It runs while the libraries are on their way, and sends for the parts of the screen that the address names. */
const sendFor = (parts: Record<string, string[]>) =>
  `for(const h of(${JSON.stringify(parts)})[location.pathname]||[])document.head.append(Object.assign(document.createElement('link'),{href:h,crossOrigin:'',...(h.endsWith('.css')?{rel:'preload',as:'style'}:{rel:'modulepreload'})}))`;

/** What is shown first is fetched with the libraries and not after they ran: the shell, on every page but the sign-in, and the first screens. */
const preloadFirst = (): Plugin => {
  let ahead = '';
  let shell: string[] = [];
  return {
    name: 'preload-first',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? [one] : []));
      const byName = new Map(chunks.map((one) => [one.fileName, one]));
      // What holds nothing but styles is no file in the end.
      const styleOnly = (name: string) => {
        const ids = byName.get(name)?.moduleIds ?? [];
        return ids.length > 0 && ids.every((id) => /\.css(\?|$)/.test(id));
      };
      // With what its parts need in their turn, or those are found out about one after the other.
      const all = (of: typeof chunks) => {
        const names = new Set(of.map((one) => one.fileName));
        for (const name of names) byName.get(name)?.imports.forEach((one) => names.add(one));
        return [...names].filter((name) => !styleOnly(name));
      };
      const holding = (file: string) => chunks.filter((one) => one.moduleIds.some((id) => id.endsWith(file)));
      const there = new Set(all(chunks.filter((one) => one.isEntry)));
      shell = all(holding('/app/Concha.tsx')).filter((name) => !there.has(name));
      if (shell.length === 0) throw new Error('the shell has no chunk of its own');
      const css = (name: string) => [...(byName.get(name)?.viteMetadata?.importedCss ?? [])];
      const parts = (file: string) => all(holding(file)).filter((name) => !there.has(name) && !shell.includes(name)).flatMap((name) => [name, ...css(name)]);
      const source = sendFor(Object.fromEntries(Object.entries(FIRST).map(([path, file]) => [path, parts(file).map((name) => `/${name}`)])));
      ahead = this.getFileName(this.emitFile({ type: 'asset', name: 'ahead.js', source }));
    },
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        { tag: 'script', attrs: { src: `/${ahead}`, async: true, fetchpriority: 'high' }, injectTo: 'head-prepend' as const },
        ...shell.map((name) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` }, injectTo: 'head' as const })),
      ],
    },
  };
};

const ICONS = /\/@tabler\/icons-react\/dist\/esm\/icons\//;
const FIELDS = /\/@mantine\/(core\/esm\/(components\/(ActionIcon|Alert|Anchor|Input|InputBase|TextInput)\/|core\/utils\/(create-safe-context|get-env)\/)|hooks\/esm\/use-(debounced-value|id|merged-ref|uncontrolled)\/)/;
const PIECES = /\/src\/(app\/Marco|comun\/(Juntas|MarcoConPartes|Mas|Pastilla|Pestanas|Quien|Seccion|edicion|fecha\/deCampo|fecha\/leer|nombrar|paginas|texto|todas|verPestana))\.tsx?$/;

declare const process: { env: Record<string, string | undefined> };

export default defineConfig({
  plugins: [react(), preloadFirst(), precompress()],
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
    // Likewise what most screens share, of some hundred bytes each: all shared icons together are smaller than four of them with
    // their headers. Only what draws in nothing else stands in these groups: a group brings along what its parts import.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'bibliotecas', tags: ['$initial'], test: /node_modules/, priority: 2 },
            { name: 'inicial', tags: ['$initial'], priority: 1 },
            { name: 'iconos', test: ICONS, minShareCount: 2 },
            { name: 'campos', test: FIELDS, minShareCount: 2 },
            { name: 'comun', test: PIECES, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/api': { target: process.env.HUELLA_URL ?? 'http://127.0.0.1:8080', changeOrigin: false } },
  },
});
