// Run by `npm run types`: every text is in both languages, with the same blanks to fill in. At run time English falls back to Spanish
// without a word, so nothing else would notice.
import { readdirSync, readFileSync } from 'node:fs';

const RAIZ = new URL('src/', import.meta.url);
// Spanish has a third plural (a million), English two: a text stands for all its plurals.
const PLURAL = /_(zero|one|two|few|many|other)$/;

// What the server says in Spanish itself is here in English only.
const DEL_SERVIDOR = /^pantallas\/personal: permiso\./;

/** Every leaf by its name, the plurals of one together. */
function hojas(nodo, donde = '', halladas = new Map()) {
  for (const [clave, valor] of Object.entries(nodo)) {
    const aqui = donde ? `${donde}.${clave}` : clave;
    if (typeof valor === 'object') hojas(valor, aqui, halladas);
    else {
      const nombre = aqui.replace(PLURAL, '');
      halladas.set(nombre, [...(halladas.get(nombre) ?? []), valor]);
    }
  }
  return halladas;
}
const huecos = (textos) => [...new Set(textos.join(' ').match(/\{\{\s*\w+/g) ?? [])].map((uno) => uno.replace(/[{\s]/g, '')).sort().join(', ');

const carpetas = ['app', ...readdirSync(new URL('pantallas/', RAIZ), { withFileTypes: true }).filter((una) => una.isDirectory()).map((una) => `pantallas/${una.name}`)];
const faltas = [];
let cuantos = 0;
for (const carpeta of carpetas) {
  const leer = (idioma) => hojas(JSON.parse(readFileSync(new URL(`${carpeta}/textos.${idioma}.json`, RAIZ), 'utf8')));
  const [es, en] = [leer('es'), leer('en')];
  cuantos += es.size;
  for (const [esta, otra, idioma] of [[es, en, 'en'], [en, es, 'es']]) {
    for (const [clave, textos] of esta) {
      if (!otra.has(clave) && !(idioma === 'es' && DEL_SERVIDOR.test(`${carpeta}: ${clave}`))) faltas.push(`${carpeta}: ${clave} no está en textos.${idioma}.json`);
      else if (textos.some((texto) => !texto.trim()) && otra.get(clave)?.some((texto) => texto.trim())) faltas.push(`${carpeta}: ${clave} está vacío`);
    }
  }
  for (const [clave, textos] of es) {
    const suyos = en.get(clave);
    if (suyos && huecos(textos) !== huecos(suyos)) faltas.push(`${carpeta}: ${clave} llena {${huecos(textos)}} en español y {${huecos(suyos)}} en inglés`);
  }
}
if (faltas.length > 0) {
  console.error(faltas.join('\n'));
  process.exit(1);
}
console.log(`${cuantos} textos, en los dos idiomas`);
