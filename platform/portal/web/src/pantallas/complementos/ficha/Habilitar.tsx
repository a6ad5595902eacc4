/** Where it works: the whole chain or some of its sedes. */
import { Button, Checkbox, Group, Modal, Radio, Stack, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problema } from '@/api/problema';
import { avisar } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { useSesion } from '@/app/sesion';
import { Falla, useEnvio } from '@/comun/formulario';
import { ficha, releer, type Detalle } from '../datos';
import { habilitar } from '../hacer';
import { Aviso } from '../Partes';

export function Habilitar({ detalle, abierto, cerrar }: { detalle: Detalle; abierto: boolean; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const { yo } = useSesion();
  const antes = detalle.instalacion;
  const [todas, setTodas] = useState(!antes?.sedes);
  const [sedes, setSedes] = useState<string[]>(antes?.sedes ?? []);
  const [sandbox, setSandbox] = useState(antes?.sandbox ?? false);
  const [incompleto, setIncompleto] = useState(false);
  const { va, falla, enviar } = useEnvio(undefined, {
    aparte: (error) => {
      const es = error instanceof Problema && error.tipo === 'complemento-incompleto';
      setIncompleto(es);
      return es;
    },
  });
  const guardar = async () => {
    const bien = await enviar(() => habilitar(detalle.complemento, { sedes: todas ? null : sedes, sandbox }));
    if (!bien) return;
    const donde = todas ? t('como.toda') : t('como.sedes', { count: sedes.length });
    avisar({ tono: 'bien', titulo: t('hecho.habilitado', { nombre: detalle.nombre }), detalle: donde });
    cerrar();
    await releer();
  };
  return (
    <Modal opened={abierto} onClose={cerrar} title={t('habilitar.titulo', { nombre: detalle.nombre })} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Stack gap="md">
        <Radio.Group label={t('habilitar.donde')} value={todas ? 'todas' : 'algunas'} onChange={(valor) => setTodas(valor === 'todas')}>
          <Stack gap={8} mt={8}>
            <Radio value="todas" label={t('habilitar.todas')} description={t('habilitar.todas_ayuda')} />
            <Radio value="algunas" label={t('habilitar.algunas')} />
          </Stack>
        </Radio.Group>
        {!todas && (
          <Checkbox.Group label={t('habilitar.sedes')} value={sedes} onChange={setSedes}>
            <Stack gap={8} mt={8} className="cmp-sedes">
              {yo.sedes
                .filter((sede) => sede.activa)
                .map((sede) => (
                  <Checkbox key={sede.id} value={sede.id} label={sede.nombre} />
                ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Switch checked={sandbox} onChange={(e) => setSandbox(e.currentTarget.checked)} label={t('habilitar.pruebas')} description={t('habilitar.pruebas_ayuda')} />
        {incompleto && (
          <Aviso titulo={t('habilitar.incompleto')} acciones={<Button component={Enlace} a={ficha(detalle.complemento, 'configuracion')} size="xs">{t('accion.configurar')}</Button>}>
            {t('habilitar.incompleto_detalle')}
          </Aviso>
        )}
        <Falla>{falla}</Falla>
        <Group justify="flex-end">
          <Button variant="default" onClick={cerrar}>
            {t('cancelar')}
          </Button>
          <Button loading={va} disabled={!todas && sedes.length === 0} onClick={() => void guardar()}>
            {t(antes?.habilitado ? 'habilitar.guardar' : 'accion.habilitar')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
