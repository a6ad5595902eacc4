/** Which column is what. The server guessed by the titles; here it is seen beside real values and corrected. */
import { Button, Group, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version } from '@/api/cliente';
import { Falla, oNada, useEnvio } from '@/comun/formulario';
import { Pastilla } from '@/comun/Pastilla';
import { Seccion } from '@/comun/Seccion';
import { renovarImportaciones, type CamposDeTipo, type Importacion } from './datos';
import { leerEjemplos } from './ejemplos';
import { Valores, type Valor } from './Valores';

const alReves = (mapa: Record<string, string>) => Object.fromEntries(Object.entries(mapa).map(([campo, titulo]) => [titulo, campo]));

export function Columnas({ importacion, campos }: { importacion: Importacion; campos: CamposDeTipo | undefined }) {
  const { t } = useTranslation('importaciones');
  const { mapeo, opciones } = importacion;
  const formulario = useForm({
    initialValues: {
      campos: importacion.columnas.map((titulo) => alReves(mapeo.columnas)[titulo] ?? ''),
      existentes: opciones.existentes ?? 'omitir',
      fechas: opciones.fechas ?? 'dia_mes',
      sistema: opciones.sistema ?? '',
      valores: Object.entries(mapeo.valores ?? {}).flatMap(([campo, cambios]) => Object.entries(cambios).map(([de, a]): Valor => ({ campo, de, a }))),
    },
  });
  const { va, falla, enviar } = useEnvio();
  const v = formulario.values;
  const ejemplos = leerEjemplos(importacion.id);
  const nombre = (clave: string) => campos?.campos.find((uno) => uno.clave === clave)?.nombre ?? clave;
  const faltan = (campos?.minimos ?? []).filter((linea) => !linea.some((clave) => v.campos.includes(clave)));
  const usados = v.campos.filter(Boolean).length;
  const body = () => ({
    mapeo: {
      columnas: Object.fromEntries(v.campos.map((campo, i) => [campo, importacion.columnas[i] ?? '']).filter(([campo]) => campo)) as Record<string, string>,
      valores: v.valores.filter((uno) => uno.campo && uno.de.trim()).reduce<Record<string, Record<string, string>>>((todos, uno) => ({ ...todos, [uno.campo]: { ...todos[uno.campo], [uno.de.trim()]: uno.a.trim() } }), {}),
    },
    opciones: { existentes: v.existentes, fechas: v.fechas, ...(oNada(v.sistema) ? { sistema: v.sistema.trim() } : {}) },
  });
  const probar = () =>
    enviar(async () => {
      if (formulario.isDirty()) await cuerpo(api.PUT('/api/v1/importaciones/{id}', { params: { path: { id: importacion.id }, header: { 'If-Match': version(importacion) } }, body: body() }));
      await cuerpo(api.POST('/api/v1/importaciones/{id}/prueba', { params: { path: { id: importacion.id } } }));
      await renovarImportaciones();
    });
  return (
    <form noValidate onSubmit={formulario.onSubmit(() => void probar())}>
      <Seccion titulo={t('columnas.titulo')} acciones={<span className="tenue chico">{t('columnas.usadas', { usadas: usados, total: importacion.columnas.length })}</span>}>
        <div className="tabla-caja" tabIndex={0} role="region" aria-label={t('columnas.titulo')}>
          <table className="tabla columnas">
            <thead>
              <tr>
                <th scope="col">{t('columnas.del_archivo')}</th>
                <th scope="col">{t('columnas.ejemplos')}</th>
                <th scope="col">{t('columnas.en_huella')}</th>
              </tr>
            </thead>
            <tbody>
              {importacion.columnas.map((titulo, i) => (
                <tr key={titulo + i}>
                  <th scope="row">{titulo || t('columnas.sin_titulo')}</th>
                  <td className="tenue">{ejemplos[titulo]?.join(' · ') || '–'}</td>
                  <td>
                    <Select
                      size="sm"
                      searchable
                      clearable
                      allowDeselect={false}
                      aria-label={t('columnas.que_es', { titulo })}
                      placeholder={t('columnas.no_se_importa')}
                      clearButtonProps={{ 'aria-label': t('app:quitar') }}
                      nothingFoundMessage={t('columnas.nada')}
                      leftSection={v.campos[i] ? <IconCheck size={16} aria-hidden /> : undefined}
                      data={(campos?.campos ?? []).filter((uno) => uno.clave === v.campos[i] || !v.campos.includes(uno.clave)).map((uno) => ({ value: uno.clave, label: uno.nombre }))}
                      value={v.campos[i] || null}
                      onChange={(valor) => formulario.setFieldValue(`campos.${i}`, valor ?? '')}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div className="importar-opciones">
          <div>
            <Text size="sm" fw={500} mb={4} id="existentes">
              {t('opciones.existentes')}
            </Text>
            <SegmentedControl aria-labelledby="existentes" data={(['omitir', 'completar'] as const).map((valor) => ({ value: valor, label: t(`opciones.${valor}`) }))} {...formulario.getInputProps('existentes')} />
          </div>
          <div>
            <Text size="sm" fw={500} mb={4} id="fechas">
              {t('opciones.fechas')}
            </Text>
            <SegmentedControl aria-labelledby="fechas" data={(['dia_mes', 'mes_dia'] as const).map((valor) => ({ value: valor, label: t(`opciones.${valor}`) }))} {...formulario.getInputProps('fechas')} />
          </div>
          <TextInput label={t('opciones.sistema')} description={t('opciones.sistema_ayuda')} maxLength={60} {...formulario.getInputProps('sistema')} />
        </div>
        <Valores lista={v.valores} campos={v.campos.filter(Boolean).map((clave) => ({ value: clave, label: nombre(clave) }))} alCambiar={(valores) => formulario.setFieldValue('valores', valores)} />
        <Falla>{falla}</Falla>
        <Group justify="space-between" mt="sm">
          <div role="status">
            {faltan.length > 0 && (
              <Pastilla tono="aviso" icono={IconAlertTriangle}>
                {t('columnas.falta', { que: faltan.map((linea) => linea.map(nombre).join(` ${t('columnas.o')} `)).join('; ') })}
              </Pastilla>
            )}
          </div>
          <Button type="submit" variant={importacion.estado === 'probada' && !formulario.isDirty() ? 'default' : 'filled'} loading={va} disabled={faltan.length > 0}>
            {t(importacion.estado === 'lista' ? 'probar' : 'probar_otra')}
          </Button>
        </Group>
      </Seccion>
    </form>
  );
}
