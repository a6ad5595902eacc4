import { nombrar } from '@/comun/nombrar';

/** What a provider's code or a mail server's answer means at the counter. What nobody knows is told as it came. */
const PISTAS: [RegExp, string][] = [
  [/131026|130472/, 'sin_whatsapp'],
  [/131047|131051|470/, 'fuera_de_plazo'],
  [/131049|131048|80007|130429/, 'limite'],
  [/13200[0-9]|132012|132015|132016|13201[2-6]/, 'plantilla'],
  [/\b5\.1\.[0-9]|user unknown|no such user|mailbox (unavailable|not found)|does not exist/i, 'correo_no_existe'],
  [/\b5\.2\.2|mailbox full|over quota/i, 'correo_lleno'],
  [/\b5\.7\.|spam|blocked|rejected for policy/i, 'correo_rechazado'],
  [/no tiene correo/, 'sin_correo'],
  [/no tiene celular/, 'sin_celular'],
  [/no lo consinti/, 'sin_consentimiento'],
  [/credenciales/, 'credenciales'],
  [/complemento (no se pudo|falló|se detuvo|fue retirado)/, 'complemento'],
  [/no se sabe si sali/, 'incierto'],
  [/canal no est/, 'canal_apagado'],
];
/** Which of them the owner's contact is to blame for: correcting it is the cure. */
const DEL_CONTACTO = new Set(['sin_whatsapp', 'correo_no_existe', 'sin_correo', 'sin_celular']);

export function porque(error: string | null | undefined): { clave: string | undefined; contacto: boolean } {
  const clave = error ? PISTAS.find(([pista]) => pista.test(error))?.[1] : undefined;
  return { clave, contacto: clave !== undefined && DEL_CONTACTO.has(clave) };
}

/** Why a reminder will not leave, which the server says in Spanish. */
const MOTIVOS: Record<string, string> = { 'tiene cita': 'con_cita', 'el tutor no tiene correo': 'sin_correo', 'el tutor no tiene celular': 'sin_celular', 'el tutor no lo consintió': 'sin_consentimiento', 'el canal no está activo': 'canal_apagado', 'ya falló': 'ya_fallo' };
export const motivoDicho = (motivo: string) => nombrar(`recordatorios:previstos.motivos.${MOTIVOS[motivo] ?? 'otro'}`, motivo);
