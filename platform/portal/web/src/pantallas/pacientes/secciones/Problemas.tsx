import { ActionIcon, Button, Popover, Stack, Textarea, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertOctagon, IconAlertTriangle, IconCheck, IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Falla, useEnvio } from '@/comun/formulario';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaCorto, hoyEn, ZONA } from '@/comun/tiempo';
import { renovarMascota, useHechos, type Mascota } from '../datos';
import { BotonAnotar } from '../anotar/BotonAnotar';

const GRAVEDAD = { grave: ['grave', IconAlertOctagon], moderada: ['aviso', IconAlertTriangle], leve: ['gris', IconInfoCircle] } as const;

/** What holds today: allergies first, the worst first. */
export function Problemas({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const consulta = useHechos(mascota.id);
  const hoy = hoyEn(ZONA);
  const registra = puede('clinica.registrar', 'alguna') && !mascota.fallecida_en;
  const orden = { grave: 0, moderada: 1, leve: 2 };
  const alergias = (consulta.data?.alergias ?? []).filter((una) => !una.hasta || una.hasta >= hoy).sort((a, b) => orden[a.gravedad] - orden[b.gravedad]);
  const problemas = (consulta.data?.problemas ?? []).filter((uno) => !uno.hasta || uno.hasta >= hoy);
  return (
    <Seccion
      titulo={t('problemas.titulo')}
      cuenta={alergias.length + problemas.length}
      acciones={registra && <BotonAnotar clase="problema" />}
    >
      <Segun consulta={consulta} vacio={() => (alergias.length + problemas.length === 0 ? <Nada>{t('problemas.ninguno')}</Nada> : null)}>
        {() => (
          <ul className="lineas">
            {alergias.map((una) => {
              const [tono, icono] = GRAVEDAD[una.gravedad];
              return (
                <li key={una.id} className="hecho">
                  <div>
                    <b>{t('problemas.alergia_a', { a: una.a })}</b>
                    <div className="tenue">{[t(`sustancia.${una.sustancia}`), una.reaccion, t('desde', { dia: diaCorto(una.desde) })].filter(Boolean).join(' · ')}</div>
                  </div>
                  <Pastilla tono={tono} icono={icono}>
                    {t(`gravedad.${una.gravedad}`)}
                  </Pastilla>
                  {registra && <Terminar id={una.id} nombre={una.a} que="resolver" />}
                </li>
              );
            })}
            {problemas.map((uno) => (
              <li key={uno.id} className="hecho">
                <div>
                  <b>{uno.nombre}</b>
                  <div className="tenue">{t('desde', { dia: diaCorto(uno.desde) })}</div>
                </div>
                {uno.cronico && (
                  <Pastilla tono="nota" icono={IconRefresh}>
                    {t('problemas.cronico')}
                  </Pastilla>
                )}
                {registra && <Terminar id={uno.id} nombre={uno.nombre} que="resolver" />}
              </li>
            ))}
          </ul>
        )}
      </Segun>
    </Seccion>
  );
}

/** Says that a problem is over or a treatment ended. Facts carry no version here: it is read first. */
export function Terminar({ id, nombre, que }: { id: string; nombre: string; que: 'resolver' | 'terminar' }) {
  const { t } = useTranslation('pacientes');
  const [abierto, setAbierto] = useState(false);
  const formulario = useForm({ initialValues: { motivo: '' }, validate: { motivo: (v) => (v.trim() ? null : t('motivo_falta')) } });
  const { va, falla, enviar } = useEnvio(formulario as never);
  const ruta = { path: { id } };
  async function terminar({ motivo }: { motivo: string }) {
    const bien = await enviar(async () => {
      const hecho = await cuerpo(api.GET('/api/v1/hechos-clinicos/{id}', { params: ruta }));
      await cuerpo(api.PUT('/api/v1/hechos-clinicos/{id}/termino', { params: { ...ruta, header: { 'If-Match': `"${hecho.version}"` } }, body: { motivo: motivo.trim() } }));
    });
    if (!bien) return;
    setAbierto(false);
    avisar({ tono: 'bien', titulo: t(`problemas.hecho_${que}`, { nombre }) });
    void renovarMascota();
  }
  return (
    <Popover opened={abierto} onChange={setAbierto} width={280} trapFocus position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <Tooltip label={t(`problemas.${que}`)}>
          <ActionIcon variant="subtle" color="gray" aria-label={t(`problemas.${que}_este`, { nombre })} onClick={() => setAbierto(!abierto)}>
            <IconCheck size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t(`problemas.${que}_este`, { nombre })}>
        <form noValidate onSubmit={formulario.onSubmit((valores) => void terminar(valores))}>
          <Stack gap="xs">
            <Falla>{falla}</Falla>
            <Textarea label={t('motivo')} placeholder={t(`problemas.${que}_ejemplo`)} autosize minRows={2} data-autofocus maxLength={500} {...formulario.getInputProps('motivo')} />
            <Button type="submit" loading={va}>
              {t(`problemas.${que}`)}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
