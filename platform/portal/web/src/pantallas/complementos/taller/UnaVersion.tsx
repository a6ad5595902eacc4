/** A version as its reviewer and its publisher see it: what it asks for, what it touches, and what the examination found. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlus, IconSignature } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace, useParametro } from '@/app/direccion';
import { Marco } from '@/app/Marco';
import { Falla, useEnvio } from '@/comun/formulario';
import { nombrar } from '@/comun/nombrar';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { ficha, kib, releerTaller, useEsPlataforma, type Version } from '../datos';
import { Segun } from '../estado';
import { Limites } from '../Limites';
import { Aviso, ComoVersion, Permisos } from '../Partes';
import { ConMotivo } from './ConMotivo';

export default function UnaVersion() {
  const digest = useParametro('digest');
  // An examination takes seconds; whoever uploaded waits for it here.
  const consulta = $api.useQuery('get', '/api/v1/complementos/versiones/{digest}', { params: { path: { digest } } }, { refetchInterval: (q) => (q.state.data?.estado === 'en_examen' ? 1_500 : false), staleTime: 0 });
  return (
    <Segun consulta={consulta}>
      {(version) => <Una version={version} />}
    </Segun>
  );
}

function Una({ version }: { version: Version }) {
  const { t } = useTranslation('complementos');
  const plataforma = useEsPlataforma();
  return (
    <Marco
      titulo={`${version.nombre} ${version.version}`}
      detalle={
        <span className="cmp-pastillas">
          <Enlace a={plataforma ? '/complementos/revision' : '/complementos/taller'} className="cmp-volver">
            {t(plataforma ? 'area.revision' : 'area.taller')}
          </Enlace>
          <span>{version.complemento}</span>
          <ComoVersion estado={version.estado} />
        </span>
      }
      acciones={plataforma ? <Decidir version={version} /> : version.estado === 'aprobada' && <Button component={Enlace} a={ficha(version.complemento)} variant="default">{t('version.en_catalogo')}</Button>}
    >
      <div className="cmp-ficha">
        {version.motivo && (
          <Aviso tono="grave" titulo={t(`version.por_que_${version.estado === 'retirada' ? 'retirada' : 'rechazada'}`)}>
            {version.motivo}
          </Aviso>
        )}
        {version.estado === 'en_examen' && <Aviso tono="nota" titulo={t('version.examinando')}>{t('version.examinando_detalle')}</Aviso>}
        {version.descripcion && <p className="cmp-explica">{version.descripcion}</p>}
        <div className="cmp-dos">
          <div className="cmp-columna">
            <Examen version={version} />
            <Pide version={version} />
          </div>
          <div className="cmp-columna">
            <Datos version={version} />
            <Seccion titulo={t('limites.titulo')}>
              <Limites limites={version.limites} />
            </Seccion>
          </div>
        </div>
      </div>
    </Marco>
  );
}

function Examen({ version }: { version: Version }) {
  const { t } = useTranslation('complementos');
  return (
    <Seccion titulo={t('examen.titulo')}>
      {version.faltas.length > 0 ? (
        <ul className="lineas">
          {version.faltas.map((una) => (
            <li key={una.pointer + una.detail} className="cmp-falta">
              <IconAlertTriangle size={17} aria-hidden />
              <span>
                {una.pointer && <code>{una.pointer}</code>} {una.detail}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="cmp-explica">{t(version.examinada_en ? 'examen.bien' : 'examen.todavia', { ms: version.examen_ms })}</p>
      )}
      {version.hallazgos.length > 0 && (
        <dl className="cmp-datos">
          {version.hallazgos.map((uno) => (
            <div key={uno.parte + uno.detalle}>
              <dt>{nombrar(`complementos:examen.${uno.parte}`, uno.parte)}</dt>
              <dd>{uno.detalle}</dd>
            </div>
          ))}
        </dl>
      )}
      <h3 className="cmp-sub">{t('examen.importa')}</h3>
      {version.importa.length === 0 && <Nada>{t('examen.no_importa')}</Nada>}
      <ul className="lineas">
        {version.importa.map((una) => {
          const parte = una.replace(/^huella:plugin\//, '').replace(/@.*/, '');
          return (
            <li key={una}>
              <code>{una}</code> <span className="tenue chico">{nombrar(`complementos:importa.${parte}`, '')}</span>
            </li>
          );
        })}
      </ul>
    </Seccion>
  );
}

/** Beside the latest signed one: what a reviewer has to look at is what is new. */
function Pide({ version }: { version: Version }) {
  const { t } = useTranslation('complementos');
  const otras = $api.useQuery('get', '/api/v1/complementos/versiones', { params: { query: { complemento: version.complemento, estado: 'aprobada', limite: 5 } } }, { enabled: version.estado === 'en_revision' });
  const anterior = otras.data?.items.find((una) => una.digest !== version.digest);
  const antes = new Set(anterior?.permisos.map((uno) => uno.clave));
  const ahora = new Set(version.permisos.map((uno) => uno.clave));
  const menos = anterior?.permisos.filter((uno) => !ahora.has(uno.clave)) ?? [];
  return (
    <Seccion titulo={t('permiso.titulo')} cuenta={version.permisos.length}>
      {anterior && <p className="tenue chico">{t('version.respecto', { version: anterior.version })}</p>}
      <Permisos permisos={version.permisos} marca={anterior && ((uno) => !antes.has(uno.clave) && <Pastilla tono="aviso" icono={IconPlus}>{t('actualizar.nuevo')}</Pastilla>)} />
      {menos.length > 0 && (
        <>
          <h3 className="cmp-sub">{t('actualizar.sobran')}</h3>
          <Permisos permisos={menos} />
        </>
      )}
    </Seccion>
  );
}

