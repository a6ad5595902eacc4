import { Anchor, Button, Group } from '@mantine/core';
import { IconCalendarPlus, IconCheck, IconClockExclamation, IconHourglass, IconVaccine, IconLayersSubtract } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { useAplazadas } from '@/comun/aplazar';
import { diasEntre } from '@/comun/edad';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaCorto, hoyEn, ZONA } from '@/comun/tiempo';
import { useAnotar } from '../anotar/abrir';
import { useReservaDeVacuna, type Entrada, type Mascota } from '../datos';
import { escalera, type Dosis, type Peldano } from '../vacunas';

const ESTADO = {
  vencida: ['grave', IconClockExclamation],
  pronto: ['aviso', IconHourglass],
  al_dia: ['bien', IconCheck],
  cubierta: ['gris', IconLayersSubtract],
  sin_fecha: ['gris', IconCheck],
} as const;

const dosisDe = (entradas: Entrada[], seAnulan: ReadonlySet<string>): Dosis[] =>
  entradas.flatMap((una) => {
    if (una.origen !== 'clinico' || una.detalle.tipo !== 'vacuna' || una.detalle.anulado || seAnulan.has(una.id)) return [];
    const { id, titulo, fecha, proxima, antigenos, lote, medico, profesional, anterior } = una.detalle;
    return [{ id, producto: titulo, fecha, proxima: proxima ?? null, antigenos: antigenos ?? [], lote: lote ?? null, medico: medico ?? profesional ?? null, anterior }];
  });

export function Vacunas({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const anotar = useAnotar();
  const consulta = $api.useQuery('get', '/api/v1/pacientes/{id}/historial', { params: { path: { id: mascota.id }, query: { tipos: 'vacuna', limite: 200 } } });
  const seAnulan = useAplazadas();
  const viva = !mascota.fallecida_en;
  return (
    <Seccion
      titulo={t('vacunas.titulo')}
      acciones={
        puede('clinica.registrar', 'alguna') &&
        viva && (
          <Button size="compact-sm" variant="light" leftSection={<IconVaccine size={16} aria-hidden />} onClick={() => anotar('vacuna')}>
            {t('vacunas.aplicar')}
          </Button>
        )
      }
    >
      <Segun consulta={consulta} vacio={({ items }) => (dosisDe(items, seAnulan).length === 0 ? <Nada>{t('vacunas.ninguna')}</Nada> : null)}>
        {({ items }) => (
          <ol className="escalera">
            {escalera(dosisDe(items, seAnulan), hoyEn(ZONA)).map((uno) => (
              <UnPeldano key={uno.producto} peldano={uno} mascota={mascota} />
            ))}
          </ol>
        )}
      </Segun>
    </Seccion>
  );
}

function UnPeldano({ peldano, mascota }: { peldano: Peldano; mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const anotar = useAnotar();
  const reservaDe = useReservaDeVacuna();
  const { producto, dosis, ultima, proxima } = peldano;
  const estado = mascota.fallecida_en ? 'sin_fecha' : peldano.estado;
  const [tono, icono] = ESTADO[estado];
  const dias = proxima ? diasEntre(hoyEn(ZONA), proxima) : 0;
  return (
    <li className="peldano" data-estado={estado}>
      <div className="hecho">
        <b>{producto}</b>
        {estado !== 'sin_fecha' && (
          <Pastilla tono={tono} icono={icono}>
            {t(`vacunas.estado.${estado}`)}
          </Pastilla>
        )}
      </div>
      {proxima && !mascota.fallecida_en && (
        <div className="num">
          {t('vacunas.proxima', { dia: diaCorto(proxima) })} <span className="tenue">({t(dias < 0 ? 'vacunas.hace' : 'vacunas.en', { count: Math.abs(dias) })})</span>
        </div>
      )}
      <div className="tenue chico num">
        {t('vacunas.ultima', { dia: diaCorto(ultima.fecha) })}
        {ultima.lote && ` · ${t('vacunas.lote', { lote: ultima.lote })}`}
        {ultima.medico && ` · ${ultima.medico}`}
        {ultima.anterior && ` · ${t('de_otro_lugar')}`}
      </div>
      {dosis.length > 1 && (
        <details className="dosis">
          <summary>{t('vacunas.dosis', { count: dosis.length })}</summary>
          <ul>
            {[...dosis].reverse().map((una) => (
              <li key={una.id} className="num">
                {[diaCorto(una.fecha), una.lote && t('vacunas.lote', { lote: una.lote }), una.medico].filter(Boolean).join(' · ')}
              </li>
            ))}
          </ul>
        </details>
      )}
      {proxima && estado !== 'sin_fecha' && (
        <Group gap="sm" mt={4}>
          {estado !== 'al_dia' && puede('clinica.registrar', 'alguna') && (
            <Anchor component="button" type="button" size="sm" onClick={() => anotar('vacuna', producto)} aria-label={t('vacunas.aplicar_esta', { producto })}>
              {t('vacunas.aplicar')}
            </Anchor>
          )}
          {puede('cita.reservar', 'alguna') && (
            <Anchor component={Enlace} a="/agenda" con={reservaDe(mascota, proxima)} size="sm" aria-label={t('vacunas.reservar_esta', { producto })}>
              <IconCalendarPlus size={14} aria-hidden className="en-linea" /> {t('vacunas.reservar')}
            </Anchor>
          )}
        </Group>
      )}
    </li>
  );
}
