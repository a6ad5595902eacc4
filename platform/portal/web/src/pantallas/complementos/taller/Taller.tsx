/** For who writes plugins: their publisher's name and keys, their versions and how they fail. */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconUpload, IconUserCode } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useIr } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Exportar } from '@/comun/Exportar';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';
import { releerTaller } from '../datos';
import { Area } from '../Partes';
import { ListaEditores } from './ListaEditores';
import { Subir } from './Subir';
import { Versiones } from './Versiones';

export default function Taller() {
  const { t } = useTranslation('complementos');
  const [crea, setCrea] = useState(false);
  const [sube, setSube] = useState(false);
  const consulta = $api.useQuery('get', '/api/v1/complementos/editores', { params: { query: { limite: 200 } } });
  const contrato = $api.useQuery('get', '/api/v1/complementos/contrato').data;
  return (
    <Marco titulo={t('titulo')} detalle={t('taller.detalle')} partes={<Area />}>
      <Segun consulta={consulta}>
        {({ items }) => {
          const propios = items.filter((uno) => uno.propio);
          if (propios.length === 0)
            return (
              <div className="panel">
                <Vacio icono={IconUserCode} titulo={t('taller.nadie')} detalle={t('taller.nadie_ayuda')} accion={<Button onClick={() => setCrea(true)}>{t('taller.crear')}</Button>} />
              </div>
            );
          return (
            <div className="cmp-columna">
              <Seccion
                titulo={t('taller.editores')}
                acciones={
                  <Group gap="xs">
                    <Exportar chico icono nombre={t('taller.editores')} de="/api/v1/complementos/editores" />
                    <Button variant="subtle" size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setCrea(true)}>
                      {t('taller.otro')}
                    </Button>
                  </Group>
                }
              >
                <ListaEditores editores={propios} />
              </Seccion>
              <Seccion
                titulo={t('taller.versiones')}
                acciones={
                  <Button size="xs" leftSection={<IconUpload size={15} aria-hidden />} onClick={() => setSube(true)}>
                    {t('subir.boton')}
                  </Button>
                }
              >
                <Versiones de={propios.map((uno) => uno.clave)} />
              </Seccion>
              {contrato && <p className="tenue chico">{t('taller.contrato', { desde: contrato.desde, hasta: contrato.hasta, mundos: contrato.mundos.join(', ') })}</p>}
            </div>
          );
        }}
      </Segun>
      <Crear abierto={crea} cerrar={() => setCrea(false)} />
      <Subir abierto={sube} cerrar={() => setSube(false)} />
    </Marco>
  );
}

function Crear({ abierto, cerrar }: { abierto: boolean; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const ir = useIr();
  const form = useForm({ initialValues: { clave: '', nombre: '', contacto: '' } });
  const { va, falla, enviar } = useEnvio(form as never);
  const crear = form.onSubmit(async (valores) => {
    const bien = await enviar(() => api.POST('/api/v1/complementos/editores', { params: { header: { 'Idempotency-Key': llave() } }, body: valores }));
    if (!bien) return;
    avisar({ tono: 'bien', titulo: t('hecho.editor', { nombre: valores.nombre }), detalle: t('hecho.editor_detalle') });
    await releerTaller();
    cerrar();
    ir(`/complementos/editores/${valores.clave}`);
  });
  return (
    <Modal opened={abierto} onClose={cerrar} title={t('taller.crear')} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <form noValidate onSubmit={crear}>
        <Stack gap="sm">
          <TextInput label={t('editor.clave')} description={t('editor.clave_ayuda')} withAsterisk {...form.getInputProps('clave')} />
          <TextInput label={t('editor.nombre')} withAsterisk {...form.getInputProps('nombre')} />
          <TextInput label={t('editor.contacto')} type="email" description={t('editor.contacto_ayuda')} withAsterisk {...form.getInputProps('contacto')} />
          <Falla>{falla}</Falla>
          <Group justify="flex-end">
            <Button variant="default" onClick={cerrar}>
              {t('cancelar')}
            </Button>
            <Button type="submit" loading={va}>
              {t('taller.crear')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
