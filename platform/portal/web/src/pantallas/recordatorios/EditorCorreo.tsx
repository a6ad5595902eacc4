import { Group, SegmentedControl, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version, type Esquemas } from '@/api/cliente';
import { Problema } from '@/api/problema';
import { avisar, textoDeFalla } from '@/app/avisos';
import { Forma } from '@/comun/Forma';
import { Falla, useEnvio } from '@/comun/formulario';
import { intercalar, Variables } from './Variables';
import { renovarPlantillas, VolverALaDeSiempre } from './VolverALaDeSiempre';

type Plantilla = Esquemas['PlantillaDeTipo'];
type Campo = 'asunto' | 'html' | 'texto';

export function EditorCorreo({ plantilla }: { plantilla: Plantilla }) {
  const { t } = useTranslation('recordatorios');
  const campos = useRef<Partial<Record<Campo, HTMLTextAreaElement | HTMLInputElement | null>>>({});
  const [ultimo, setUltimo] = useState<Campo>('html');
  const inicial = { asunto: plantilla.asunto, html: plantilla.html, texto: plantilla.texto };
  const formulario = useForm({ initialValues: inicial, validate: { asunto: (v) => (v.trim() ? null : t('plantillas.texto_falta')) } });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const ruta = { path: { tipo: plantilla.tipo } };
  const escribir = async (body: typeof inicial, conVersion: string) => cuerpo(api.PUT('/api/v1/plantillas-correo/{tipo}', { params: { ...ruta, header: { 'If-Match': conVersion } }, body }));
  const guardar = () =>
    envio.enviar(async () => {
      await escribir(v, version(plantilla));
      avisar({ tono: 'bien', titulo: t('plantillas.guardada') });
      await renovarPlantillas();
    });
  const propiedades = (campo: Campo) => ({ ref: (nodo: HTMLTextAreaElement & HTMLInputElement) => void (campos.current[campo] = nodo), onFocus: () => setUltimo(campo), ...formulario.getInputProps(campo) });
  return (
    <div className="editor">
      <div className="panel">
        <section style={{ padding: 14 }}>
          <Forma envio={envio} guardar={t('app:guardar')} inactivo={!formulario.isDirty()} alEnviar={formulario.onSubmit(() => void guardar())}>
            <TextInput label={t('plantillas.asunto')} {...propiedades('asunto')} />
            <Textarea label={t('plantillas.html')} className="codigo" autosize minRows={8} maxRows={18} {...propiedades('html')} />
            <Textarea label={t('plantillas.sin_html')} description={t('plantillas.sin_html_ayuda')} className="codigo" autosize minRows={5} maxRows={12} {...propiedades('texto')} />
            <Variables lista={plantilla.variables} alPoner={(escrito) => formulario.setFieldValue(ultimo, intercalar(campos.current[ultimo] ?? null, v[ultimo], escrito))} />
          </Forma>
        </section>
      </div>
      <section className="panel" aria-label={t('plantillas.vista')}>
        <Vista tipo={plantilla.tipo} datos={v}>
          {plantilla.propia && <VolverALaDeSiempre volver={() => api.DELETE('/api/v1/plantillas-correo/{tipo}', { params: ruta })} reponer={async () => escribir(inicial, version(await cuerpo(api.GET('/api/v1/plantillas-correo/{tipo}', { params: ruta }))))} />}
        </Vista>
        <Text size="xs" c="dimmed" mt={8}>
          {t(plantilla.propia ? 'plantillas.es_propia' : 'plantillas.es_de_siempre')}
        </Text>
      </section>
    </div>
  );
}

/** Written by the server with its own rules, while one types. */
function Vista({ tipo, datos, children }: { tipo: Plantilla['tipo']; datos: { asunto: string; html: string; texto: string }; children: React.ReactNode }) {
  const { t } = useTranslation('recordatorios');
  const [como, setComo] = useState('html');
  const [pausado] = useDebouncedValue(datos, 500);
  const consulta = useQuery({
    queryKey: ['vista-previa', tipo, pausado],
    queryFn: () => cuerpo(api.POST('/api/v1/plantillas-correo/{tipo}/vista-previa', { params: { path: { tipo } }, body: pausado })),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const mal = consulta.error instanceof Problema ? consulta.error.errores.map((uno) => uno.detail).join(' ') || textoDeFalla(consulta.error) : consulta.error ? textoDeFalla(consulta.error) : '';
  return (
    <>
      <Group justify="space-between" mb={8}>
        <SegmentedControl size="xs" aria-label={t('plantillas.vista')} value={como} onChange={setComo} data={[{ value: 'html', label: t('plantillas.como_correo') }, { value: 'texto', label: t('plantillas.como_texto') }]} />
        {children}
      </Group>
      <Falla>{mal}</Falla>
      {consulta.data && (
        <>
          <Text size="sm" mb={8}>
            <span className="tenue">{t('plantillas.asunto')}: </span>
            <b>{consulta.data.asunto}</b>
          </Text>
          {como === 'html' ? <iframe className="vista-correo" title={t('plantillas.vista')} sandbox="" srcDoc={consulta.data.html} /> : <div className="globo">{consulta.data.texto}</div>}
        </>
      )}
    </>
  );
}
