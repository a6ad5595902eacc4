/** The rules that an exception can be made for, in words: those of the open alerts, and each disease that is vaccinated against. */
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { usePuede } from '@/app/sesion';
import { nombrar } from '@/comun/nombrar';

export const familia = (regla: string) => regla.split('.')[0] ?? regla;
type Grupo = { group: string; items: { value: string; label: string }[] };

export function useReglas(): { nombre: (prefijo: string) => string; opciones: (mas: string[]) => Grupo[] } {
  const { t } = useTranslation('recordatorios');
  const puede = usePuede();
  const alertas = $api.useQuery('get', '/api/v1/alertas', { params: { query: { limite: 200 } } }, { enabled: puede('alerta.ver', 'alguna'), staleTime: 5 * 60_000 });
  const antigenos = $api.useQuery('get', '/api/v1/antigenos', { params: { query: { limite: 200 } } }, { enabled: puede('paciente.ver', 'alguna'), staleTime: 30 * 60_000 });
  const parte = (una: string) => antigenos.data?.items.find((uno) => uno.clave === una)?.nombre ?? nombrar(`recordatorios:regla_parte.${una}`, una);
  const deFamilia = (una: string) => nombrar(`recordatorios:regla.${una}`, una);
  const nombre = (prefijo: string) => {
    const [primera = '', ...resto] = prefijo.split('.').filter(Boolean);
    return resto.length === 0 ? t('ajustes.todas_de', { familia: deFamilia(primera) }) : [deFamilia(primera), ...resto.map(parte)].join(' · ');
  };
  const conocidas = [...(alertas.data?.items ?? []).map((una) => una.regla), ...(antigenos.data?.items ?? []).filter((uno) => uno.activo).map((uno) => `vacunas.${uno.clave}`)];
  const opciones = (mas: string[]): Grupo[] => {
    // What was chosen before stays a choice, whether or not a rule of that name speaks today.
    const todas = new Set([...conocidas, ...mas.filter(Boolean)]);
    for (const una of [...todas]) todas.add(familia(una));
    return [...new Set([...todas].map(familia))].sort((a, b) => deFamilia(a).localeCompare(deFamilia(b))).map((una) => ({
      group: deFamilia(una),
      items: [...todas]
        .filter((regla) => familia(regla) === una)
        .map((value) => ({ value, label: nombre(value) }))
        .sort((a, b) => Number(a.value.includes('.')) - Number(b.value.includes('.')) || a.label.localeCompare(b.label)),
    }));
  };
  return { nombre, opciones };
}
