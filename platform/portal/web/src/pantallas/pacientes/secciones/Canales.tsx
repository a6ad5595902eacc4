/** How an owner prefers to be written to. Whether they may be written to at all is a consent, which is apart. */
import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Falla, useEnvio } from '@/comun/formulario';
import { MEDIOS, OrdenDeMedios, type Medio } from '@/comun/OrdenDeMedios';
import { Seccion } from '@/comun/Seccion';

type Preferencia = Esquemas['PreferenciaDeCanales'];

export function Canales({ tutor }: { tutor: string }) {
  const { t } = useTranslation('pacientes');
  const consulta = $api.useQuery('get', '/api/v1/tutores/{id}/canales', { params: { path: { id: tutor } } });
  return <Seccion titulo={t('canales.titulo')}><Segun consulta={consulta}>{(preferencia) => <Orden key={preferencia.version} tutor={tutor} preferencia={preferencia} />}</Segun></Seccion>;
}

function Orden({ tutor, preferencia }: { tutor: string; preferencia: Preferencia }) {
  const { t } = useTranslation('pacientes');
  const edita = usePuede()('paciente.editar', 'alguna');
  const [propios, setPropios] = useState<Medio[] | null>(preferencia.canales ?? null);
  const { va, falla, enviar } = useEnvio();
  const cambiado = JSON.stringify(propios) !== JSON.stringify(preferencia.canales ?? null);
  const escribir = (canales: Medio[] | null, conVersion: string) => cuerpo(api.PUT('/api/v1/tutores/{id}/canales', { params: { path: { id: tutor }, header: { 'If-Match': conVersion } }, body: { canales } }));
  const guardar = () =>
    void enviar(async () => {
      const hecho = await escribir(propios, version(preferencia));
      avisar({ tono: 'bien', titulo: t('canales.guardado'), deshacer: () => escribir(preferencia.canales ?? null, version(hecho)).then(() => void renovar('/api/v1/tutores/{id}/canales')) });
      await renovar('/api/v1/tutores/{id}/canales');
    });
  if (!edita) return <p className="tenue">{propios === null ? t('canales.como_la_cadena') : propios.length === 0 ? t('canales.por_ninguno') : propios.map((uno) => t(`app:medio.${uno}`)).join(' → ')}</p>;
  return (
    <>
      <SegmentedControl fullWidth size="xs" aria-label={t('canales.titulo')} value={propios === null ? 'cadena' : 'propios'} onChange={(valor) => setPropios(valor === 'cadena' ? null : (preferencia.canales ?? [...MEDIOS]))} data={[{ value: 'cadena', label: t('canales.como_la_cadena') }, { value: 'propios', label: t('canales.a_su_gusto') }]} />
      {propios !== null && <OrdenDeMedios valor={propios} alCambiar={setPropios} />}
      {propios !== null && <p className="tenue chico">{t(propios.length === 0 ? 'canales.por_ninguno' : 'canales.ayuda')}</p>}
      <Falla>{falla}</Falla>
      {cambiado && (
        <Button size="compact-sm" mt={8} loading={va} onClick={guardar}>
          {t('app:guardar')}
        </Button>
      )}
    </>
  );
}
