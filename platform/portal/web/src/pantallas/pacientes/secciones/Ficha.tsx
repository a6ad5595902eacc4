import { ActionIcon, Button, Group, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconPencil, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import { Pastilla } from '@/comun/Pastilla';
import { Seccion } from '@/comun/Seccion';
import { diaCorto, ZONA } from '@/comun/tiempo';
import { useAnotar } from '../anotar/abrir';
import { FotoDeFicha } from '../anotar/Foto';
import { retirarIdentificador } from '../anotar/Identificador';
import { soloDia, type Mascota } from '../datos';

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
      <FotoDeFicha mascota={mascota} />
      <dl className="datos">
        <Dato nombre={t('ficha.nacimiento')}>{mascota.nacimiento ? `${diaCorto(mascota.nacimiento)}${mascota.nacimiento_estimado ? ` (${t('ficha.estimado')})` : ''}` : t('ficha.nose')}</Dato>
        <Dato nombre={t('ficha.esterilizado')}>{t(mascota.esterilizado === true ? 'si' : mascota.esterilizado === false ? 'no' : 'ficha.nose')}</Dato>
        {mascota.identificadores.map((uno) => (
          <Dato key={uno.tipo + uno.valor} nombre={t(`identificador.${uno.tipo}`)}>
            <Group gap={2} wrap="nowrap">
              <span className="num">{uno.valor}</span>
              {puede('paciente.editar', 'alguna') && (
                <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('identificadores.quitar', { cual: t(`identificador.${uno.tipo}`), valor: uno.valor })} onClick={() => void retirarIdentificador(mascota.id, uno, t('identificadores.quitado', { cual: t(`identificador.${uno.tipo}`) }))}>
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              )}
            </Group>
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
      {puede('paciente.editar', 'alguna') && (
        <Button size="compact-sm" variant="subtle" mt={4} leftSection={<IconPlus size={15} aria-hidden />} onClick={() => abrir('identificador')}>
          {t('identificadores.agregar')}
        </Button>
      )}
    </Seccion>
  );
}

export const Dato = ({ nombre, children }: { nombre: string; children: React.ReactNode }) => (
  <div>
    <dt>{nombre}</dt>
    <dd>{children}</dd>
  </div>
);
