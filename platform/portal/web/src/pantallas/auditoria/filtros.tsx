/** Filters that the lists of this screen share, and their rows by day. */
import { Button, Group, Select } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { usePuede } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deZona, diaCorto, diaEn, sumarDias, ZONA } from '@/comun/tiempo';

const esDia = (dia: string) => /^\d{4}-\d\d-\d\d$/.test(dia);

/** Whole days of Lima as the API takes them. */
export const deDias = ({ desde, hasta }: { desde: string; hasta: string }) => ({
  ...(esDia(desde) ? { desde: deZona(`${desde}T00:00`, ZONA) } : {}),
  ...(esDia(hasta) ? { hasta: deZona(`${sumarDias(hasta, 1)}T00:00`, ZONA) } : {}),
});

/** One of a few; none is all. */
export function Elige({ nombre, data, valor, alElegir, espera = false }: { nombre: string; data: { value: string; label: string }[]; valor: string; alElegir: (valor: string) => void; espera?: boolean }) {
  const { t } = useTranslation('auditoria');
  return (
    <Select
      clearable
      searchable
      size="sm"
      disabled={espera}
      clearButtonProps={{ 'aria-label': t('quitar') }}
      nothingFoundMessage={t('nada_asi')}
      aria-label={nombre}
      placeholder={nombre}
      data={data}
      value={valor || null}
      onChange={(elegido) => alElegir(elegido ?? '')}
    />
  );
}

/** Who did it, for whoever may see people. It is there before they are: what comes late would push the list. */
export function EligePersona({ valor, alElegir }: { valor: string; alElegir: (valor: string) => void }) {
  const { t } = useTranslation('auditoria');
  const puede = usePuede();
  const ve = puede('usuario.ver', 'alguna');
  const personas = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { limite: 200 } } }, { enabled: ve, staleTime: 5 * 60_000 });
  if (!ve) return null;
  return <Elige nombre={t('quien')} data={(personas.data?.items ?? []).map((una) => ({ value: una.id, label: `${una.nombres} ${una.apellidos}` }))} valor={valor} alElegir={alElegir} espera={!personas.data} />;
}

export function EntreDias({ desde, hasta, cambiar }: { desde: string; hasta: string; cambiar: (cambios: { desde: string } | { hasta: string }) => void }) {
  const { t } = useTranslation('auditoria');
  return (
    <Group gap={6} wrap="nowrap">
      <CampoFecha w={142} vaciable aria-label={t('desde')} valor={desde} maximo={hasta || undefined} alCambiar={(dia) => cambiar({ desde: dia })} />
      <span aria-hidden>–</span>
      <CampoFecha w={142} vaciable aria-label={t('hasta')} valor={hasta} minimo={desde || undefined} alCambiar={(dia) => cambiar({ hasta: dia })} />
    </Group>
  );
}

export function SinFiltros({ alQuitar }: { alQuitar: () => void }) {
  const { t } = useTranslation('auditoria');
  return (
    <Button variant="subtle" size="sm" leftSection={<IconFilterOff size={16} aria-hidden />} onClick={alQuitar}>
      {t('sin_filtros')}
    </Button>
  );
}

/** Rows below the day of Lima on which they were. */
export function PorDia<Fila extends { en: string }>({ filas, children }: { filas: Fila[]; children: (fila: Fila) => ReactNode }) {
  const dias = new Map<string, Fila[]>();
  for (const una of filas) {
    const dia = diaEn(una.en, ZONA);
    dias.set(dia, [...(dias.get(dia) ?? []), una]);
  }
  return [...dias].map(([dia, suyas]) => (
    <section key={dia} aria-label={diaCorto(dia)}>
      <h2 className="auditoria-dia num">{diaCorto(dia)}</h2>
      <ul className="panel auditoria-lista">{suyas.map(children)}</ul>
    </section>
  ));
}
