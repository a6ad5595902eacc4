/** One's own account: second factor, PIN, and the computers where the session is open. */
import { Alert, Badge, Button, CopyButton, Group, List, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconDevices, IconPassword, IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, pedir, renovar } from '@/api/cliente';
import { erroresDeCampos } from '@/api/problema';
import { avisar, avisarFalla, textoDeFalla } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { useSesion } from '@/app/sesion';
import { fechaHora } from '@/comun/tiempo';
import { Qr } from './Qr';
import './cuenta.css';

export default function Cuenta() {
  const { t } = useTranslation('cuenta');
  const { yo } = useSesion();
  return (
    <Marco titulo={t('titulo')} detalle={`${yo.nombres} ${yo.apellidos} · ${yo.correo}`}>
      <div className="cuenta">
        <SegundoFactor />
        <Pin />
        <Equipos />
      </div>
    </Marco>
  );
}

function Seccion({ icono, titulo, estado, children }: { icono: React.ReactNode; titulo: string; estado?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className="panel cuenta-seccion">
      <Group justify="space-between">
        <Group gap={10}>
          {icono}
          <Title order={2} size="h5">
            {titulo}
          </Title>
        </Group>
        {estado}
      </Group>
      {children}
    </section>
  );
}

function SegundoFactor() {
  const { t } = useTranslation('cuenta');
  const [{ segundo }] = useFiltros({ segundo: '' });
  const consulta = $api.useQuery('get', '/api/v1/cuenta/segundo-factor');
  const [enrolar, setEnrolar] = useState(segundo === '1');
  const [codigos, setCodigos] = useState<string[] | null>(null);
  return (
    <Segun consulta={consulta} cargando={<div className="panel cuenta-hueco" aria-busy />}>
      {(estado) => (
        <Seccion
          icono={estado.activo ? <IconShieldCheck size={20} /> : <IconShieldOff size={20} />}
          titulo={t('segundo.titulo')}
          estado={
            <Badge color={estado.activo ? 'verde' : 'gray'} variant="light">
              {t(estado.activo ? 'segundo.activo' : 'segundo.inactivo')}
            </Badge>
          }
        >
          {codigos ? (
            <Codigos codigos={codigos} listo={() => setCodigos(null)} />
          ) : estado.activo ? (
            <Desactivar restantes={estado.codigos_restantes} exigido={estado.exigido} />
          ) : enrolar ? (
            <Enrolar
              hecho={(nuevos) => {
                setCodigos(nuevos);
                setEnrolar(false);
                void renovar('/api/v1/cuenta/segundo-factor', '/api/v1/yo');
              }}
            />
          ) : (
            <>
              {estado.exigido && <Alert color="orange" variant="light">{t('segundo.exigido')}</Alert>}
              <Text size="sm" c="dimmed">
                {t('segundo.detalle')}
              </Text>
              <Button className="cuenta-boton" onClick={() => setEnrolar(true)}>
                {t('segundo.activar')}
              </Button>
            </>
          )}
        </Seccion>
      )}
    </Segun>
  );
}

function Enrolar({ hecho }: { hecho: (codigos: string[]) => void }) {
  const { t } = useTranslation('cuenta');
  const [datos, setDatos] = useState<{ secreto: string; uri: string } | null>(null);
  const [contrasena, setContrasena] = useState('');
  const [codigo, setCodigo] = useState('');
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  async function hacer(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    setFalla('');
    try {
      if (datos) hecho((await cuerpo(api.POST('/api/v1/cuenta/segundo-factor/confirmar', { body: { codigo: codigo.trim() } }))).codigos);
      else setDatos(await cuerpo(api.POST('/api/v1/cuenta/segundo-factor', { body: { contrasena } })));
    } catch (error) {
      setFalla(Object.values(erroresDeCampos(error))[0] ?? textoDeFalla(error));
    } finally {
      setVa(false);
    }
  }
  return (
    <form onSubmit={(evento) => void hacer(evento)}>
      <Stack maw={420}>
        {datos ? (
          <>
            <Text size="sm">{t('segundo.escanee')}</Text>
            <Qr texto={datos.uri} etiqueta={t('segundo.qr')} />
            <Text size="sm">
              {t('segundo.a_mano')} <code className="secreto">{datos.secreto}</code>
            </Text>
            <TextInput label={t('app:entrada.codigo')} inputMode="numeric" autoComplete="one-time-code" autoFocus value={codigo} onChange={(e) => setCodigo(e.currentTarget.value)} error={falla || null} />
          </>
        ) : (
          <PasswordInput label={t('segundo.contrasena')} autoComplete="current-password" autoFocus value={contrasena} onChange={(e) => setContrasena(e.currentTarget.value)} error={falla || null} visibilityToggleButtonProps={{ 'aria-label': t('app:entrada.ver') }} />
        )}
        <Button type="submit" className="cuenta-boton" loading={va} disabled={datos ? codigo.trim().length < 6 : !contrasena}>
          {t(datos ? 'segundo.confirmar' : 'segundo.seguir')}
        </Button>
      </Stack>
    </form>
  );
}

function Codigos({ codigos, listo }: { codigos: string[]; listo: () => void }) {
  const { t } = useTranslation('cuenta');
  return (
    <Stack>
      <Alert color="verde" variant="light" title={t('segundo.listo')}>
        {t('segundo.guarde')}
      </Alert>
      <ul className="codigos">
        {codigos.map((codigo) => (
          <li key={codigo}>{codigo}</li>
        ))}
      </ul>
      <Group>
        <CopyButton value={codigos.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'segundo.copiados' : 'segundo.copiar')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={listo}>{t('segundo.los_guarde')}</Button>
      </Group>
    </Stack>
  );
}

