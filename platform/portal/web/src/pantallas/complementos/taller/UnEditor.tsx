/** A publisher: its data and its keys. Its own chain changes it; the platform suspends it and takes keys away. */
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBan, IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, llave, version } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Enlace, useParametro } from '@/app/direccion';
import { Marco } from '@/app/Marco';
import { Falla, oNada, useEnvio } from '@/comun/formulario';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { releerTaller, useEsPlataforma, type Editor } from '../datos';
import { Segun } from '../estado';
import { Aviso } from '../Partes';
import { ConMotivo } from './ConMotivo';
import { Fallas } from './Fallas';
import { ComoEditor } from './ListaEditores';

export default function UnEditor() {
  const clave = useParametro('clave');
  const consulta = $api.useQuery('get', '/api/v1/complementos/editores/{clave}', { params: { path: { clave } } });
  return (
    <Segun consulta={consulta}>
      {(editor) => <Uno editor={editor} />}
    </Segun>
  );
}

function Uno({ editor }: { editor: Editor }) {
  const { t } = useTranslation('complementos');
  const plataforma = useEsPlataforma();
  const [suspende, setSuspende] = useState(false);
  const cambiaSuspension = (motivo: string) => api.POST('/api/v1/complementos/editores/{clave}/suspender', { params: { path: { clave: editor.clave } }, body: { suspendido: !editor.suspendido, motivo } });
  return (
    <Marco
      titulo={editor.nombre}
      detalle={
        <span className="cmp-pastillas">
          <Enlace a={editor.propio ? '/complementos/taller' : '/complementos/revision'} className="cmp-volver">
            {t(editor.propio ? 'area.taller' : 'area.revision')}
          </Enlace>
          <span>{editor.clave}</span>
          <ComoEditor editor={editor} />
        </span>
      }
      acciones={
        plataforma && (
          <Button variant="default" color="red" leftSection={<IconBan size={17} aria-hidden />} onClick={() => setSuspende(true)}>
            {t(editor.suspendido ? 'editor.devolver' : 'editor.suspender')}
          </Button>
        )
      }
    >
      <div className="cmp-ficha">
        {editor.suspendido && <Aviso tono="grave" titulo={t('editor.suspendido_titulo')}>{t('editor.suspendido_detalle')}</Aviso>}
        <div className="cmp-dos">
          <div className="cmp-columna">
            <Claves editor={editor} />
            {editor.propio && <Fallas clave={editor.clave} />}
          </div>
          <div className="cmp-columna">
            {editor.propio && !editor.suspendido ? (
              <Datos key={editor.version} editor={editor} />
            ) : (
              <Seccion titulo={t('editor.datos')}>
                <dl className="cmp-datos">
                  <div>
                    <dt>{t('editor.contacto')}</dt>
                    <dd>{editor.contacto}</dd>
                  </div>
                  <div>
                    <dt>{t('editor.desde')}</dt>
                    <dd>{fechaHora(editor.creado_en, ZONA)}</dd>
                  </div>
                </dl>
              </Seccion>
            )}
          </div>
        </div>
      </div>
      <ConMotivo
        abierto={suspende}
        cerrar={() => setSuspende(false)}
        titulo={t(editor.suspendido ? 'editor.devolver_pregunta' : 'editor.suspender_pregunta', { nombre: editor.nombre })}
        consecuencia={t(editor.suspendido ? 'editor.devolver_detalle' : 'editor.suspender_detalle')}
        boton={t(editor.suspendido ? 'editor.devolver' : 'editor.suspender')}
        peligro={!editor.suspendido}
        hacer={cambiaSuspension}
      />
    </Marco>
  );
}

