/** Packages a plugin as `huella-plugin` does: manifest and signature are sections of the component. For versions that a test makes up. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, '../../plugins/dist');
export const compilado = (nombre: string): Buffer | undefined => {
  const archivo = join(DIST, `${nombre}.wasm`);
  return existsSync(archivo) ? readFileSync(archivo) : undefined;
};
/** The least that is a component: it exports nothing, so no examination lets it pass. */
export const VACIO = Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);

export type Llave = { publica: string; privada: KeyObject };
export function unaLlave(): Llave {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publica: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64'), privada: privateKey };
}

function leb(numero: number): number[] {
  const bytes: number[] = [];
  do {
    const resto = numero >>> 7;
    bytes.push((numero & 0x7f) | (resto ? 0x80 : 0));
    numero = resto;
  } while (numero);
  return bytes;
}
function leerLeb(bytes: Buffer, en: number): [valor: number, despues: number] {
  let valor = 0;
  for (let corre = 0; ; corre += 7) {
    const uno = bytes[en++] ?? 0;
    valor |= (uno & 0x7f) << corre;
    if (!(uno & 0x80)) return [valor, en];
  }
}
function seccion(nombre: string, datos: string): Buffer {
  const cuerpo = Buffer.concat([Buffer.from([...leb(nombre.length)]), Buffer.from(nombre), Buffer.from(datos)]);
  return Buffer.concat([Buffer.from([0, ...leb(cuerpo.length)]), cuerpo]);
}

type Paquete = { manifest: Record<string, unknown>; 'config-schema'?: unknown; 'config-ui'?: unknown };
/** The component without what we put in, and what its manifest was. */
function abrir(bytes: Buffer): { resto: Buffer; paquete: Paquete | undefined } {
  const quedan = [bytes.subarray(0, 8)];
  let paquete: Paquete | undefined;
  for (let en = 8; en < bytes.length; ) {
    const [largo, cuerpo] = leerLeb(bytes, en + 1);
    const fin = cuerpo + largo;
    const [letras, nombre] = leerLeb(bytes, cuerpo);
    const dice = bytes[en] === 0 ? bytes.subarray(nombre, nombre + letras).toString() : '';
    if (dice === 'huella:manifest') paquete = JSON.parse(bytes.subarray(nombre + letras, fin).toString()) as Paquete;
    else if (dice !== 'huella:signature') quedan.push(bytes.subarray(en, fin));
    en = fin;
  }
  return { resto: Buffer.concat(quedan), paquete };
}

/** `cambios` go over the manifest that it had; `esquema`, over the first level of its configuration's. */
export function empaquetar(bytes: Buffer, cambios: Record<string, unknown>, llave: Llave, esquema: Record<string, unknown> = {}): Buffer {
  const { resto, paquete } = abrir(bytes);
  const antes = paquete?.['config-schema'] as { properties?: object } | undefined;
  const dentro = { ...paquete, manifest: { ...paquete?.manifest, ...cambios }, ...(antes && { 'config-schema': { ...antes, ...esquema, properties: { ...antes.properties, ...(esquema.properties as object | undefined) } } }) };
  const contenido = Buffer.concat([resto, seccion('huella:manifest', JSON.stringify(dentro))]);
  const mensaje = Buffer.concat([Buffer.from('huella:plugin publisher 1\0'), createHash('sha256').update(contenido).digest()]);
  const publisher = { key: llave.publica, signature: sign(null, mensaje, llave.privada).toString('base64') };
  return Buffer.concat([contenido, seccion('huella:signature', JSON.stringify({ publisher }))]);
}
