/** Some hours in which nobody books. Where there are appointments already, they are shown before it is done all the same. */
import { Alert, Anchor, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, type CitaEnAgenda } from '@/api/cliente';
import { esProblema } from '@/api/problema';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { CampoHora } from '@/comun/fecha/CampoHora';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { deZona, diaEn, diaMedio, fechaHora, hoyEn } from '@/comun/tiempo';
import { useMedicos, type Sede } from './datos';
import { renovarDias } from './dias';
import { useLocales } from './locales';

type De = 'sede' | 'medico_id' | 'ambiente_id' | 'equipo_id';
type Valores = { de: De; cual: string; dia: string; desde: string; dia_hasta: string; hasta: string; motivo: string };

export function FormaBloqueo({ sede, listo }: { sede: Sede; listo: () => void }) {
  const { t } = useTranslation('sedes');
  const zona = sede.zona_horaria;
  const [citas, setCitas] = useState<CitaEnAgenda[]>();
  const medicos = useMedicos(sede.id);
  const locales = useLocales(sede.id);
  const listas = { medico_id: medicos, ambiente_id: locales.ambiente.data ?? [], equipo_id: locales.equipo.data ?? [], sede: [] };
  const formulario = useForm<Valores>({
    initialValues: { de: 'sede', cual: '', dia: '', desde: '08:00', dia_hasta: '', hasta: '20:00', motivo: '' },
    validate: {
      dia: (v) => (v ? null : t('falta.fecha')),
      motivo: (v) => (v.trim() ? null : t('falta.motivo')),
      cual: (v, { de }) => (de === 'sede' || v ? null : t('falta.cual')),
      hasta: (v, todo) => (`${todo.dia_hasta || todo.dia}T${v}` > `${todo.dia}T${todo.desde}` ? null : t('semana.mal.orden')),
    },
    onValuesChange: () => setCitas(undefined),
  });
  const envio = useEnvio(formulario as never, {
    nombres: { medico_id: 'cual', ambiente_id: 'cual', equipo_id: 'cual' },
    aparte: (falla) => {
      if (!esProblema(falla, 'bloqueo-con-citas')) return false;
      setCitas(falla.extra<CitaEnAgenda[]>('citas') ?? []);
      return true;
    },
  });
  const campo = formulario.getInputProps;
  const { de } = formulario.values;
  const guardar = (v: Valores) =>
    envio.enviar(async () => {
      const body = {
        desde: deZona(`${v.dia}T${v.desde}`, zona),
        hasta: deZona(`${v.dia_hasta || v.dia}T${v.hasta}`, zona),
        motivo: v.motivo.trim(),
        confirmar: citas !== undefined,
        ...(v.de === 'sede' ? {} : { [v.de]: v.cual }),
      };
      const hecho = await cuerpo(api.POST('/api/v1/sedes/{id}/bloqueos', { params: { path: { id: sede.id }, header: { 'Idempotency-Key': llave() } }, body }));
      listo();
      await renovarDias();
      avisar({
        tono: 'bien',
        titulo: t('dias.bloqueado', { dia: diaMedio(v.dia) }),
        detalle: body.motivo,
        deshacer: () => cuerpo(api.DELETE('/api/v1/bloqueos/{id}', { params: { path: { id: hecho?.id ?? '' } } })).then(() => void renovarDias(), avisarFalla),
      });
    });
  return (
    <Forma envio={envio} guardar={t(citas ? 'dias.bloquear_igual' : 'dias.bloquear')} listo={listo} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Select label={t('dias.que')} allowDeselect={false} data={(['sede', 'medico_id', 'ambiente_id', 'equipo_id'] as const).map((valor) => ({ value: valor, label: t(`dias.de.${valor}`) }))} {...campo('de')} onChange={(valor) => formulario.setValues({ de: (valor ?? 'sede') as De, cual: '' })} />
      {de !== 'sede' && <Select label={t(`dias.cual.${de}`)} required searchable allowDeselect={false} nothingFoundMessage={t('nada_asi')} data={listas[de].map((uno) => ({ value: uno.id, label: uno.nombre }))} {...campo('cual')} value={formulario.values.cual || null} />}
      <Group grow align="flex-start">
        <CampoFecha label={t('dias.desde_dia')} required minimo={hoyEn(zona)} {...deCampo(campo('dia'))} />
        <CampoHora label={t('dias.desde_hora')} required {...deCampo(campo('desde'))} />
      </Group>
      <Group grow align="flex-start">
        <CampoFecha label={t('dias.hasta_dia')} minimo={formulario.values.dia || undefined} {...deCampo(campo('dia_hasta'))} valor={formulario.values.dia_hasta || formulario.values.dia} />
        <CampoHora label={t('dias.hasta_hora')} required {...deCampo(campo('hasta'))} />
      </Group>
      <TextInput label={t('dias.motivo')} required maxLength={200} autoComplete="off" placeholder={t('dias.motivo_bloqueo')} {...campo('motivo')} />
      {citas && (
        <Alert color="orange" variant="light" role="alert" icon={<IconAlertTriangle size={18} />} title={t('dias.con_citas', { count: citas.length })}>
          <p className="chico">{t('dias.con_citas_detalle')}</p>
          <ul className="lineas">
            {citas.slice(0, 12).map((cita) => (
              <li key={cita.id}>
                <Anchor component={Enlace} a="/agenda" con={{ fecha: diaEn(cita.inicio, zona), sede: sede.id }} size="sm">
                  {fechaHora(cita.inicio, zona)}
                </Anchor>{' '}
                {cita.mascota} · {cita.servicio} · {cita.medico}
              </li>
            ))}
          </ul>
          {citas.length > 12 && <p className="chico">{t('dias.y_mas', { count: citas.length - 12 })}</p>}
        </Alert>
      )}
    </Forma>
  );
}
