/** How long each kind of data is kept. It is tried before it is switched on: what it would delete is counted first. */
import { Button, Group, NumberInput, Switch } from '@mantine/core';
import { IconCheck, IconFlask, IconPlayerPause } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Falla, useEnvio } from '@/comun/formulario';
import { Pastilla } from '@/comun/Pastilla';
import { diaCorto, diaEn, fechaHora, ZONA } from '@/comun/tiempo';
import { Partes } from './Partes';

type Regla = Esquemas['ReglaDeConservacion'];
const alDia = () => renovar('/api/v1/conservacion');

export default function Conservacion() {
  const { t } = useTranslation('datosPersonales');
  const consulta = $api.useQuery('get', '/api/v1/conservacion');
  return (
    <Partes detalle={t('conservacion.detalle')} acciones={<Exportar de="/api/v1/conservacion" />}>
      <Segun consulta={consulta}>
        {(reglas) => (
          <ul className="panel lineas renglones">
            {reglas.map((una) => (
              <Una key={una.clase + una.version} regla={una} />
            ))}
          </ul>
        )}
      </Segun>
    </Partes>
  );
}

function Una({ regla }: { regla: Regla }) {
  const { t } = useTranslation('datosPersonales');
  const [meses, setMeses] = useState<number | string>(regla.meses ?? Math.max(regla.minimo_meses, 1));
  const { va, falla, enviar } = useEnvio();
  const decide = regla.accion !== 'conservar';
  const params = { path: { clase: regla.clase }, header: { 'If-Match': version(regla) } };
  const guardar = (activa: boolean) =>
    void enviar(async () => {
      const hecha = await cuerpo(api.PUT('/api/v1/conservacion/{clase}', { params, body: { activa, meses: Number(meses) } }));
      avisar({
        tono: 'bien',
        titulo: t(activa ? 'conservacion.activada' : 'conservacion.guardada', { clase: t(`conservacion.clase.${regla.clase}`) }),
        ...(regla.meses != null ? { deshacer: () => cuerpo(api.PUT('/api/v1/conservacion/{clase}', { params: { path: params.path, header: { 'If-Match': version(hecha) } }, body: { activa: regla.activa, meses: regla.meses ?? 0 } })).then(() => void alDia(), avisarFalla) } : {}),
      });
      await alDia();
    });
  const ensayar = () =>
    void enviar(async () => {
      if (Number(meses) !== regla.meses) await cuerpo(api.PUT('/api/v1/conservacion/{clase}', { params, body: { activa: false, meses: Number(meses) } }));
      const vencidos = await cuerpo(api.POST('/api/v1/conservacion/{clase}/ensayo', { params: { path: { clase: regla.clase } } }));
      avisar({ tono: 'nota', titulo: t('conservacion.venceria', { count: vencidos.cantidad }), detalle: t('conservacion.sin_actividad', { dia: diaCorto(diaEn(vencidos.antes_de, ZONA)) }) });
      await alDia();
    });
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b>{t(`conservacion.clase.${regla.clase}`)}</b>
          {decide && (
            <Pastilla tono={regla.activa ? 'bien' : 'gris'} icono={regla.activa ? IconCheck : IconPlayerPause}>
              {t(regla.activa ? `conservacion.se.${regla.accion}` : 'conservacion.apagada')}
            </Pastilla>
          )}
        </div>
        <div className="tenue chico">{[regla.minimo_meses > 0 && t('conservacion.minimo', { count: regla.minimo_meses }), regla.fuente].filter(Boolean).join(' · ')}</div>
        {regla.ensayada_en && <div className="chico num">{t('conservacion.ensayada', { cuando: fechaHora(regla.ensayada_en, ZONA), count: regla.ensayo_cantidad ?? 0 })}</div>}
        {regla.cumplida_en && <div className="chico num">{t('conservacion.cumplida', { cuando: fechaHora(regla.cumplida_en, ZONA), count: regla.cumplida_cantidad ?? 0 })}</div>}
        {falla && <Falla>{falla}</Falla>}
      </div>
      {decide && (
        <Group gap="xs" align="center">
          <NumberInput size="xs" w={120} aria-label={t('conservacion.meses_de', { clase: t(`conservacion.clase.${regla.clase}`) })} suffix={t('conservacion.meses')} min={Math.max(1, regla.minimo_meses)} max={600} allowDecimal={false} value={meses} onChange={setMeses} />
          <Button size="xs" variant="default" loading={va} disabled={meses === ''} leftSection={<IconFlask size={15} aria-hidden />} onClick={ensayar}>
            {t('conservacion.ensayar')}
          </Button>
          <Switch aria-label={t('conservacion.activar', { clase: t(`conservacion.clase.${regla.clase}`) })} checked={regla.activa} disabled={va || meses === ''} onChange={(e) => guardar(e.currentTarget.checked)} />
        </Group>
      )}
    </li>
  );
}
