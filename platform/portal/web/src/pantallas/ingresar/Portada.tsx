/** The sign-in's frame: the form, and beside it a morning of the agenda, drawn with the agenda's own colours. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import './portada.css';

type Bloque = [columna: number, desde: number, largo: number, estado: string, quien: string, que: string];
const BLOQUES: Bloque[] = [
  [0, 0, 2, 'terminada', 'rocky', 'control'],
  [0, 2, 3, 'en_consulta', 'luna', 'vacunacion'],
  [0, 6, 2, 'confirmada', 'milo', 'consulta'],
  [0, 9, 3, 'programada', 'canela', 'ecografia'],
  [1, 0, 3, 'por_cobrar', 'simba', 'consulta'],
  [1, 4, 2, 'en_espera', 'kira', 'curacion'],
  [1, 6, 4, 'confirmada', 'thor', 'limpieza'],
  [1, 11, 1, 'programada', 'nina', 'control'],
  [2, 1, 4, 'en_consulta', 'coco', 'cirugia'],
  [2, 5, 2, 'en_espera', 'lola', 'consulta'],
  [2, 8, 3, 'programada', 'max', 'vacunacion'],
];

export function Portada({ children }: { children: ReactNode }) {
  const { t } = useTranslation('ingresar');
  return (
    <main className="portada">
      <section className="portada-form">
        <div className="portada-marca">
          <img src="/favicon.svg" width={34} height={34} alt="" />
          <b>Huella</b>
        </div>
        <div className="portada-caja">{children}</div>
      </section>
      <section className="portada-lado" aria-hidden="true">
        <div className="portada-lema">
          <p>{t('lema')}</p>
          <span>{t('lema_detalle')}</span>
        </div>
        <div className="portada-agenda">
          <div className="portada-dias">
            {[1, 2, 3].map((uno) => (
              <b key={uno}>{t(`portada.medico_${uno}`)}</b>
            ))}
          </div>
          <div className="portada-horas">
            {['08', '09', '10', '11'].map((una) => (
              <span key={una}>{una}:00</span>
            ))}
          </div>
          <div className="portada-grilla">
            {BLOQUES.map(([columna, desde, largo, estado, quien, que]) => (
              <div key={quien} className={`bloque st-${estado}`} style={{ gridColumn: columna + 1, gridRow: `${desde + 1} / span ${largo}` }}>
                <b>{t(`portada.${quien}`)}</b>
                {largo > 1 && <span>{t(`portada.${que}`)}</span>}
              </div>
            ))}
          </div>
        </div>
      </section>
    </main>
  );
}
