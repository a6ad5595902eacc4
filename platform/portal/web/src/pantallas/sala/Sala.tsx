/** Who is where, for how long, and what comes next. */
import { Button } from '@mantine/core';
import { IconBell, IconChartBar, IconDeviceTv, IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAtajo } from '@/app/atajos';
import { Enlace, useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede, useSede, useSesion } from '@/app/sesion';
import { useAplazadas } from '@/comun/aplazar';
import { useAhora } from '@/comun/useAhora';
import { admite, clave, COLUMNAS, ENTRADA, llamarSiguiente, pasar, useSala, type Columna, type EnSala } from './datos';
import { SinCita } from './SinCita';
import { Tarjeta } from './Tarjeta';
import { Tv } from './Tv';
import './sala.css';

export default function Sala() {
  const { t } = useTranslation('sala');
  const sede = useSede();
  const { yo } = useSesion();
  const puede = usePuede();
  const [f, cambiar] = useFiltros({ sin_cita: '', tv: '' });
  const consulta = useSala(sede.id);
  const idas = useAplazadas();
  const quedan = (filas: EnSala[] = []) => (idas.size === 0 ? filas : filas.filter((fila) => !idas.has(clave(fila))));
  const esperan = quedan(consulta.data?.en_espera).length;
  const [lleva, setLleva] = useState<EnSala | null>(null);
  const ahora = useAhora();
  const atiende = puede('cita.atender');
  const tv = f.tv === '1';
  useAtajo('n', t('sin_cita.titulo'), () => cambiar({ sin_cita: '1' }), 'pantalla', atiende);
  useAtajo('l', t('atajo_llego'), () => undefined, 'pantalla', atiende);
  useAtajo('1…6', t('atajo_columnas'), () => undefined, 'pantalla', atiende);
  return (
    <Marco
      lleno
      titulo={t('titulo')}
      detalle={consulta.data ? t('resumen', { count: esperan }) : ' '}
      acciones={
        <>
          <Button component={Enlace} a="/sala/tiempos" variant="default" className="no-movil" leftSection={<IconChartBar size={17} aria-hidden />}>
            {t('tiempos.boton')}
          </Button>
          <Button variant="default" className="no-movil" leftSection={<IconDeviceTv size={17} />} onClick={() => cambiar({ tv: '1' })}>
            {t('tv')}
          </Button>
          {atiende && yo.es_medico && (
            <Button variant="default" leftSection={<IconBell size={17} />} onClick={() => void llamarSiguiente(sede.id)} disabled={esperan === 0}>
              {t('siguiente')}
            </Button>
          )}
          {atiende && (
            <Button leftSection={<IconUserPlus size={17} />} onClick={() => cambiar({ sin_cita: '1' })}>
              {t('sin_cita.titulo')}
            </Button>
          )}
        </>
      }
    >
      <Segun consulta={consulta} cargando={<Esqueleto />}>
        {(sala) => tv ? <Tv espera={quedan(sala.en_espera)} consulta={sala.en_consulta} ahora={ahora} salir={() => cambiar({ tv: '' })} /> : (
          <div className="tablero">
            {COLUMNAS.map((columna) => (
              <Carril key={columna} columna={columna} filas={quedan(sala[columna])} lleva={lleva} puede={atiende}>
                {quedan(sala[columna]).map((fila) => (
                  <Tarjeta key={clave(fila)} fila={fila} columna={columna} ahora={ahora} atiende={atiende} alLlevar={setLleva} />
                ))}
              </Carril>
            ))}
          </div>
        )}
      </Segun>
      {f.sin_cita && <SinCita sede={sede} cerrar={() => cambiar({ sin_cita: '' })} />}
    </Marco>
  );
}

function Carril({ columna, filas, lleva, puede, children }: { columna: Columna; filas: EnSala[]; lleva: EnSala | null; puede: boolean; children: React.ReactNode }) {
  const { t } = useTranslation('sala');
  const [encima, setEncima] = useState(false);
  const recibe = puede && lleva !== null && admite(lleva, columna);
  return (
    <section
      className="carril"
      data-recibe={recibe || undefined}
      data-encima={(recibe && encima) || undefined}
      aria-labelledby={`carril-${columna}`}
      onDragOver={(evento) => {
        if (!recibe) return;
        evento.preventDefault();
        setEncima(true);
      }}
      onDragLeave={() => setEncima(false)}
      onDrop={(evento) => {
        setEncima(false);
        if (!recibe || !lleva) return;
        evento.preventDefault();
        void pasar(lleva, ENTRADA[columna]);
      }}
    >
      <h2 id={`carril-${columna}`}>
        <i className={`carril-punto st-${ENTRADA[columna]}`} aria-hidden />
        {t(`columna.${columna}`)} <span className="num">{filas.length}</span>
      </h2>
      <div className="carril-filas" tabIndex={filas.length > 3 ? 0 : undefined} role={filas.length > 3 ? 'group' : undefined} aria-labelledby={filas.length > 3 ? `carril-${columna}` : undefined}>
        {filas.length === 0 ? <p className="carril-vacio">{t(`vacia.${columna}`)}</p> : children}
      </div>
    </section>
  );
}

function Esqueleto() {
  const { t } = useTranslation();
  return (
    <div className="tablero" role="status" aria-label={t('cargando')}>
      {COLUMNAS.map((columna) => (
        <div key={columna} className="carril" />
      ))}
    </div>
  );
}
