/** The day as a list: to read, to print, and for screens too narrow for columns. */
import { Table, UnstyledButton } from '@mantine/core';
import { IconCalendarOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda } from '@/api/cliente';
import { Vacio } from '@/app/estados';
import { diaLargo, enZona, hora } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import type { Tecla } from './AgendaGrid';
import { EstadoInsignia } from './cajon/EstadoInsignia';

export function Lista({ citas, zona, ambientes, alAbrir, alTecla }: { citas: CitaEnAgenda[]; zona: string; ambientes: Map<string, string>; alAbrir: (cita: CitaEnAgenda) => void; alTecla: (cita: CitaEnAgenda, tecla: Tecla) => void }) {
  const { t } = useTranslation('agenda');
  if (citas.length === 0) return <Vacio icono={IconCalendarOff} titulo={t('vacio.titulo')} detalle={t('vacio.detalle')} />;
  const dias = [...new Set(citas.map((cita) => enZona(cita.inicio, zona).slice(0, 10)))].sort();
  return (
    <div className="panel lista">
      {dias.map((dia) => (
        <Table key={dia} highlightOnHover verticalSpacing={7}>
          {dias.length > 1 && <caption>{mayuscula(diaLargo(dia))}</caption>}
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('lista.hora')}</Table.Th>
              <Table.Th>{t('lista.paciente')}</Table.Th>
              <Table.Th className="lista-ancha">{t('lista.servicio')}</Table.Th>
              <Table.Th className="lista-ancha">{t('lista.medico')}</Table.Th>
              <Table.Th className="lista-muy-ancha">{t('lista.ambiente')}</Table.Th>
              <Table.Th>{t('lista.estado')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {citas
              .filter((cita) => enZona(cita.inicio, zona).startsWith(dia))
              .map((cita) => (
                <Table.Tr key={cita.id}>
                  <Table.Td className="num">
                    {hora(cita.inicio, zona)}
                    <small>{hora(cita.fin, zona)}</small>
                  </Table.Td>
                  <Table.Td>
                    <UnstyledButton
                      className="lista-quien"
                      onClick={() => alAbrir(cita)}
                      onKeyDown={(evento) => {
                        const letra = (['l', 'm', 'x', 'd'] as const).find((una) => una === evento.key.toLowerCase());
                        if (!letra || evento.ctrlKey) return;
                        evento.stopPropagation();
                        alTecla(cita, letra);
                      }}
                    >
                      <b>{cita.mascota}</b>
                      <small>{cita.tutor}</small>
                    </UnstyledButton>
                  </Table.Td>
                  <Table.Td className="lista-ancha">{cita.servicio}</Table.Td>
                  <Table.Td className="lista-ancha">{cita.medico}</Table.Td>
                  <Table.Td className="lista-muy-ancha">{cita.ambiente_id ? ambientes.get(cita.ambiente_id) : ''}</Table.Td>
                  <Table.Td>
                    <EstadoInsignia estado={cita.estado} />
                    {cita.sobrecupo && <span className="lista-sobrecupo">{t('cajon.sobrecupo')}</span>}
                  </Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      ))}
    </div>
  );
}
