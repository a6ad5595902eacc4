/** How a person signs in: the invitation, the second factor, the devices on which a session is open. */
import { Button, Group, Text } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { Equipo } from '@/comun/Equipo';
import { Pregunta } from '@/comun/Forma';
import { equipoDe } from '@/comun/navegador';
import { Nada, Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { nombreDe, renovarPersonal, type Persona } from './datos';

export function Acceso({ persona }: { persona: Persona }) {
  const { t } = useTranslation('personal');
  const [pregunta, setPregunta] = useState<'segundo' | 'sesiones'>();
  const nombre = nombreDe(persona);
  const path = { id: persona.id };
  const hacer = {
    segundo: () => api.DELETE('/api/v1/usuarios/{id}/segundo-factor', { params: { path } }),
    sesiones: () => api.DELETE('/api/v1/usuarios/{id}/sesiones', { params: { path } }),
  };
  async function invitar() {
    try {
      await api.POST('/api/v1/usuarios/{id}/invitacion', { params: { path } });
      avisar({ tono: 'bien', titulo: t('invitada', { nombre }), detalle: t('invitada_detalle', { correo: persona.correo }) });
    } catch (falla) {
      avisarFalla(falla);
    }
  }
  return (
    <Seccion titulo={t('acceso')}>
      <ul className="lineas">
        {persona.activo && persona.invitacion_pendiente && (
          <li className="local">
            <div>
              {t('no_acepto')}
              <div className="tenue chico">{t('no_acepto_detalle')}</div>
            </div>
            <Button size="compact-sm" variant="light" onClick={() => void invitar()}>
              {t('reenviar')}
            </Button>
          </li>
        )}
        <li className="local">
          <div>
            {t(persona.segundo_factor ? 'segundo_si' : 'segundo_no')}
            <div className="tenue chico">{t(persona.segundo_factor ? 'segundo_si_detalle' : 'segundo_no_detalle')}</div>
          </div>
          {persona.segundo_factor && (
            <Button size="compact-sm" variant="light" onClick={() => setPregunta('segundo')}>
              {t('retirar_segundo')}
            </Button>
          )}
        </li>
      </ul>
      <Sesiones persona={persona} cerrar={() => setPregunta('sesiones')} />
      {pregunta && (
        <Pregunta
          titulo={t(`pregunta.${pregunta}`, { nombre })}
          detalle={t(`pregunta.${pregunta}_detalle`, { nombre: persona.nombres })}
          si={t(`pregunta.${pregunta}_si`)}
          cerrar={() => setPregunta(undefined)}
          hacer={async () => {
            await hacer[pregunta]();
            await renovarPersonal();
            avisar({ tono: 'bien', titulo: t(`pregunta.${pregunta}_hecho`, { nombre }) });
          }}
        />
      )}
    </Seccion>
  );
}

function Sesiones({ persona, cerrar }: { persona: Persona; cerrar: () => void }) {
  const { t } = useTranslation('personal');
  const consulta = $api.useQuery('get', '/api/v1/usuarios/{id}/sesiones', { params: { path: { id: persona.id } } });
  return (
    <>
      <Group justify="space-between" mt="sm" mb={4}>
        <Text size="sm" fw={600}>
          {t('equipos')}
        </Text>
        {(consulta.data?.length ?? 0) > 0 && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={cerrar}>
            {t('cerrar_todas')}
          </Button>
        )}
      </Group>
      <Segun consulta={consulta} vacio={(sesiones) => (sesiones.length === 0 ? <Nada>{t('sin_sesiones')}</Nada> : null)}>
        {(sesiones) => (
          <ul className="lineas">
            {sesiones.map((sesion) => (
              <Sesion key={sesion.id} sesion={sesion} />
            ))}
          </ul>
        )}
      </Segun>
    </>
  );
}

function Sesion({ sesion }: { sesion: Esquemas['Sesion'] }) {
  const { t } = useTranslation('personal');
  const Icono = equipoDe(sesion.dispositivo).movil ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className="local">
      <div>
        <Icono size={16} aria-hidden style={{ verticalAlign: -3 }} /> <Equipo agente={sesion.dispositivo} />
        <div className="tenue chico">
          {t('usada', { cuando: fechaHora(sesion.usada_en, ZONA) })} · {sesion.ip}
        </div>
      </div>
    </li>
  );
}
