/** One's own account: password, second factor, PIN, and the computers where the session is open. */
import { Badge, Button, Group, List, Text } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, api, renovar } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { useSesion } from '@/app/sesion';
import { Equipo, useNombreDeEquipo } from '@/comun/Equipo';
import { Exportar } from '@/comun/Exportar';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Contrasena } from './Contrasena';
import { Pin } from './Pin';
import { Seccion } from './Seccion';
import { SegundoFactor } from './SegundoFactor';
import './cuenta.css';

export default function Cuenta() {
  const { t } = useTranslation('cuenta');
  const { yo } = useSesion();
  return (
    <Marco titulo={t('titulo')} detalle={`${yo.nombres} ${yo.apellidos} · ${yo.correo}`}>
      <div className="cuenta">
        <SegundoFactor />
        <Pin />
        <Contrasena />
        <Equipos />
      </div>
    </Marco>
  );
}

function Equipos() {
  const { t } = useTranslation('cuenta');
  const { sede } = useSesion();
  const nombre = useNombreDeEquipo();
  const consulta = $api.useQuery('get', '/api/v1/sesiones');
  const zona = sede?.zona_horaria ?? ZONA;
  const cerrar = (id: string) =>
    api.DELETE('/api/v1/sesiones/{id}', { params: { path: { id } } }).then(() => {
      avisar({ tono: 'bien', titulo: t('equipos.cerrada') });
      return renovar('/api/v1/sesiones');
    }, avisarFalla);
  return (
    <Seccion icono={<IconDevices size={20} />} titulo={t('equipos.titulo')} estado={<Exportar chico icono nombre={t('equipos.titulo')} de="/api/v1/sesiones" />}>
      <Segun consulta={consulta} cargando={<div className="cuenta-hueco" aria-busy />}>
        {(sesiones) => (
          <List listStyleType="none" spacing="sm" className="equipos">
            {sesiones.map((una) => (
              <List.Item key={una.id}>
                <Group justify="space-between" wrap="nowrap">
                  <div>
                    <b>
                      <Equipo agente={una.dispositivo} />
                    </b>
                    <Text size="sm" c="dimmed">
                      {una.ip} · {t('equipos.usada', { cuando: fechaHora(una.usada_en, zona) })}
                    </Text>
                  </div>
                  {una.actual ? (
                    <Badge variant="light">{t('equipos.este')}</Badge>
                  ) : (
                    <Button size="xs" variant="default" onClick={() => void cerrar(una.id)} aria-label={t('equipos.cerrar_este', { dispositivo: nombre(una.dispositivo) })}>
                      {t('equipos.cerrar')}
                    </Button>
                  )}
                </Group>
              </List.Item>
            ))}
          </List>
        )}
      </Segun>
    </Seccion>
  );
}
