import { Select } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { usePuede, useSesion } from '@/app/sesion';
import { hoyEn, lunes, ZONA } from '@/comun/tiempo';

/** Who put it: oneself, or a vet of this sede. Everybody who sees the rota knows them; who manages staff knows the others too. */
export function EligeMedico({ formulario }: { formulario: Pick<UseFormReturnType<{ medico_id: string }>, 'getInputProps'> | UseFormReturnType<never> }) {
  const { t } = useTranslation('pacientes');
  const { sede, yo } = useSesion();
  const puede = usePuede();
  const zona = sede?.zona_horaria ?? ZONA;
  const rol = $api.useQuery('get', '/api/v1/sedes/{id}/rol', { params: { path: { id: sede?.id ?? '' }, query: { desde: lunes(hoyEn(zona)) } } }, { enabled: !!sede && puede('cita.ver'), staleTime: 5 * 60_000 });
  const personal = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { es_medico: true, activo: true, limite: 200, ...(sede ? { sede_id: sede.id } : {}) } } }, { enabled: puede('usuario.ver', 'alguna'), staleTime: 5 * 60_000 });
  const todos = new Map<string, string>();
  if (yo.es_medico) todos.set(yo.id, `${yo.nombres} ${yo.apellidos}`.trim());
  for (const dia of rol.data?.dias ?? []) for (const uno of dia.medicos) todos.set(uno.medico_id, uno.medico);
  for (const uno of personal.data?.items ?? []) todos.set(uno.id, `${uno.nombres} ${uno.apellidos}`.trim());
  const data = [...todos].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label, 'es'));
  return <Select label={t('vacunas.medico')} placeholder={t('vacunas.medico_elija')} searchable data={data} nothingFoundMessage={t('vacunas.medico_nadie')} {...(formulario as UseFormReturnType<{ medico_id: string }>).getInputProps('medico_id')} />;
}