function Datos({ version }: { version: Version }) {
  const { t } = useTranslation('complementos');
  const datos: [string, React.ReactNode][] = [
    ['editor', <Enlace key="e" a={`/complementos/editores/${version.editor}`}>{version.editor}</Enlace>],
    ['mundo', t(`mundo.${version.mundo}`)],
    ['tamano', kib(version.bytes)],
    ['subida_en', fechaHora(version.subida_en, ZONA)],
    ['examinada_en', version.examinada_en && fechaHora(version.examinada_en, ZONA)],
    ['revisada_en', version.revisada_en && fechaHora(version.revisada_en, ZONA)],
    ['firma', version.clave_editor ? <code key="c" className="cmp-rompe">{version.clave_editor}</code> : t('version.sin_firma')],
    ['digest', <code key="d" className="cmp-rompe">{version.digest}</code>],
  ];
  return (
    <Seccion titulo={t('version.datos')}>
      <dl className="cmp-datos">
        {datos.map(
          ([clave, valor]) =>
            valor && (
              <div key={clave}>
                <dt>{t(`version.${clave}`)}</dt>
                <dd>{valor}</dd>
              </div>
            ),
        )}
      </dl>
    </Seccion>
  );
}

/** The platform's word: signed it runs wherever a chain installs it, withdrawn it stops everywhere. */
function Decidir({ version }: { version: Version }) {
  const { t } = useTranslation('complementos');
  const [que, setQue] = useState<'aprobar' | 'rechazar' | 'retirar' | null>(null);
  const { va, falla, enviar } = useEnvio();
  const en = { params: { path: { digest: version.digest } } };
  const aprobar = async () => {
    if (!(await enviar(() => api.POST('/api/v1/complementos/versiones/{digest}/aprobar', en)))) return;
    avisar({ tono: 'bien', titulo: t('hecho.aprobada', { nombre: version.nombre, version: version.version }) });
    setQue(null);
    await releerTaller();
  };
  const restaurar = async () => {
    try {
      await api.POST('/api/v1/complementos/versiones/{digest}/restaurar', en);
      avisar({ tono: 'bien', titulo: t('hecho.restaurada', { nombre: version.nombre, version: version.version }) });
    } catch (error) {
      avisarFalla(error);
    }
    await releerTaller();
  };
  return (
    <Group gap="xs">
      {version.estado === 'en_revision' && (
        <>
          <Button variant="default" onClick={() => setQue('rechazar')}>
            {t('decidir.rechazar')}
          </Button>
          <Button leftSection={<IconSignature size={17} aria-hidden />} onClick={() => setQue('aprobar')}>
            {t('decidir.aprobar')}
          </Button>
        </>
      )}
      {version.estado === 'aprobada' && (
        <Button color="red" onClick={() => setQue('retirar')}>
          {t('decidir.retirar')}
        </Button>
      )}
      {version.estado === 'retirada' && <Button onClick={() => void restaurar()}>{t('decidir.restaurar')}</Button>}
      <Modal opened={que === 'aprobar'} onClose={() => setQue(null)} title={t('decidir.aprobar_pregunta', { nombre: version.nombre, version: version.version })} closeButtonProps={{ 'aria-label': t('cerrar') }}>
        <Stack gap="sm">
          <Text size="sm">{t('decidir.aprobar_detalle', { count: version.permisos.length })}</Text>
          <Falla>{falla}</Falla>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setQue(null)}>
              {t('cancelar')}
            </Button>
            <Button loading={va} onClick={() => void aprobar()}>
              {t('decidir.firmar')}
            </Button>
          </Group>
        </Stack>
      </Modal>
      <ConMotivo abierto={que === 'rechazar'} cerrar={() => setQue(null)} titulo={t('decidir.rechazar_pregunta')} consecuencia={t('decidir.rechazar_detalle')} boton={t('decidir.rechazar')} peligro hacer={(motivo) => api.POST('/api/v1/complementos/versiones/{digest}/rechazar', { ...en, body: { motivo } })} />
      <ConMotivo abierto={que === 'retirar'} cerrar={() => setQue(null)} titulo={t('decidir.retirar_pregunta', { nombre: version.nombre, version: version.version })} consecuencia={t('decidir.retirar_detalle')} boton={t('decidir.retirar')} peligro hacer={(motivo) => api.POST('/api/v1/complementos/versiones/{digest}/retirar', { ...en, body: { motivo } })} />
    </Group>
  );
}
