/** To the newest version: what it asks for besides, what it gives up, and what the configuration would lack. */
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { Falla, useEnvio } from '@/comun/formulario';
import { Pastilla } from '@/comun/Pastilla';
import { enPalabras, releer, tipoDe, useConfiguracion, type Detalle } from '../datos';
import { revertir } from '../hacer';
import { Aviso, Permisos } from '../Partes';

export function Actualizar({ detalle, abierto, cerrar }: { detalle: Detalle; abierto: boolean; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const consulta = $api.useQuery('get', '/api/v1/complementos/{id}/actualizacion', { params: { path: { id: detalle.complemento } } }, { enabled: abierto, staleTime: 0 });
  return (
    <Modal opened={abierto} onClose={cerrar} title={t('actualizar.titulo', { nombre: detalle.nombre })} size="lg" closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Segun consulta={consulta}>{(cambio) => <Cambio detalle={detalle} cambio={cambio} cerrar={cerrar} />}</Segun>
    </Modal>
  );
}

/** What was typed; nothing when nothing was, and `undefined` when it is no object. */
function leerJson(texto: string | null): Record<string, unknown> | null | undefined {
  if (texto === null) return null;
  try {
    const leido: unknown = JSON.parse(texto);
    return typeof leido === 'object' && leido !== null && !Array.isArray(leido) ? (leido as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function Cambio({ detalle, cambio, cerrar }: { detalle: Detalle; cambio: Esquemas['Actualizacion']; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const { va, falla, enviar } = useEnvio();
  const ahora = useConfiguracion(detalle.complemento, cambio.faltas.length > 0).data?.config;
  const [escrita, setEscrita] = useState<string | null>(null);
  const { digest } = cambio;
  if (!digest) return <Text size="sm">{t('actualizar.al_dia', { version: cambio.desde })}</Text>;
  const config = leerJson(escrita);
  const actualizar = async () => {
    const bien = await enviar(() => api.POST('/api/v1/complementos/{id}/actualizar', { params: { path: { id: detalle.complemento } }, body: { digest, consiente: cambio.nuevos.map((uno) => uno.clave), ...(config ? { config: config as never } : {}) } }));
    await releer();
    if (!bien) return;
    avisar({ tono: 'bien', titulo: t('hecho.actualizado', { version: cambio.a }), deshacer: () => revertir({ ...detalle, instalacion: detalle.instalacion && { ...detalle.instalacion, anterior: cambio.desde } }) });
    cerrar();
  };
  return (
    <Stack gap="sm">
      <Text size="sm">{t('actualizar.de_a', { de: cambio.desde, a: cambio.a })}</Text>
      <section aria-label={t('actualizar.nuevos')} className="panel cmp-dentro">
        <b className="chico">{t('actualizar.nuevos')}</b>
        {cambio.nuevos.length === 0 ? (
          <p className="seccion-nada">{t('actualizar.ninguno')}</p>
        ) : (
          <Permisos permisos={cambio.nuevos} marca={() => <Pastilla tono="aviso" icono={IconPlus}>{t('actualizar.nuevo')}</Pastilla>} />
        )}
        {cambio.sobran.length > 0 && (
          <>
            <b className="chico">{t('actualizar.sobran')}</b>
            <ul className="lineas">
              {cambio.sobran.map((clave) => {
                const dicho = enPalabras({ clave, tipo: tipoDe(clave) });
                return (
                  <li key={clave}>
                    <IconMinus size={15} aria-hidden /> {t(`permiso.${dicho.clave}`, dicho.valores)}
                  </li>
                );
              })}
            </ul>
          </>
        )}
      </section>
      {cambio.faltas.length > 0 && (
        <Aviso titulo={t('actualizar.faltas')}>
          <ul>
            {cambio.faltas.map((una) => (
              <li key={una.pointer}>{`${una.pointer.replace(/^\/(config\/)?/, '')}: ${una.detail}`}</li>
            ))}
          </ul>
        </Aviso>
      )}
      {cambio.faltas.length > 0 && (
        // Only the new version has the schema of what it wants, and the server does not show it before: so as a document.
        <Textarea className="cmp-mono" autosize minRows={4} maxRows={12} label={t('actualizar.config')} description={t('actualizar.config_ayuda')} error={config === undefined ? t('form.json_roto') : undefined} value={escrita ?? JSON.stringify(ahora ?? {}, null, 2)} onChange={(e) => setEscrita(e.currentTarget.value)} />
      )}
      <Text size="sm" c="dimmed">
        {t('actualizar.seguro')}
      </Text>
      <Falla>{falla}</Falla>
      <Group justify="flex-end">
        <Button variant="default" onClick={cerrar}>
          {t('cancelar')}
        </Button>
        <Button loading={va} disabled={config === undefined} onClick={() => void actualizar()}>
          {t(cambio.nuevos.length ? 'actualizar.aceptar' : 'actualizar.boton', { version: cambio.a })}
        </Button>
      </Group>
    </Stack>
  );
}
