import i18n, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';
import es from './textos.es.json';

export const IDIOMAS = ['es', 'en'] as const;
export type Idioma = (typeof IDIOMAS)[number];

/** Each screen brings `textos.es.json` and `textos.en.json`; its folder's name is the namespace. Loaded with the screen. */
const deLasPantallas = import.meta.glob<Record<string, unknown>>('../pantallas/*/textos.*.json', { import: 'default' });
const delMarco = import.meta.glob<Record<string, unknown>>('./textos.en.json', { import: 'default' });

const textos: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read(idioma, espacio, listo) {
    const carga = espacio === 'app' ? delMarco[`./textos.${idioma}.json`] : deLasPantallas[`../pantallas/${espacio}/textos.${idioma}.json`];
    if (!carga) return listo(new Error(`${espacio}.${idioma}`), false);
    carga().then(
      (catalogo) => listo(null, catalogo as never),
      (falla: Error) => listo(falla, false),
    );
  },
};

const guardado = localStorage.getItem('huella.idioma');
const idioma: Idioma = guardado === 'en' ? 'en' : 'es';

void i18n
  .use(textos)
  .use(initReactI18next)
  .init({
    lng: idioma,
    fallbackLng: 'es',
    supportedLngs: [...IDIOMAS],
    ns: ['app'],
    defaultNS: 'app',
    fallbackNS: 'app',
    partialBundledLanguages: true,
    resources: { es: { app: es } },
    interpolation: { escapeValue: false },
    react: { useSuspense: true },
    // A text that is missing is a bug: the end-to-end tests fail on anything in the console.
    saveMissing: true,
    missingKeyHandler: (_idiomas, espacio, clave) => console.error(`texto que falta: ${espacio}:${clave}`),
  });

const marcar = (nuevo: string) => document.documentElement.setAttribute('lang', nuevo === 'en' ? 'en' : 'es-PE');
marcar(idioma);

export async function cambiarIdioma(nuevo: Idioma) {
  localStorage.setItem('huella.idioma', nuevo);
  await i18n.changeLanguage(nuevo);
  marcar(nuevo);
}

export default i18n;
