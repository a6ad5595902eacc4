/**
 * The first rows of a file, read in the browser only to show beside each column what is in it. The server reads the file itself;
 * what cannot be read here just has no examples. Kept for the tab's session: the file holds personal data.
 */
const FILAS = 20;
const CUANTOS = 3;
export type Ejemplos = Record<string, string[]>;

function filasCsv(texto: string): string[][] {
  const primera = texto.slice(0, texto.indexOf('\n') < 0 ? undefined : texto.indexOf('\n'));
  const separador = [';', '\t', ','].map((uno) => ({ uno, veces: primera.split(uno).length })).sort((a, b) => b.veces - a.veces)[0]?.uno ?? ',';
  const filas: string[][] = [];
  let fila: string[] = [];
  let celda = '';
  let dentro = false;
  for (let i = 0; i < texto.length && filas.length <= FILAS; i += 1) {
    const letra = texto[i];
    if (dentro) {
      if (letra !== '"') celda += letra;
      else if (texto[i + 1] === '"') celda += texto[(i += 1)];
      else dentro = false;
    } else if (letra === '"') dentro = true;
    else if (letra === separador || letra === '\n') {
      fila.push(celda.replace(/\r$/, ''));
      celda = '';
      if (letra === '\n') {
        filas.push(fila);
        fila = [];
      }
    } else celda += letra;
  }
  if (celda || fila.length > 0) filas.push([...fila, celda]);
  return filas;
}

/** The files of a zip that are asked for, by its central directory. */
async function desempacar(bytes: ArrayBuffer, quiere: (nombre: string) => boolean): Promise<Map<string, string>> {
  const vista = new DataView(bytes);
  let fin = bytes.byteLength - 22;
  while (fin >= 0 && vista.getUint32(fin, true) !== 0x06054b50) fin -= 1;
  if (fin < 0) throw new Error('not a zip');
  const hallados = new Map<string, string>();
  let lugar = vista.getUint32(fin + 16, true);
  for (let i = 0; i < vista.getUint16(fin + 10, true); i += 1) {
    const [nombreLargo, extra, nota] = [vista.getUint16(lugar + 28, true), vista.getUint16(lugar + 30, true), vista.getUint16(lugar + 32, true)];
    const nombre = new TextDecoder().decode(new Uint8Array(bytes, lugar + 46, nombreLargo));
    if (quiere(nombre)) {
      const cabeza = vista.getUint32(lugar + 42, true);
      const desde = cabeza + 30 + vista.getUint16(cabeza + 26, true) + vista.getUint16(cabeza + 28, true);
      const crudo = new Blob([new Uint8Array(bytes, desde, vista.getUint32(lugar + 20, true))]);
      const abierto = vista.getUint16(lugar + 10, true) === 0 ? crudo.stream() : crudo.stream().pipeThrough(new DecompressionStream('deflate-raw'));
      hallados.set(nombre, await new Response(abierto).text());
    }
    lugar += 46 + nombreLargo + extra + nota;
  }
  return hallados;
}

const columna = (referencia: string) => [...referencia.replace(/\d/g, '')].reduce((n, letra) => n * 26 + letra.charCodeAt(0) - 64, 0) - 1;

async function filasXlsx(bytes: ArrayBuffer): Promise<string[][]> {
  const partes = await desempacar(bytes, (nombre) => nombre === 'xl/sharedStrings.xml' || nombre === 'xl/worksheets/sheet1.xml');
  const xml = (nombre: string) => new DOMParser().parseFromString(partes.get(nombre) ?? '<nada/>', 'application/xml');
  const comunes = [...xml('xl/sharedStrings.xml').getElementsByTagName('si')].map((uno) => uno.textContent ?? '');
  return [...xml('xl/worksheets/sheet1.xml').getElementsByTagName('row')].slice(0, FILAS + 1).map((fila) => {
    const celdas: string[] = [];
    for (const celda of fila.getElementsByTagName('c')) {
      const valor = celda.getElementsByTagName('v')[0]?.textContent ?? celda.getElementsByTagName('is')[0]?.textContent ?? '';
      celdas[columna(celda.getAttribute('r') ?? 'A')] = celda.getAttribute('t') === 's' ? (comunes[Number(valor)] ?? '') : valor;
    }
    return celdas;
  });
}

export async function ejemplosDe(archivo: File): Promise<Ejemplos> {
  try {
    const filas = /\.xlsx$/i.test(archivo.name) ? await filasXlsx(await archivo.arrayBuffer()) : filasCsv(await textoDe(archivo.slice(0, 64 * 1024)));
    const [titulos = [], ...resto] = filas;
    return Object.fromEntries(Array.from(titulos, (titulo, i) => [(titulo ?? '').trim().replace(/^\ufeff/, ''), [...new Set(resto.map((fila) => (fila[i] ?? '').trim()).filter(Boolean))].slice(0, CUANTOS)]));
  } catch {
    return {};
  }
}

async function textoDe(parte: Blob): Promise<string> {
  const bytes = await parte.arrayBuffer();
  const texto = new TextDecoder('utf-8').decode(bytes);
  return texto.includes('\ufffd') ? new TextDecoder('windows-1252').decode(bytes) : texto;
}

const clave = (id: string) => `huella.ejemplos.${id}`;
export const guardarEjemplos = (id: string, ejemplos: Ejemplos) => sessionStorage.setItem(clave(id), JSON.stringify(ejemplos));
export const leerEjemplos = (id: string): Ejemplos => JSON.parse(sessionStorage.getItem(clave(id)) ?? '{}') as Ejemplos;
