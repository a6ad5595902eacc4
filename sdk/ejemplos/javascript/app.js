// Un canal que envía por una pasarela HTTP y entiende sus avisos firmados.
import { getJson } from 'huella:plugin/config@0.1.0';
import { verify } from 'huella:plugin/crypto@0.1.0';
import { send as pedir } from 'huella:plugin/http@0.1.0';

const URL_DE_ENVIO = 'https://pasarela.example.pe/mensajes';
const ESTADOS = { enviado: 'sent', entregado: 'delivered', leido: 'read', fallido: 'failed' };

const error = (tag, val) => ({ tag, val });
const cabecera = (cabeceras, nombre) => cabeceras.find((una) => una.key.toLowerCase() === nombre)?.value;

/** Un objeto JSON, o nada. */
function documento(cuerpo) {
  try {
    const leido = JSON.parse(new TextDecoder().decode(cuerpo));
    return leido !== null && typeof leido === 'object' ? leido : {};
  } catch {
    return {};
  }
}

function respondida({ status, headers, body }) {
  const dicho = documento(body);
  if (status >= 200 && status < 300) {
    if (typeof dicho.id === 'string' && dicho.id !== '') return dicho.id;
    // Aceptó algo y no se entiende qué: puede haber salido.
    throw error('indeterminate', 'la respuesta no trae id');
  }
  if (status === 401 || status === 403) throw error('not-authorized', 'el token no sirve');
  if (status === 429) {
    const segundos = cabecera(headers, 'retry-after') ?? '';
    throw error('retry-later', /^\d+$/.test(segundos) ? Number(segundos) * 1000 : undefined);
  }
  if (status >= 500) throw error('indeterminate', `respondió ${status}`);
  const mensaje = String(dicho.mensaje ?? 'la pasarela no lo aceptó');
  throw error('rejected', { code: String(dicho.codigo ?? status), message: mensaje, field: undefined });
}

/** Lo que no salió se vuelve a intentar; lo que salió y no volvió, nadie lo sabe. */
function sinRespuesta(fallo) {
  const { tag, val } = fallo.payload ?? fallo;
  if (['timeout', 'indeterminate', 'too-large'].includes(tag)) return error('indeterminate', 'no se supo qué respondió');
  if (['denied', 'budget-exhausted'].includes(tag)) return error('internal', `${tag}: ${val ?? ''}`);
  return error('retry-later', undefined);
}

function deHexadecimal(texto) {
  const pares = /^([0-9a-f]{2})+$/i.test(texto) ? texto.match(/../g) : [];
  return Uint8Array.from(pares, (par) => parseInt(par, 16));
}

export const lifecycle = { check() {}, migrate() {} };

export const notificationChannel = {
  send(ctx, m) {
    const { remitente } = JSON.parse(getJson());
    const body = new TextEncoder().encode(JSON.stringify({ de: remitente, para: m.to, texto: m.text }));
    const headers = [
      { key: 'content-type', value: 'application/json' },
      { key: 'idempotency-key', value: ctx.idempotencyKey },
    ];
    let respuesta;
    try {
      // El token se nombra; su valor lo pone el anfitrión.
      respuesta = pedir({ method: 'POST', url: URL_DE_ENVIO, headers, body, timeoutMs: undefined, auth: error('bearer', 'token') });
    } catch (fallo) {
      throw sinRespuesta(fallo);
    }
    return respondida(respuesta);
  },

  handleWebhook(_ctx, m) {
    let esSuyo = false;
    try {
      esSuyo = verify('avisos', 'hmac-sha256', m.body, deHexadecimal(cabecera(m.headers, 'x-firma') ?? ''));
    } catch {
      // Sin clave, o una firma que no lo es.
    }
    if (!esSuyo) throw error('not-authorized', 'el aviso no viene de la pasarela');
    const dicho = documento(m.body);
    const entrega = {
      providerRef: String(dicho.id ?? ''),
      status: ESTADOS[dicho.estado] ?? 'other',
      code: dicho.codigo,
      idempotencyKey: dicho.clave,
      atUnixMs: BigInt(Number.isSafeInteger(dicho.en) && dicho.en >= 0 ? dicho.en : 0),
    };
    return [error('delivery', entrega)];
  },
};
