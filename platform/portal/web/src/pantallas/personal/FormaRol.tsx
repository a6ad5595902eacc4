/** A role's name and what it demands; a new one begins with the permissions of another. */
import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, version } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useEdicion } from '@/comun/edicion';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { Nada } from '@/comun/Seccion';
import { sinTildes } from '@/comun/texto';
import { renovarRoles } from './cambiarRol';
import type { Rol } from './datos';

const valoresDe = (rol: Rol | undefined) => ({ nombre: rol?.nombre ?? '', exige_segundo_factor: rol?.exige_segundo_factor ?? false, como: '' });
const claveDe = (nombre: string) =>
  sinTildes(nombre)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 40);

const crear = (rol: { clave: string; nombre: string; exige_segundo_factor: boolean; permisos: string[] }) => cuerpo(api.POST('/api/v1/roles', { params: { header: { 'Idempotency-Key': llave() } }, body: rol }));

export function FormaRol({ rol, roles, listo }: { rol: Rol | undefined; roles: Rol[]; listo: () => void }) {
  const { t } = useTranslation('personal');
  const formulario = useForm({ initialValues: valoresDe(rol), validate: { nombre: (v) => (v.trim() ? null : t('falta.nombre_rol')) } });
  const envio = useEnvio(formulario as never, { nombres: { clave: 'nombre' } });
  const { base, guardando } = useEdicion(formulario, rol, rol ? version(rol) : '', valoresDe);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const datos = { nombre: v.nombre.trim(), exige_segundo_factor: v.exige_segundo_factor };
      const antes = base.fila;
      if (antes) await guardando(() => cuerpo(api.PUT('/api/v1/roles/{id}', { params: { path: { id: antes.id }, header: { 'If-Match': version(antes) } }, body: { ...datos, permisos: antes.permisos } })), renovarRoles);
      else await crear({ clave: claveDe(v.nombre), ...datos, permisos: roles.find((uno) => uno.id === v.como)?.permisos ?? [] });
      listo();
      await renovarRoles();
      avisar({ tono: 'bien', titulo: t(antes ? 'roles.guardado' : 'roles.creado', { rol: datos.nombre }), ...(antes ? {} : { detalle: t('roles.creado_detalle') }) });
    });
  const borrar = (uno: Rol) =>
    envio.enviar(async () => {
      await api.DELETE('/api/v1/roles/{id}', { params: { path: { id: uno.id } } });
      listo();
      await renovarRoles();
      const { clave, nombre, exige_segundo_factor, permisos } = uno;
      avisar({ tono: 'bien', titulo: t('roles.borrado', { rol: nombre }), deshacer: () => crear({ clave, nombre, exige_segundo_factor, permisos }).then(() => void renovarRoles(), avisarFalla) });
    });
  return (
    <Forma envio={envio} guardar={t(rol ? 'app:guardar' : 'roles.crear')} listo={listo} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <TextInput label={t('roles.nombre')} required maxLength={80} autoComplete="off" data-autofocus placeholder={t('roles.ejemplo')} {...formulario.getInputProps('nombre')} />
      {!rol && <Select label={t('roles.como')} description={t('roles.como_ayuda')} clearable clearButtonProps={{ 'aria-label': t('quitar') }} data={roles.map((uno) => ({ value: uno.id, label: uno.nombre }))} value={formulario.values.como || null} onChange={(valor) => formulario.setFieldValue('como', valor ?? '')} />}
      <Switch label={t('roles.exige')} description={t('roles.exige_ayuda')} {...formulario.getInputProps('exige_segundo_factor', { type: 'checkbox' })} />
      {rol?.de_sistema && <Nada>{t('roles.de_sistema')}</Nada>}
      {rol && !rol.de_sistema && (
        <Button variant="subtle" color="red.9" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={() => void borrar(rol)}>
          {t('roles.borrar')}
        </Button>
      )}
    </Forma>
  );
}
