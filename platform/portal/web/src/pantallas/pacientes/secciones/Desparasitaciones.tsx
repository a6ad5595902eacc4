import { IconCheck, IconClockExclamation } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaCorto, hoyEn, ZONA } from '@/comun/tiempo';
import { BotonAnotar } from '../anotar/BotonAnotar';
import { useHechos, type Mascota } from '../datos';

const CABEN = 4;

export function Desparasitaciones({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const consulta = useHechos(mascota.id);
  const hoy = hoyEn(ZONA);
  const todas = [...(consulta.data?.desparasitaciones ?? [])].sort((a, b) => b.fecha.localeCompare(a.fecha));
  return (
    <Seccion
      titulo={t('desparasitaciones.titulo')}
      acciones={
        puede('clinica.registrar', 'alguna') &&
        !mascota.fallecida_en && <BotonAnotar clase="desparasitacion" />
      }
    >
      <Segun consulta={consulta} vacio={() => (todas.length === 0 ? <Nada>{t('desparasitaciones.ninguna')}</Nada> : null)}>
        {() => (
          <ul className="lineas">
            {todas.slice(0, CABEN).map((una, i) => {
              // Only the last one of its kind says whether something is due.
              const debe = !mascota.fallecida_en && una.proxima && todas.findIndex((otra) => otra.alcance === una.alcance || otra.alcance === 'ambas') === i;
              return (
                <li key={una.id} className="hecho">
                  <div>
                    <b className="peso-medio">{una.producto}</b>
                    <div className="tenue">{[t(`alcance.${una.alcance}`), diaCorto(una.fecha), una.anterior && t('de_otro_lugar')].filter(Boolean).join(' · ')}</div>
                    {debe && una.proxima && <div className="num">{t('vacunas.proxima', { dia: diaCorto(una.proxima) })}</div>}
                  </div>
                  {debe && una.proxima && (
                    <Pastilla tono={una.proxima < hoy ? 'grave' : 'bien'} icono={una.proxima < hoy ? IconClockExclamation : IconCheck}>
                      {t(una.proxima < hoy ? 'vacunas.estado.vencida' : 'vacunas.estado.al_dia')}
                    </Pastilla>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Segun>
    </Seccion>
  );
}