function Datos({ editor }: { editor: Editor }) {
  const { t } = useTranslation('complementos');
  const form = useForm({ initialValues: { nombre: editor.nombre, contacto: editor.contacto, activo: editor.activo } });
  const { va, falla, enviar } = useEnvio(form as never);
  const guardar = form.onSubmit(async (body) => {
    if (await enviar(() => api.PUT('/api/v1/complementos/editores/{clave}', { params: { path: { clave: editor.clave }, header: { 'If-Match': version(editor) } }, body }))) avisar({ tono: 'bien', titulo: t('hecho.guardado') });
    await releerTaller();
  });
  return (
    <Seccion titulo={t('editor.datos')}>
      <form noValidate onSubmit={guardar} className="cmp-campos">
        <TextInput label={t('editor.nombre')} {...form.getInputProps('nombre')} />
        <TextInput label={t('editor.contacto')} type="email" {...form.getInputProps('contacto')} />
        <Switch label={t('editor.en_actividad')} description={t('editor.en_actividad_ayuda')} {...form.getInputProps('activo', { type: 'checkbox' })} />
        <Falla>{falla}</Falla>
        <Button type="submit" loading={va} disabled={!form.isDirty()}>
          {t('form.guardar')}
        </Button>
      </form>
    </Seccion>
  );
}

function Claves({ editor }: { editor: Editor }) {
  const { t } = useTranslation('complementos');
  const plataforma = useEsPlataforma();
  const [agrega, setAgrega] = useState(false);
  const [revoca, setRevoca] = useState<string | null>(null);
  const quien = editor.propio ? 'revocar' : 'retirar';
  const revocar = (motivo: string) => api.POST(`/api/v1/complementos/editores/{clave}/claves/{id}/${quien}`, { params: { path: { clave: editor.clave, id: revoca ?? '' } }, body: { motivo } });
  return (
    <Seccion
      titulo={t('clave.titulo')}
      cuenta={editor.claves.length}
      acciones={
        editor.propio &&
        !editor.suspendido && (
          <Button variant="subtle" size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAgrega(true)}>
            {t('clave.agregar')}
          </Button>
        )
      }
    >
      {editor.claves.length === 0 && <Nada>{t('clave.nada')}</Nada>}
      <ul className="lineas cmp-lista">
        {editor.claves.map((una) => (
          <li key={una.id}>
            <IconKey size={18} aria-hidden />
            <span className="cmp-crece">
              <code className="cmp-rompe">{una.clave}</code>
              <span className="tenue chico cmp-bloque">{[una.nota, t('clave.desde', { en: fechaHora(una.creada_en, ZONA) }), una.motivo].filter(Boolean).join(' · ')}</span>
            </span>
            {una.revocada_en ? (
              <Pastilla tono="grave" icono={IconBan}>
                {t('clave.revocada')}
              </Pastilla>
            ) : (
              (editor.propio || plataforma) && (
                <Button variant="subtle" color="red" size="compact-sm" onClick={() => setRevoca(una.id)}>
                  {t('clave.revocar')}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
      <Agregar editor={editor} abierto={agrega} cerrar={() => setAgrega(false)} />
      <ConMotivo abierto={revoca !== null} cerrar={() => setRevoca(null)} titulo={t('clave.pregunta')} consecuencia={t('clave.pregunta_detalle')} boton={t('clave.revocar')} peligro hacer={revocar} />
    </Seccion>
  );
}

function Agregar({ editor, abierto, cerrar }: { editor: Editor; abierto: boolean; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const form = useForm({ initialValues: { clave: '', nota: '' } });
  const { va, falla, enviar } = useEnvio(form as never);
  const agregar = form.onSubmit(async ({ clave, nota }) => {
    const bien = await enviar(() => api.POST('/api/v1/complementos/editores/{clave}/claves', { params: { path: { clave: editor.clave }, header: { 'Idempotency-Key': llave() } }, body: { clave: clave.trim(), nota: oNada(nota) } }));
    if (!bien) return;
    avisar({ tono: 'bien', titulo: t('hecho.clave') });
    form.reset();
    cerrar();
    await releerTaller();
  });
  return (
    <Modal opened={abierto} onClose={cerrar} title={t('clave.agregar')} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <form noValidate onSubmit={agregar}>
        <Stack gap="sm">
          <TextInput label={t('clave.publica')} description={t('clave.publica_ayuda')} className="cmp-mono" withAsterisk {...form.getInputProps('clave')} />
          <TextInput label={t('clave.nota')} description={t('clave.nota_ayuda')} {...form.getInputProps('nota')} />
          <Falla>{falla}</Falla>
          <Group justify="flex-end">
            <Button variant="default" onClick={cerrar}>
              {t('cancelar')}
            </Button>
            <Button type="submit" loading={va}>
              {t('clave.agregar')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
