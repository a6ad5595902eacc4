/** Records of other sedes that were opened for an emergency: somebody else says whether it was right. */
import { Anchor, Button, Group, Select, Textarea } from '@mantine/core';
import { IconCheck, IconHelpCircle, IconLockOpen, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { useSesion } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Falla, oNada, useEnvio } from '@/comun/formulario';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { useNombreSede, usePersonas } from '@/comun/Quien';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Partes } from './Partes';

type Apertura = Esquemas['Apertura'];

export default function Aperturas() {
  const { t } = useTranslation('datosPersonales');
  const [f, cambiar] = useFiltros({ revision: 'pendiente' });
  const consulta = usePaginas('/api/v1/aperturas', f, (cursor) => cuerpo(api.GET('/api/v1/aperturas', { params: { query: { limite: 50, ...(f.revision === 'todas' ? {} : { revision: f.revision as 'pendiente' }), ...cursor } } })));
  return (
    <Partes detalle={t('aperturas.detalle')} acciones={<Exportar de="/api/v1/aperturas" con={{ revision: f.revision === 'todas' ? '' : f.revision }} />} filtros={<Select size="sm" allowDeselect={false} aria-label={t('aperturas.cuales')} data={['pendiente', 'revisada', 'todas'].map((uno) => ({ value: uno, label: t(`aperturas.${uno}`) }))} value={f.revision} onChange={(revision) => cambiar({ revision: revision ?? 'pendiente' })} />}>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={4} alto={70} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconLockOpen} titulo={t(f.revision === 'pendiente' ? 'aperturas.nada' : 'aperturas.ninguna')} detalle={t('aperturas.nada_detalle')} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((una) => (
            <Una key={una.id + una.version} apertura={una} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
    </Partes>
  );
}

function Una({ apertura }: { apertura: Apertura }) {
  const { t } = useTranslation('datosPersonales');
  const { yo } = useSesion();
  const sede = useNombreSede();
  const persona = usePersonas();
  const [nota, setNota] = useState('');
  const { va, falla, enviar } = useEnvio();
  const propia = apertura.usuario_id === yo.id;
  const revisar = (dictamen: Esquemas['Dictamen']) =>
    void enviar(async () => {
      await cuerpo(api.PUT('/api/v1/aperturas/{id}/revision', { params: { path: { id: apertura.id }, header: { 'If-Match': version(apertura) } }, body: { dictamen, nota: oNada(nota) } }));
      avisar({ tono: 'bien', titulo: t(`aperturas.quedo.${dictamen}`) });
      await renovar('/api/v1/aperturas');
    });
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b>{apertura.usuario}</b>
          <Pastilla tono={apertura.dictamen === 'injustificada' ? 'grave' : apertura.dictamen ? 'bien' : 'aviso'} icono={apertura.dictamen === 'injustificada' ? IconX : apertura.dictamen ? IconCheck : IconHelpCircle}>
            {t(apertura.dictamen ? `aperturas.dictamen.${apertura.dictamen}` : 'aperturas.sin_revisar')}
          </Pastilla>
        </div>
        <p>«{apertura.motivo}»</p>
        <div className="tenue chico num">
          {[fechaHora(apertura.abierta_en, ZONA), sede(apertura.sede_id), t('aperturas.hasta', { cuando: fechaHora(apertura.vence_en, ZONA) })].filter(Boolean).join(' · ')}{' '}
          <Anchor component={Enlace} a={`/pacientes/${apertura.mascota_id}`} fz="inherit" underline="always">
            {t('aperturas.ver_paciente')}
          </Anchor>
        </div>
        {apertura.revisada_en && <div className="chico">{t('aperturas.reviso', { quien: persona(apertura.revisada_por) ?? t('aperturas.alguien'), cuando: fechaHora(apertura.revisada_en, ZONA) })}{apertura.nota && ` «${apertura.nota}»`}</div>}
        {!apertura.dictamen && !propia && <Textarea size="sm" mt={6} maw={480} autosize minRows={1} maxLength={500} aria-label={t('aperturas.nota')} placeholder={t('aperturas.nota')} value={nota} onChange={(e) => setNota(e.currentTarget.value)} />}
        {falla && <Falla>{falla}</Falla>}
      </div>
      {!apertura.dictamen &&
        (propia ? (
          <span className="tenue chico">{t('aperturas.la_suya')}</span>
        ) : (
          <Group gap={6}>
            <Button size="compact-sm" loading={va} onClick={() => revisar('justificada')}>
              {t('aperturas.justificada')}
            </Button>
            <Button size="compact-sm" variant="default" loading={va} onClick={() => revisar('injustificada')}>
              {t('aperturas.injustificada')}
            </Button>
          </Group>
        ))}
    </li>
  );
}