function Desactivar({ restantes, exigido }: { restantes: number; exigido: boolean }) {
  const { t } = useTranslation('cuenta');
  const [abierto, setAbierto] = useState(false);
  const [codigo, setCodigo] = useState('');
  const [falla, setFalla] = useState('');
  async function hacer(evento: React.FormEvent) {
    evento.preventDefault();
    try {
      await api.POST('/api/v1/cuenta/segundo-factor/desactivar', { body: { codigo: codigo.trim() } });
      await renovar('/api/v1/cuenta/segundo-factor', '/api/v1/yo');
    } catch (error) {
      setFalla(textoDeFalla(error));
    }
  }
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('segundo.restantes', { count: restantes })}
      </Text>
      {exigido ? (
        <Text size="sm">{t('segundo.no_se_quita')}</Text>
      ) : abierto ? (
        <form onSubmit={(evento) => void hacer(evento)}>
          <Group align="flex-end">
            <TextInput label={t('app:entrada.codigo')} inputMode="numeric" autoFocus value={codigo} onChange={(e) => setCodigo(e.currentTarget.value)} error={falla || null} />
            <Button type="submit" color="red" disabled={codigo.trim().length < 6}>
              {t('segundo.desactivar')}
            </Button>
          </Group>
        </form>
      ) : (
        <Button variant="default" className="cuenta-boton" onClick={() => setAbierto(true)}>
          {t('segundo.desactivar')}
        </Button>
      )}
    </Stack>
  );
}

function Pin() {
  const { t } = useTranslation('cuenta');
  const { yo } = useSesion();
  const [{ pin: pedido }] = useFiltros({ pin: '' });
  const [pin, setPin] = useState('');
  const [contrasena, setContrasena] = useState('');
  const [fallas, setFallas] = useState<Record<string, string>>({});
  const [va, setVa] = useState(false);
  const entrada = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (pedido === '1') entrada.current?.focus();
  }, [pedido]);
  async function hacer(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    setFallas({});
    try {
      await pedir('PUT', '/api/v1/cuenta/pin', { contrasena, pin });
      setPin('');
      setContrasena('');
      // First what the shell goes by: who reads that it is kept may lock at once.
      await renovar('/api/v1/yo');
      avisar({ tono: 'bien', titulo: t('pin.guardado') });
    } catch (error) {
      const campos = erroresDeCampos(error);
      setFallas(Object.keys(campos).length > 0 ? campos : { pin: textoDeFalla(error) });
    } finally {
      setVa(false);
    }
  }
  return (
    <Seccion
      icono={<IconPassword size={20} />}
      titulo={t('pin.titulo')}
      estado={
        <Badge color={yo.tiene_pin ? 'verde' : 'gray'} variant="light">
          {t(yo.tiene_pin ? 'pin.tiene' : 'pin.no_tiene')}
        </Badge>
      }
    >
      <Text size="sm" c="dimmed">
        {t('pin.detalle')}
      </Text>
      <form onSubmit={(evento) => void hacer(evento)}>
        <Stack maw={420}>
          <PasswordInput ref={entrada} label={t('pin.nuevo')} description={t('pin.reglas')} inputMode="numeric" autoComplete="off" maxLength={8} value={pin} onChange={(e) => setPin(e.currentTarget.value.replace(/\D/g, ''))} error={fallas.pin ?? null} visibilityToggleButtonProps={{ 'aria-label': t('app:entrada.ver') }} />
          <PasswordInput label={t('segundo.contrasena')} autoComplete="current-password" value={contrasena} onChange={(e) => setContrasena(e.currentTarget.value)} error={fallas.contrasena ?? null} visibilityToggleButtonProps={{ 'aria-label': t('app:entrada.ver') }} />
          <Button type="submit" className="cuenta-boton" loading={va} disabled={pin.length < 4 || !contrasena}>
            {t('pin.guardar')}
          </Button>
        </Stack>
      </form>
    </Seccion>
  );
}

function Equipos() {
  const { t } = useTranslation('cuenta');
  const { sede } = useSesion();
  const consulta = $api.useQuery('get', '/api/v1/sesiones');
  const zona = sede?.zona_horaria ?? 'America/Lima';
  const cerrar = (id: string) =>
    api.DELETE('/api/v1/sesiones/{id}', { params: { path: { id } } }).then(() => {
      avisar({ tono: 'bien', titulo: t('equipos.cerrada') });
      return renovar('/api/v1/sesiones');
    }, avisarFalla);
  return (
    <Seccion icono={<IconDevices size={20} />} titulo={t('equipos.titulo')}>
      <Segun consulta={consulta} cargando={<div className="cuenta-hueco" aria-busy />}>
        {(sesiones) => (
          <List listStyleType="none" spacing="sm" className="equipos">
            {sesiones.map((una) => (
              <List.Item key={una.id}>
                <Group justify="space-between" wrap="nowrap">
                  <div>
                    <b>{una.dispositivo}</b>
                    <Text size="sm" c="dimmed">
                      {una.ip} · {t('equipos.usada', { cuando: fechaHora(una.usada_en, zona) })}
                    </Text>
                  </div>
                  {una.actual ? (
                    <Badge variant="light">{t('equipos.este')}</Badge>
                  ) : (
                    <Button size="xs" variant="default" onClick={() => void cerrar(una.id)} aria-label={t('equipos.cerrar_este', { dispositivo: una.dispositivo })}>
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
