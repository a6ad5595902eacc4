/** Every attempt to get in: who, from where, with what, and whether it let them. */
import { Button, Group, Select } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconFilterOff, IconLogin } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { usePersonas } from '@/comun/Quien';
import { deZona, diaCorto, diaEn, hora, sumarDias } from '@/comun/tiempo';
import { Exportar } from './Exportar';
import { esDia, Partes, ZONA } from './Partes';

type Acceso = Esquemas['Acceso'];
type Resultado = Esquemas['Resultado'];

const FILTROS = { quien: '', resultado: '', desde: '', hasta: '' };
const RESULTADOS: Resultado[] = ['ingreso', 'contrasena_incorrecta', 'cuenta_desconocida', 'cuenta_inactiva', 'falta_codigo', 'codigo_incorrecto', 'demasiados_intentos', 'renovacion_reusada', 'clave_rechazada'];
const esResultado = (texto: string): texto is Resultado => (RESULTADOS as string[]).includes(texto);

const pregunta = ({ quien, resultado, desde, hasta }: typeof FILTROS) => ({
  ...(quien ? { usuario_id: quien } : {}),
  ...(esResultado(resultado) ? { resultado } : {}),
  ...(esDia(desde) ? { desde: deZona(`${desde}T00:00`, ZONA) } : {}),
  ...(esDia(hasta) ? { hasta: deZona(`${sumarDias(hasta, 1)}T00:00`, ZONA) } : {}),
});

export default function Ingresos() {
  const { t } = useTranslation('auditoria');
  const [f, cambiar] = useFiltros(FILTROS);
  const consulta = usePaginas('/api/v1/accesos', f, (cursor) => cuerpo(api.GET('/api/v1/accesos', { params: { query: { limite: 50, ...pregunta(f), ...cursor } } })));
  const filtrada = Object.values(f).some(Boolean);
  const dias = new Map<string, Acceso[]>();
  for (const uno of consulta.items) {
    const dia = diaEn(uno.en, ZONA);
    dias.set(dia, [...(dias.get(dia) ?? []), uno]);
  }
  return (
    <Partes detalle={t('ingresos.detalle')} acciones={<Exportar archivo={(formato) => `/api/v1/accesos?${new URLSearchParams({ ...pregunta(f), formato }).toString()}`} />} filtros={<Filtros f={f} cambiar={cambiar} filtrada={filtrada} />}>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={10} alto={46} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconLogin} titulo={t(filtrada ? 'nada_asi' : 'nada')} detalle={filtrada ? t('nada_asi_ayuda') : undefined} />}
      {[...dias].map(([dia, suyos]) => (
        <section key={dia} aria-label={diaCorto(dia)}>
          <h2 className="auditoria-dia num">{diaCorto(dia)}</h2>
          <ul className="panel auditoria-lista">
            {suyos.map((uno) => (
              <Ingreso key={uno.id} acceso={uno} />
            ))}
          </ul>
        </section>
      ))}
      <Mas consulta={consulta} />
    </Partes>
  );
}

function Filtros({ f, cambiar, filtrada }: { f: typeof FILTROS; cambiar: (cambios: Partial<typeof FILTROS>) => void; filtrada: boolean }) {
  const { t } = useTranslation('auditoria');
  const puede = usePuede();
  const personas = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { limite: 200 } } }, { enabled: puede('usuario.ver', 'alguna'), staleTime: 5 * 60_000 });
  const quitar = { clearable: true, searchable: true, size: 'sm', clearButtonProps: { 'aria-label': t('quitar') }, nothingFoundMessage: t('nada_asi') } as const;
  return (
    <>
      <Select {...quitar} aria-label={t('ingresos.resultado')} placeholder={t('ingresos.resultado')} data={RESULTADOS.map((uno) => ({ value: uno, label: t(`ingresos.fue.${uno}`) }))} value={f.resultado || null} onChange={(valor) => cambiar({ resultado: valor ?? '' })} />
      {personas.data && <Select {...quitar} aria-label={t('quien')} placeholder={t('quien')} data={personas.data.items.map((una) => ({ value: una.id, label: `${una.nombres} ${una.apellidos}` }))} value={f.quien || null} onChange={(valor) => cambiar({ quien: valor ?? '' })} />}
      <Group gap={6} wrap="nowrap">
        <CampoFecha w={142} vaciable aria-label={t('desde')} valor={f.desde} maximo={f.hasta || undefined} alCambiar={(desde) => cambiar({ desde })} />
        <span aria-hidden>–</span>
        <CampoFecha w={142} vaciable aria-label={t('hasta')} valor={f.hasta} minimo={f.desde || undefined} alCambiar={(hasta) => cambiar({ hasta })} />
      </Group>
      {filtrada && (
        <Button variant="subtle" size="sm" leftSection={<IconFilterOff size={16} aria-hidden />} onClick={() => cambiar(FILTROS)}>
          {t('sin_filtros')}
        </Button>
      )}
    </>
  );
}

function Ingreso({ acceso }: { acceso: Acceso }) {
  const { t } = useTranslation('auditoria');
  const nombre = usePersonas();
  const bien = acceso.resultado === 'ingreso';
  const quien = nombre(acceso.usuario_id) ?? t(acceso.usuario_id ? 'actor.usuario' : acceso.clave_api_id ? 'actor.clave_api' : 'ingresos.nadie');
  return (
    <li className="auditoria-linea">
      <time className="num tenue" dateTime={acceso.en}>
        {hora(acceso.en, ZONA)}
      </time>
      <div>
        <div className="ingreso-quien">
          <b>{quien}</b>
          <Pastilla tono={bien ? 'bien' : 'aviso'} icono={bien ? IconCircleCheck : IconCircleX}>
            {t(`ingresos.fue.${acceso.resultado}`)}
          </Pastilla>
        </div>
        <div className="tenue chico">{[t(`ingresos.medio.${acceso.medio}`), acceso.ip, acceso.dispositivo].filter(Boolean).join(' · ')}</div>
      </div>
    </li>
  );
}
