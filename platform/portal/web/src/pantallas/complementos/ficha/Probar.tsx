/** Whether it can work with what is saved, in words. */
import { Button } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renovar, type Esquemas } from '@/api/cliente';
import { avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { nombrar } from '@/comun/nombrar';
import { Seccion } from '@/comun/Seccion';
import { ficha, type Detalle } from '../datos';
import { probar } from '../hacer';
import { Aviso } from '../Partes';

export function Probar({ detalle, sucio, guardar }: { detalle: Detalle; sucio: boolean; guardar: () => Promise<boolean> }) {
  const { t } = useTranslation('complementos');
  const [va, setVa] = useState(false);
  const [dicho, setDicho] = useState<Esquemas['ResultadoPrueba'] | null>(null);
  const hacer = async () => {
    setVa(true);
    setDicho(null);
    try {
      if (!sucio || (await guardar())) setDicho(await probar(detalle.complemento));
      void renovar('/api/v1/complementos/corridas');
    } catch (falla) {
      avisarFalla(falla, t('probar.no_se_pudo'));
    } finally {
      setVa(false);
    }
  };
  return (
    <Seccion titulo={t('probar.titulo')}>
      <p className="tenue chico">{t(detalle.mundo === 'alerts' ? 'probar.ayuda_regla' : 'probar.ayuda')}</p>
      <Button variant="default" loading={va} leftSection={<IconPlugConnected size={17} aria-hidden />} onClick={() => void hacer()}>
        {t(sucio ? 'probar.guardar_y_probar' : 'probar.boton')}
      </Button>
      {dicho && (
        <div className="cmp-prueba">
          <Aviso tono={dicho.ok ? 'bien' : 'grave'} titulo={t(dicho.ok ? 'probar.bien' : 'probar.mal')}>
            {dicho.ok ? t(detalle.mundo === 'alerts' ? 'probar.bien_regla' : 'probar.bien_detalle') : nombrar(`complementos:probar.dice.${dicho.resultado}`, dicho.resultado)}
            {!dicho.ok && dicho.detalle && <span className="cmp-dicho">{t('probar.dijo', { detalle: dicho.detalle })}</span>}
            {dicho.corrida && (
              <div>
                <Enlace a={ficha(detalle.complemento, 'corridas')} con={{ corrida: dicho.corrida }}>
                  {t('probar.ver')}
                </Enlace>
              </div>
            )}
          </Aviso>
        </div>
      )}
    </Seccion>
  );
}
