import { Alert, Badge, Button, CopyButton, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar } from '@/api/cliente';
import { erroresDeCampos } from '@/api/problema';
import { textoDeFalla } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { useEnvio } from '@/comun/formulario';
import { Qr } from './Qr';
import { Seccion } from './Seccion';

export function SegundoFactor() {
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
            <Activo restantes={estado.codigos_restantes} exigido={estado.exigido} conCodigos={setCodigos} />
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

/** Either needs a code of the app: nobody else may do it at a computer that was left open. */
function Activo({ restantes, exigido, conCodigos }: { restantes: number; exigido: boolean; conCodigos: (codigos: string[]) => void }) {
  const { t } = useTranslation('cuenta');
  const [que, setQue] = useState<'' | 'codigos' | 'desactivar'>('');
  const [codigo, setCodigo] = useState('');
  const { va, falla, enviar, olvidar } = useEnvio();
  const hacer = () =>
    enviar(async () => {
      const body = { codigo: codigo.trim() };
      if (que === 'codigos') conCodigos((await cuerpo(api.POST('/api/v1/cuenta/segundo-factor/codigos', { body }))).codigos);
      else await api.POST('/api/v1/cuenta/segundo-factor/desactivar', { body });
      await renovar('/api/v1/cuenta/segundo-factor', '/api/v1/yo');
    });
  const elegir = (cual: typeof que) => {
    setCodigo('');
    olvidar();
    setQue(cual);
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('segundo.restantes', { count: restantes })}
      </Text>
      {exigido && <Text size="sm">{t('segundo.no_se_quita')}</Text>}
      {que === '' ? (
        <Group gap="xs">
          <Button variant="default" onClick={() => elegir('codigos')}>
            {t('segundo.otros_codigos')}
          </Button>
          {!exigido && (
            <Button variant="default" onClick={() => elegir('desactivar')}>
              {t('segundo.desactivar')}
            </Button>
          )}
        </Group>
      ) : (
        <form
          onSubmit={(evento) => {
            evento.preventDefault();
            void hacer();
          }}
        >
          <Stack gap="xs" maw={420}>
            <TextInput label={t('app:entrada.codigo')} description={que === 'codigos' ? t('segundo.otros_codigos_ayuda') : undefined} inputMode="numeric" autoComplete="one-time-code" autoFocus value={codigo} onChange={(e) => setCodigo(e.currentTarget.value)} error={falla || null} />
            <Group gap="xs">
              <Button variant="default" onClick={() => elegir('')}>
                {t('app:cancelar')}
              </Button>
              <Button type="submit" loading={va} {...(que === 'desactivar' ? { color: 'red' } : {})} disabled={codigo.trim().length < 6}>
                {t(que === 'codigos' ? 'segundo.hacer_codigos' : 'segundo.desactivar')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Stack>
  );
}
