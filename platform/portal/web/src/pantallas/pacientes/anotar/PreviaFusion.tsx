/** What a merge would do, before it is done: the same for pets and for owners. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowNarrowDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { avisarFalla } from '@/app/avisos';
import { Falla } from '@/comun/formulario';
import { nombrar } from '@/comun/nombrar';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { renovarMascota, renovarTutor } from '../datos';

const SIGUE = ['vacunas', 'desparasitaciones', 'problemas', 'alergias', 'tratamientos', 'antecedentes', 'alertas', 'esperas', 'visitas', 'aperturas', 'consentimientos', 'faltas', 'autoreservas', 'pedidos', 'mensajes', 'respuestas', 'recordatorios'] as const;

export function PreviaFusion({ previa, va, falla, otra, fusionar }: { previa: Esquemas['FusionPrevista']; va: boolean; falla: string; otra: () => void; fusionar: () => void }) {
  const { t } = useTranslation('pacientes');
  const { mueve, impedimentos, citas_que_chocan: chocan, queda, deja_de_usarse: deja } = previa;
  return (
    <Stack>
      <Falla>{falla}</Falla>
      <div className="fusion">
        <div className="fusion-caja">
          <span className="tenue chico">{t('fusion.deja')}</span>
          <b>{deja.nombre}</b>
        </div>
        <IconArrowNarrowDown size={20} aria-hidden />
        <div className="fusion-caja" data-queda>
          <span className="tenue chico">{t('fusion.queda')}</span>
          <b>{queda.nombre}</b>
        </div>
      </div>
      <div>
        <Text fw={600} size="sm">
          {t('fusion.mueve')}
        </Text>
        <ul className="fusion-lista">
          {(['citas', 'hechos', 'pesos', 'identificadores', 'vinculos'] as const).filter((que) => mueve[que] > 0).map((que) => <li key={que}>{t(`fusion.${que}`, { count: mueve[que] })}</li>)}
          {SIGUE.filter((que) => (mueve.sigue[que] ?? 0) > 0).map((que) => <li key={que}>{t(`fusion.sigue.${que}`, { count: mueve.sigue[que] ?? 0 })}</li>)}
          {mueve.foto && <li>{t('fusion.foto')}</li>}
          {mueve.datos.length > 0 && <li>{t('fusion.datos', { datos: mueve.datos.map((dato) => nombrar(`pacientes:campo.${dato}`, dato)).join(', ') })}</li>}
        </ul>
      </div>
      {chocan.length > 0 && (
        <Alert color="orange" variant="light" icon={<IconAlertTriangle size={18} />} title={t('fusion.chocan')}>
          {chocan.map((una) => fechaHora(una.inicio, ZONA)).join(', ')}
        </Alert>
      )}
      {impedimentos.length > 0 && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={t('fusion.no_se_puede')}>
          {impedimentos.join(' ')}
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {t('fusion.deshacer_ayuda')}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={otra}>
          {t('fusion.elegir_otra')}
        </Button>
        <Button loading={va} disabled={impedimentos.length > 0 || chocan.length > 0} onClick={fusionar}>
          {t('fusion.fusionar')}
        </Button>
      </Group>
    </Stack>
  );
}

export const deshacerFusion = (id: string) =>
  cuerpo(api.DELETE('/api/v1/fusiones/{id}', { params: { path: { id } } })).then(() => void Promise.all([renovarMascota(), renovarTutor(), renovar('/api/v1/fusiones/{id}')]), avisarFalla);
