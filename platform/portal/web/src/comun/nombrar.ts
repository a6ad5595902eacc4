import i18n from '@/app/i18n';

/** The word for one of the server's own names, which grow with each capability: one that has no word yet is shown as it is, without underscores. */
export const nombrar = (clave: string, crudo: string): string => (i18n.exists(clave) ? i18n.t(clave) : crudo.replaceAll('_', ' '));
