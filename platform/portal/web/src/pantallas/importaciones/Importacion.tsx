/** One file, step by step: how its columns are read, what would happen, doing it, and undoing it. */
import { Alert, Anchor, Button, Group } from '@mantine/core';
import { IconAlertCircle, IconArrowLeft, IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo } from '@/api/cliente';
import { esProblema } from '@/api/problema';
import { Enlace, useParametro } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Avance } from '@/comun/Avance';
import { Pregunta } from '@/comun/Forma';
import { Falla, useEnvio } from '@/comun/formulario';
import { Columnas } from './Columnas';
import { CORRE, Estado, renovarImportaciones, type Importacion } from './datos';
import { Errores } from './Errores';
import './importaciones.css';

export default function UnaImportacion() {
  const id = useParametro('id');
  const { t } = useTranslation('importaciones');
  const consulta = $api.useQuery('get', '/api/v1/importaciones/{id}', { params: { path: { id } } }, { refetchInterval: (c) => (c.state.data && CORRE.has(c.state.data.estado) ? 700 : false) });
  const campos = $api.useQuery('get', '/api/v1/importaciones/campos', {}, { staleTime: 60 * 60_000 });
  const datos = consulta.data;
  return (
    <Marco
      titulo={datos?.nombre ?? t('una')}
      detalle={
        datos && (
          <Group gap={8}>
            <Estado estado={datos.estado} /> {t(`tipo.${datos.tipo}`)} · {t('filas', { count: datos.filas })}
          </Group>
        )
      }
      acciones={
        <Button component={Enlace} a="/importaciones" variant="default" leftSection={<IconArrowLeft size={17} aria-hidden />}>
          {t('todas')}
        </Button>
      }
    >
      <Segun consulta={consulta}>
        {(importacion) => (
          <div className="importar-pasos">
            <Paso importacion={importacion} />
            {['lista', 'probada', 'fallida'].includes(importacion.estado) && !importacion.archivada && <Segun consulta={campos}>{(todos) => <Columnas key={importacion.version} importacion={importacion} campos={todos.find((uno) => uno.tipo === importacion.tipo)} />}</Segun>}
            {['probada', 'importada'].includes(importacion.estado) && importacion.errores > 0 && <Errores importacion={importacion} />}
          </div>
        )}
      </Segun>
    </Marco>
  );
}

function Paso({ importacion }: { importacion: Importacion }) {
  const { t } = useTranslation('importaciones');
  const { estado } = importacion;
  if (CORRE.has(estado))
    return (
      <section className="panel importar-panel">
        <Avance nombre={t(`corre.${estado}`)} hecho={importacion.hechas} total={importacion.filas} detalle={t('van', { hechas: importacion.hechas, filas: importacion.filas })} />
      </section>
    );
  return (
    <>
      {importacion.error && (
        <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} title={t(estado === 'importada' ? 'no_se_deshizo' : 'fallo')}>
          {importacion.error}
        </Alert>
      )}
      {(estado === 'probada' || estado === 'importada') && <Cuentas importacion={importacion} />}
      {estado === 'deshecha' && (
        <Alert color="gray" variant="light" icon={<IconArrowBackUp size={18} />}>
          {t('deshecha')}
        </Alert>
      )}
    </>
  );
}

type Tocado = { fila: number; entidad: string; registro_id: string; motivo: string };
const FICHAS: Record<string, string> = { mascota: '/pacientes/', tutor: '/tutores/' };

/** What changed since, and so keeps all of it. */
function Tocados({ lista }: { lista: Tocado[] }) {
  const { t } = useTranslation('importaciones');
  return (
    <Alert role="alert" color="orange" variant="light" icon={<IconAlertCircle size={18} />} title={t('no_se_deshizo')}>
      {t('tocados')}
      <ul className="importar-tocados">
        {lista.map((uno) => (
          <li key={uno.fila + uno.registro_id + uno.motivo}>
            {t('errores.fila')} {uno.fila}:{' '}
            {FICHAS[uno.entidad] ? (
              <Anchor component={Enlace} a={`${FICHAS[uno.entidad]}${uno.registro_id}`} fz="inherit" c="inherit" underline="always">
                {uno.entidad}
              </Anchor>
            ) : (
              uno.entidad.replaceAll('_', ' ')
            )}{' '}
            {uno.motivo}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function Cuentas({ importacion }: { importacion: Importacion }) {
  const { t } = useTranslation('importaciones');
  const [pregunta, setPregunta] = useState(false);
  const [tocados, setTocados] = useState<Tocado[]>([]);
  const { va, falla, enviar } = useEnvio();
  const probada = importacion.estado === 'probada';
  const buenas = importacion.nuevas + importacion.actualizadas;
  const importar = () =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/importaciones/{id}/ejecucion', { params: { path: { id: importacion.id } } }));
      await renovarImportaciones();
    });
  return (
    <section className="panel importar-panel" aria-label={t(probada ? 'que_haria' : 'que_hizo')}>
      <dl className="importar-cuentas num">
        {(['nuevas', 'actualizadas', 'omitidas', 'errores'] as const).map((cual) => (
          <div key={cual} data-mal={(cual === 'errores' && importacion.errores > 0) || undefined}>
            <dt>{t(`cuentas.${cual}`)}</dt>
            <dd>{importacion[cual]}</dd>
          </div>
        ))}
      </dl>
      <Falla>{falla}</Falla>
      {tocados.length > 0 && <Tocados lista={tocados} />}
      <Group justify="space-between" mt="xs">
        <span className="tenue chico">{t(probada ? 'nada_escrito' : 'se_puede_deshacer')}</span>
        {probada ? (
          <Button loading={va} disabled={buenas === 0} onClick={importar}>
            {t('importar', { count: buenas })}
          </Button>
        ) : (
          <Button variant="default" leftSection={<IconArrowBackUp size={17} aria-hidden />} onClick={() => setPregunta(true)}>
            {t('deshacer')}
          </Button>
        )}
      </Group>
      {pregunta && (
        <Pregunta
          titulo={t('deshacer_titulo')}
          detalle={t('deshacer_detalle', { count: importacion.nuevas })}
          si={t('deshacer')}
          cerrar={() => setPregunta(false)}
          hacer={async () => {
            await cuerpo(api.DELETE('/api/v1/importaciones/{id}', { params: { path: { id: importacion.id } } })).catch((error: unknown) => {
              if (!esProblema(error, 'importacion-tocada')) throw error;
              setTocados(error.extra<Tocado[]>('tocados') ?? []);
            });
            await renovarImportaciones();
          }}
        />
      )}
    </section>
  );
}
