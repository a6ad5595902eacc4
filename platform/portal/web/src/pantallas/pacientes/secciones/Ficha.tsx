import { ActionIcon, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconPencil } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import { Pastilla } from '@/comun/Pastilla';
import { Seccion } from '@/comun/Seccion';
import { diaCorto } from '@/comun/tiempo';
import { useAnotar } from '../anotar/abrir';
import { soloDia, type Mascota } from '../datos';
import { ZONA } from '../texto';

export function Ficha({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const abrir = useAnotar();
  return (
    <Seccion
      titulo={t('ficha.titulo')}
      acciones={
        puede('paciente.editar', 'alguna') && (
          <Tooltip label={t('ficha.editar')}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('ficha.editar')} onClick={() => abrir('editar')}>
              <IconPencil size={17} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )
      }
    >
      <dl className="datos">
        <Dato nombre={t('ficha.nacimiento')}>{mascota.nacimiento ? `${diaCorto(mascota.nacimiento)}${mascota.nacimiento_estimado ? ` (${t('ficha.estimado')})` : ''}` : t('ficha.nose')}</Dato>
        <Dato nombre={t('ficha.esterilizado')}>{t(mascota.esterilizado === true ? 'si' : mascota.esterilizado === false ? 'no' : 'ficha.nose')}</Dato>
        {mascota.identificadores.map((uno) => (
          <Dato key={uno.tipo + uno.valor} nombre={t(`identificador.${uno.tipo}`)}>
            <span className="num">{uno.valor}</span>
            {uno.aviso && (
              <div>
                <Pastilla tono="aviso" icono={IconAlertTriangle}>
                  {uno.aviso}
                </Pastilla>
              </div>
            )}
          </Dato>
        ))}
        {mascota.notas && <Dato nombre={t('ficha.notas')}>{mascota.notas}</Dato>}
        <Dato nombre={t('ficha.desde')}>{soloDia(mascota.creado_en, ZONA)}</Dato>
        {mascota.fusionadas && mascota.fusionadas.length > 0 && <Dato nombre={t('ficha.fusionadas')}>{mascota.fusionadas.map((una) => una.nombre).join(', ')}</Dato>}
      </dl>
    </Seccion>
  );
}

export const Dato = ({ nombre, children }: { nombre: string; children: React.ReactNode }) => (
  <div>
    <dt>{nombre}</dt>
    <dd>{children}</dd>
  </div>
);
