import { Group, Switch, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Forma } from '@/comun/Forma';
import { oNada, useEnvio } from '@/comun/formulario';
import { conEjemplos, intercalar, Variables } from './Variables';
import { renovarPlantillas, VolverALaDeSiempre } from './VolverALaDeSiempre';

type Plantilla = Esquemas['PlantillaCorta'];
/** Letters of an SMS: 160 of the plain alphabet, 70 with any other; in several parts some are lost to their numbering. */
const PLANO = /^[A-Za-z0-9 \r\n@£$¥èéùìòÇØøÅåÄÖÑÜ§¿äöñüà!"#%&'()*+,\-./:;<=>?¡_^{}\\[~\]|€]*$/;
const partesDeSms = (texto: string) => {
  const plano = PLANO.test(texto);
  const [una, varias] = plano ? [160, 153] : [70, 67];
  return texto.length <= una ? 1 : Math.ceil(texto.length / varias);
};

export function EditorCorto({ plantilla }: { plantilla: Plantilla }) {
  const { t } = useTranslation('recordatorios');
  const campo = useRef<HTMLTextAreaElement>(null);
  const formulario = useForm({ initialValues: { texto: plantilla.texto, plantilla: plantilla.plantilla ?? '', variables: plantilla.variables ?? [], botones: plantilla.botones ?? false }, validate: { texto: (v) => (v.trim() ? null : t('plantillas.texto_falta')) } });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const vista = conEjemplos(v.texto, plantilla.dice);
  const whatsapp = plantilla.canal === 'whatsapp';
  const ruta = { path: { tipo: plantilla.tipo, canal: plantilla.canal } };
  const body = (de: typeof v) => ({ texto: de.texto, ...(whatsapp ? { plantilla: oNada(de.plantilla), variables: de.variables, botones: de.botones } : {}) });
  const escribir = async (de: typeof v, conVersion: string) => cuerpo(api.PUT('/api/v1/plantillas-mensaje/{tipo}/{canal}', { params: { ...ruta, header: { 'If-Match': conVersion } }, body: body(de) }));
  const guardar = () =>
    envio.enviar(async () => {
      await escribir(v, version(plantilla));
      avisar({ tono: 'bien', titulo: t('plantillas.guardada') });
      await renovarPlantillas();
    });
  return (
    <div className="editor">
      <div className="panel">
        <section style={{ padding: 14 }}>
          <Forma envio={envio} guardar={t('app:guardar')} inactivo={!formulario.isDirty()} alEnviar={formulario.onSubmit(() => void guardar())}>
            <Textarea ref={campo} label={t('plantillas.texto')} autosize minRows={4} maxRows={14} {...formulario.getInputProps('texto')} />
            <Variables lista={plantilla.dice} alPoner={(escrito) => formulario.setFieldValue('texto', intercalar(campo.current, v.texto, escrito))} />
            {whatsapp && (
              <>
                <TextInput label={t('plantillas.aprobada')} description={t('plantillas.aprobada_ayuda')} {...formulario.getInputProps('plantilla')} />
                <TagsInput label={t('plantillas.orden')} description={t('plantillas.orden_ayuda')} splitChars={[';']} clearButtonProps={{ 'aria-label': t('app:quitar') }} {...formulario.getInputProps('variables')} />
                <Switch label={t('plantillas.botones')} {...formulario.getInputProps('botones', { type: 'checkbox' })} />
              </>
            )}
          </Forma>
        </section>
      </div>
      <section className="panel" aria-label={t('plantillas.vista')}>
        <Group justify="space-between" mb={8}>
          <Text size="sm" fw={600}>
            {t('plantillas.vista')}
          </Text>
          {plantilla.propia && <VolverALaDeSiempre volver={() => api.DELETE('/api/v1/plantillas-mensaje/{tipo}/{canal}', { params: ruta })} reponer={async () => escribir(formulario.getInitialValues(), version(await cuerpo(api.GET('/api/v1/plantillas-mensaje/{tipo}/{canal}', { params: ruta }))))} />}
        </Group>
        <div className="globo">{vista}</div>
        <Text size="xs" c="dimmed" mt={8}>
          {plantilla.canal === 'sms' ? t('plantillas.letras_sms', { count: partesDeSms(vista), letras: vista.length }) : t('plantillas.letras', { letras: vista.length })}
        </Text>
        <Text size="xs" c="dimmed" mt={4}>
          {t(plantilla.propia ? 'plantillas.es_propia' : 'plantillas.es_de_siempre')}
        </Text>
      </section>
    </div>
  );
}
