import { useTranslation } from 'react-i18next';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaCorto, hoyEn, ZONA } from '@/comun/tiempo';
import { BotonAnotar } from '../anotar/BotonAnotar';
import { useHechos, type Mascota } from '../datos';
import { Terminar } from './Problemas';

export function Tratamientos({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const consulta = useHechos(mascota.id);
  const hoy = hoyEn(ZONA);
  const registra = puede('clinica.registrar', 'alguna') && !mascota.fallecida_en;
  const vigentes = (consulta.data?.tratamientos ?? []).filter((uno) => !uno.hasta || uno.hasta >= hoy);
  return (
    <Seccion
      titulo={t('tratamientos.titulo')}
      cuenta={vigentes.length}
      acciones={registra && <BotonAnotar clase="tratamiento" />}
    >
      <Segun consulta={consulta} vacio={() => (vigentes.length === 0 ? <Nada>{t('tratamientos.ninguno')}</Nada> : null)}>
        {() => (
          <ul className="lineas">
            {vigentes.map((uno) => (
              <li key={uno.id} className="hecho">
                <div>
                  <b>{uno.farmaco}</b>
                  <div className="tenue">{[uno.dosis, uno.cada_horas && t('tratamientos.cada', { horas: uno.cada_horas }), uno.hasta ? t('tratamientos.hasta', { dia: diaCorto(uno.hasta) }) : t('desde', { dia: diaCorto(uno.desde) }), uno.motivo].filter(Boolean).join(' · ')}</div>
                </div>
                {registra && <Terminar id={uno.id} nombre={uno.farmaco} que="terminar" />}
              </li>
            ))}
          </ul>
        )}
      </Segun>
    </Seccion>
  );
}
