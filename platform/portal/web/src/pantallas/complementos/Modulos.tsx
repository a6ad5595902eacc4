/** Whole parts of the platform, on or off for the chain. What stops working is said before it does. */
import { Button, Group, List, Modal, Stack, Switch, Text } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import i18n from '@/app/i18n';
import { Marco } from '@/app/Marco';
import { Pastilla } from '@/comun/Pastilla';
import { useAdministra } from './datos';
import { Area } from './Partes';

type Modulo = Esquemas['Modulo'];
const RUTA = '/api/v1/complementos/modulos';
const dichoDe = (clave: string, que: 'nombre' | 'hace', crudo: string) => (i18n.exists(`complementos:modulo.${clave}.${que}`) ? i18n.t(`complementos:modulo.${clave}.${que}`) : crudo);
const paradas = (clave: string): string[] => (i18n.exists(`complementos:modulo.${clave}.para`) ? (i18n.t(`complementos:modulo.${clave}.para`, { returnObjects: true }) as unknown as string[]) : []);

export default function Modulos() {
  const { t } = useTranslation('complementos');
  const consulta = $api.useQuery('get', RUTA);
  const administra = useAdministra();
  const [apaga, setApaga] = useState<Modulo | null>(null);
  const poner = async (modulo: Modulo, activo: boolean) => {
    const nombre = dichoDe(modulo.clave, 'nombre', modulo.nombre);
    try {
      // The version of now and not the one that was drawn: an undo comes after a change of ours.
      const { data } = await api.GET(RUTA);
      if (!data) return;
      await api.PUT(RUTA, { params: { header: { 'If-Match': version(data) } }, body: { modulos: { [modulo.clave]: activo } as never } });
      avisar({ tono: activo ? 'bien' : 'nota', titulo: t(activo ? 'modulos.activado' : 'modulos.desactivado', { nombre }), detalle: t('modulos.segundos'), deshacer: () => poner(modulo, !activo) });
    } catch (falla) {
      avisarFalla(falla);
    }
    await renovar(RUTA);
  };
  return (
    <Marco titulo={t('titulo')} detalle={t('modulos.detalle')} partes={<Area />}>
      <Segun consulta={consulta}>
        {({ modulos }) => (
          <ul className="panel cmp-modulos">
            {modulos.map((modulo) => (
              <li key={modulo.clave}>
                <Switch
                  checked={modulo.activo}
                  disabled={!modulo.existe || !administra}
                  onChange={(e) => (e.currentTarget.checked ? void poner(modulo, true) : setApaga(modulo))}
                  label={dichoDe(modulo.clave, 'nombre', modulo.nombre)}
                  description={dichoDe(modulo.clave, 'hace', '')}
                />
                {modulo.existe ? (
                  <span className="tenue chico">{t(modulo.activo ? 'modulos.en_uso' : 'modulos.apagado')}</span>
                ) : (
                  <Pastilla tono="gris" icono={IconClock}>
                    {t('modulos.pronto')}
                  </Pastilla>
                )}
              </li>
            ))}
          </ul>
        )}
      </Segun>
      <Modal opened={apaga !== null} onClose={() => setApaga(null)} title={apaga && t('modulos.pregunta', { nombre: dichoDe(apaga.clave, 'nombre', apaga.nombre) })} closeButtonProps={{ 'aria-label': t('cerrar') }}>
        {apaga && (
          <Stack gap="sm">
            <Text size="sm">{t('modulos.deja')}</Text>
            <List size="sm" spacing={4}>
              {paradas(apaga.clave).map((una) => (
                <List.Item key={una}>{una}</List.Item>
              ))}
            </List>
            <Text size="sm" c="dimmed">
              {t('modulos.queda')}
            </Text>
            <Group justify="flex-end">
              <Button variant="default" data-autofocus onClick={() => setApaga(null)}>
                {t('cancelar')}
              </Button>
              <Button
                color="red"
                onClick={() => {
                  void poner(apaga, false);
                  setApaga(null);
                }}
              >
                {t('modulos.desactivar')}
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </Marco>
  );
}
