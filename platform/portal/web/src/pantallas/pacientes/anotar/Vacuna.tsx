import { Autocomplete, Group, MultiSelect, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { $api, api } from '@/api/cliente';
import { useIr } from '@/app/direccion';
import { usePuede, useSesion } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { CampoMes } from '@/comun/fecha/CampoMes';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { oNada } from '@/comun/formulario';
import { sinTildes } from '@/comun/texto';
import { hoyEn, ZONA } from '@/comun/tiempo';
import { useReservaDeVacuna } from '../datos';
import { useAbierto } from './abrir';
import type { DeCajon } from './Cajon';
import { EligeMedico } from './EligeMedico';
import { useHecho } from './comun';
import { enUnAnio } from '../texto';

export function AnotarVacuna({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { sede, yo } = useSesion();
  const [{ producto }] = useAbierto();
  const puede = usePuede();
  const ir = useIr();
  const reservaDe = useReservaDeVacuna();
  const hoy = hoyEn(sede?.zona_horaria ?? ZONA);
  const catalogo = $api.useQuery('get', '/api/v1/vacunas', { params: { query: { especie: mascota.especie.clave, limite: 200 } } }, { staleTime: 30 * 60_000 });
  const antigenos = $api.useQuery('get', '/api/v1/antigenos', { params: { query: { limite: 200 } } }, { staleTime: 30 * 60_000 });
  const formulario = useForm({
    initialValues: { producto, antigenos: [] as string[], lote: '', vence: '', fecha: hoy, proxima: enUnAnio(hoy), via: 'subcutanea', dosis: '', anterior: false, profesional: '', medico_id: yo.es_medico ? yo.id : '' },
    validate: { producto: (v) => (v.trim() ? null : t('vacunas.producto_falta')), fecha: (v) => (!v || v > hoy ? t('fecha_mala') : null), medico_id: (v, { anterior }) => (v || anterior ? null : t('vacunas.medico_falta')), proxima: (v, { fecha }) => (v && v <= fecha ? t('vacunas.proxima_mala') : null) },
  });
  const { envio, anotar } = useHecho({ mascota, listo }, formulario as never, { vacuna_id: 'producto' });
  const lista = (catalogo.data?.items ?? []).filter((una) => una.activa);
  const elegida = lista.find((una) => [una.nombre, ...una.alias].some((nombre) => sinTildes(nombre) === sinTildes(formulario.values.producto.trim())));
  const nombres = (elegida?.antigenos ?? []).map((clave) => antigenos.data?.items.find((uno) => uno.clave === clave)?.nombre ?? clave);
  async function guardar(v: typeof formulario.values) {
    const body = {
      ...(elegida ? { vacuna_id: elegida.id } : { producto: v.producto.trim(), antigenos: v.antigenos }),
      fecha: v.fecha,
      proxima: v.proxima || null,
      lote: oNada(v.lote),
      vence: oNada(v.vence),
      via: v.via as 'subcutanea',
      dosis: oNada(v.dosis),
      anterior: v.anterior,
      ...(v.anterior ? { profesional: oNada(v.profesional) } : { sede_id: sede?.id ?? null, medico_id: v.medico_id || null }),
    };
    await anotar(
      (params) => api.POST('/api/v1/pacientes/{id}/vacunaciones', { params, body }),
      (titulo) => t('vacunas.anotada', { producto: titulo, nombre: mascota.nombre }),
      v.proxima && puede('cita.reservar', 'alguna') ? { texto: t('vacunas.reservar'), hacer: () => ir('/agenda', reservaDe(mascota, v.proxima)) } : undefined,
    );
  }
  return (
    <Forma envio={envio} listo={listo} guardar={t('vacunas.guardar')} alEnviar={formulario.onSubmit((valores) => void guardar(valores))}>
      <Autocomplete
        label={t('vacunas.producto')}
        description={elegida ? nombres.join(', ') : formulario.values.producto ? t('vacunas.fuera') : t('vacunas.producto_ayuda', { especie: mascota.especie.nombre.toLowerCase() })}
        data={lista.map((una) => una.nombre)}
        data-autofocus
        limit={12}
        withScrollArea={false}
        styles={{ dropdown: { maxHeight: 230, overflowY: 'auto' } }}
        openOnFocus={false}
        comboboxProps={{ withinPortal: true }}
        {...formulario.getInputProps('producto')}
      />
      {!elegida && formulario.values.producto.trim() !== '' && (
        <MultiSelect
          label={t('vacunas.antigenos')}
          searchable
          withScrollArea={false}
          styles={{ dropdown: { maxHeight: 230, overflowY: 'auto' } }}
          data={(antigenos.data?.items ?? []).filter((uno) => uno.activo && uno.especies.includes(mascota.especie.clave)).map((uno) => ({ value: uno.clave, label: uno.nombre }))}
          {...formulario.getInputProps('antigenos')}
        />
      )}
      <Group grow align="flex-start">
        <TextInput label={t('vacunas.lote_nombre')} autoComplete="off" maxLength={60} {...formulario.getInputProps('lote')} />
        <CampoMes label={t('vacunas.vence')} {...deCampo(formulario.getInputProps('vence'))} />
      </Group>
      <Group grow align="flex-start">
        <CampoFecha label={t('vacunas.fecha')} maximo={hoy} {...deCampo(formulario.getInputProps('fecha'))} />
        <CampoFecha label={t('vacunas.proxima_nombre')} vaciable minimo={formulario.values.fecha} {...deCampo(formulario.getInputProps('proxima'))} />
      </Group>
      <Group grow align="flex-start">
        <Select label={t('via_nombre')} allowDeselect={false} data={['subcutanea', 'intramuscular', 'intranasal', 'oral', 'otra'].map((via) => ({ value: via, label: t(`via.${via}`) }))} {...formulario.getInputProps('via')} />
        <TextInput label={t('dosis')} placeholder="1 ml" maxLength={60} {...formulario.getInputProps('dosis')} />
      </Group>
      <Switch label={t('en_otro_lugar')} description={t('en_otro_lugar_ayuda')} {...formulario.getInputProps('anterior', { type: 'checkbox' })} />
      {!formulario.values.anterior && <EligeMedico formulario={formulario} />}
      {formulario.values.anterior && <TextInput label={t('profesional')} {...formulario.getInputProps('profesional')} />}
    </Forma>
  );
}
