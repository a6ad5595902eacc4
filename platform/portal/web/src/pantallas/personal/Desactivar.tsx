/** Who leaves: their sessions end, and what somebody else has to take over is named. */
import { Anchor, Button, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { Pregunta } from '@/comun/Forma';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaEn, fechaHora, ZONA } from '@/comun/tiempo';
import { nombreDe, renovarPersonal, useNombreLugar, type Persona } from './datos';

type Pendiente = Esquemas['PorReasignar'];
export function Desactivar({ persona }: { persona: Persona }) {
  const { t } = useTranslation('personal');
  const [pregunta, setPregunta] = useState(false);
  const [pendientes, setPendientes] = useState<Pendiente[]>();
  const nombre = nombreDe(persona);
  const path = { id: persona.id };
  async function activar() {
    try {
      await api.POST('/api/v1/usuarios/{id}/activar', { params: { path } });
      await renovarPersonal();
      avisar({ tono: 'bien', titulo: t('reactivada', { nombre }) });
    } catch (falla) {
      avisarFalla(falla);
    }
  }
  return (
    <Seccion titulo={t(persona.activo ? 'desactivar.titulo' : 'desactivar.titulo_no')}>
      <Text size="sm" c="dimmed" mb="sm">
        {t(persona.activo ? 'desactivar.detalle' : 'desactivar.detalle_no')}
      </Text>
      {persona.activo ? (
        <Button variant="light" color="red.9" onClick={() => setPregunta(true)}>
          {t('desactivar.boton')}
        </Button>
      ) : (
        <Button onClick={() => void activar()}>{t('desactivar.reactivar')}</Button>
      )}
      {pregunta && (
        <Pregunta
          titulo={t('desactivar.pregunta', { nombre })}
          detalle={t('desactivar.pregunta_detalle')}
          si={t('desactivar.boton')}
          cerrar={() => setPregunta(false)}
          hacer={async () => {
            const hecho = await cuerpo(api.POST('/api/v1/usuarios/{id}/desactivar', { params: { path } }));
            await renovarPersonal();
            avisar({ tono: 'bien', titulo: t('desactivar.hecho', { nombre }) });
            setPendientes(hecho?.por_reasignar ?? []);
          }}
        />
      )}
      <Modal opened={pendientes !== undefined && pendientes.length > 0} onClose={() => setPendientes(undefined)} size="lg" title={t('desactivar.reasignar', { nombre })} closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
        <PorReasignar pendientes={pendientes ?? []} medico={persona.id} />
      </Modal>
      {!persona.activo && pendientes?.length === 0 && <Nada>{t('desactivar.nada')}</Nada>}
    </Seccion>
  );
}

function PorReasignar({ pendientes, medico }: { pendientes: Pendiente[]; medico: string }) {
  const { t } = useTranslation('personal');
  const lugar = useNombreLugar();
  const citas = pendientes.filter((uno) => uno.tipo === 'cita');
  const otros = pendientes.filter((uno) => uno.tipo !== 'cita');
  return (
    <>
      <Text size="sm" mb="sm">
        {t('desactivar.reasignar_detalle')}
      </Text>
      <ul className="lineas">
        {otros.map((uno, i) => (
          <li key={i}>
            {uno.tipo === 'plan' && uno.sede_id ? (
              <Anchor component={Enlace} a={`/sedes/${uno.sede_id}/medicos`} size="sm">
                {t('desactivar.plan', { lugar: lugar(uno.sede_id) })}
              </Anchor>
            ) : (
              t(`desactivar.${uno.tipo === 'plan' ? 'plan' : 'clave_api'}`, { lugar: lugar(uno.sede_id) })
            )}
          </li>
        ))}
        {citas.slice(0, 60).map((uno, i) => (
          <li key={uno.id ?? `c${i}`}>
            {uno.desde && uno.sede_id ? (
              <Anchor component={Enlace} a="/agenda" con={{ sede: uno.sede_id, fecha: diaEn(uno.desde, ZONA), medico }} size="sm">
                {fechaHora(uno.desde, ZONA)}
              </Anchor>
            ) : (
              t('desactivar.cita')
            )}{' '}
            <span className="tenue">{t('desactivar.cita_en', { lugar: lugar(uno.sede_id) })}</span>
          </li>
        ))}
        {citas.length > 60 && <li>{t('desactivar.y_mas', { count: citas.length - 60 })}</li>}
      </ul>
    </>
  );
}
