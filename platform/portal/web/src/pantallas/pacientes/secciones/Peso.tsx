import { Group, UnstyledButton } from '@mantine/core';
import { IconTrendingDown, IconTrendingUp, IconArrowRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaCorto, diaEn, ZONA } from '@/comun/tiempo';
import { BotonAnotar } from '../anotar/BotonAnotar';
import { useCurva, type Mascota } from '../datos';
import { kilos } from '../texto';
import { CurvaSvg } from './CurvaSvg';

const TENDENCIA = { sube: IconTrendingUp, estable: IconArrowRight, baja: IconTrendingDown };

export function Peso({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const consulta = useCurva(mascota.id);
  const [tabla, setTabla] = useState(false);
  return (
    <Seccion
      titulo={t('peso.titulo')}
      acciones={
        <Group gap="xs">
          <Exportar chico icono nombre={t('peso.titulo')} de={`/api/v1/pacientes/${mascota.id}/pesos`} />
          {puede('peso.registrar', 'alguna') && !mascota.fallecida_en && <BotonAnotar clase="peso" />}
        </Group>
      }
    >
      <Segun consulta={consulta} vacio={({ puntos }) => (puntos.length === 0 ? <Nada>{t('peso.ninguno')}</Nada> : null)}>
        {({ puntos, tendencia }) => {
          const ultimo = puntos.at(-1);
          if (!ultimo) return null;
          return (
            <>
              <div className="peso-ultimo">
                <b className="num">{kilos(ultimo.kg)}</b>
                <span className="tenue chico">{[diaCorto(diaEn(ultimo.pesado_en, ZONA)), ultimo.condicion && t('peso.condicion', { valor: ultimo.condicion })].filter(Boolean).join(' · ')}</span>
                {tendencia && (
                  <Pastilla tono={tendencia === 'estable' ? 'gris' : 'nota'} icono={TENDENCIA[tendencia]}>
                    {t(`peso.${tendencia}`)}
                  </Pastilla>
                )}
              </div>
              {puntos.length > 1 && <CurvaSvg puntos={puntos} />}
              {puntos.length > 1 && (
                <UnstyledButton className="pliegue" aria-expanded={tabla} onClick={() => setTabla(!tabla)}>
                  {t(tabla ? 'peso.sin_tabla' : 'peso.tabla')}
                </UnstyledButton>
              )}
              {tabla && (
                <table className="tabla tabla-peso">
                  <thead>
                    <tr>
                      <th scope="col">{t('peso.dia')}</th>
                      <th scope="col" className="cifra">{t('peso.kg')}</th>
                      <th scope="col" className="cifra">{t('peso.cambio')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {[...puntos].reverse().map((punto) => (
                      <tr key={punto.pesado_en}>
                        <td className="num">{diaCorto(diaEn(punto.pesado_en, ZONA))}</td>
                        <td className="cifra">{kilos(punto.kg)}</td>
                        <td className="cifra">{punto.cambio_pct == null ? '–' : `${punto.cambio_pct > 0 ? '+' : ''}${punto.cambio_pct} %`}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
            </>
          );
        }}
      </Segun>
    </Seccion>
  );
}
